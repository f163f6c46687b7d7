import 'react'

/** A picker of folders, which React's types do not know. */
declare module 'react' {
  // eslint-disable-next-line @typescript-eslint/no-unused-vars -- declarations that are merged have the same parameters.
  interface InputHTMLAttributes<T> {
    webkitdirectory?: '' | undefined
  }
}
