/** Whatever a page might try to become or to reach, it stays our page and reaches our scheme only. */
import { app, type Session, type WebContents } from 'electron'
import { origin } from './before-ready'

const allowed: readonly string[] = ['clipboard-sanitized-write', 'notifications']
/** Our scheme, what our page made itself to be saved as a file, and the developer tools' own pages. */
const inside = [`${origin}/`, `blob:${origin}/`, 'devtools://']

/** Returns how many requests wanted to go elsewhere and were cancelled. */
export function lockDown(session: Session): () => number {
  let cancelled = 0
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', event => event.preventDefault())
    contents.on('will-redirect', event => event.preventDefault())
    contents.on('will-attach-webview', event => event.preventDefault())
  })
  session.setPermissionRequestHandler((contents, permission, grant) =>
    grant(allowed.includes(permission) && isOurs(contents?.getURL()))
  )
  session.setPermissionCheckHandler(
    (_contents: WebContents | null, permission, asking) => allowed.includes(permission) && isOurs(asking)
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, done) => {
    const cancel = !inside.some(beginning => url.startsWith(beginning))
    if (cancel) cancelled++
    done({ cancel })
  })
  // Dictionaries would be downloaded: switching it off alone comes too late for the one of the system's language, which
  // Chromium begins to fetch as soon as the session is touched. Without languages, in the same turn, it fetches none.
  session.setSpellCheckerLanguages([])
  session.setSpellCheckerDictionaryDownloadURL(`${origin}/none/`)
  session.setSpellCheckerEnabled(false)
  return () => cancelled
}

/** An origin may come with or without the slash behind it. */
const isOurs = (url = ''): boolean => url === origin || url.startsWith(`${origin}/`)
