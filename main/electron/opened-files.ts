/**
 * Files from outside: the command line, "Open with", a drop on the dock's icon, a second start. They may come before the
 * library is open, and wait until somebody takes them.
 */
import { app } from 'electron'

/** What a second start hands over: Chromium reorders the arguments of a second start, this it leaves alone. */
interface Handed {
  readonly paths?: unknown
}

export class OpenedFiles {
  private waiting: string[]
  private take: ((paths: string[]) => void) | undefined

  /** `given`: on the command line. */
  constructor(given: readonly string[]) {
    this.waiting = [...given]
    // On macOS files come as events, the first ones before the app is ready.
    app.on('open-file', (event, path) => {
      event.preventDefault()
      this.add([path])
    })
    app.on('second-instance', (_event, _args, _folder, handed) => {
      const paths = (handed as Handed | null)?.paths
      this.add(Array.isArray(paths) ? paths.filter(path => typeof path === 'string') : [])
    })
  }

  /** For the start that finds another one running. */
  get toHandOver(): { paths: string[] } {
    return { paths: [...this.waiting] }
  }

  /** From now on `take` gets them; an empty list says that a start without files wants to see the window. */
  passTo(take: (paths: string[]) => void): void {
    this.take = take
    if (this.waiting.length > 0) take(this.waiting)
    this.waiting = []
  }

  private add(paths: string[]): void {
    if (this.take) this.take(paths)
    else this.waiting.push(...paths)
  }
}

/** For the system's own list; Linux has none. A dropped folder of a thousand files would wash it out. */
export function noteRecent(paths: readonly string[]): void {
  if (process.platform !== 'linux' && paths.length <= 10)
    for (const path of paths) app.addRecentDocument(path)
}
