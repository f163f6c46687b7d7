/** Quitting waits until what was read is closed on disk, but not for ever. */
import { app } from 'electron'

/** Closing takes milliseconds; a disk that does not answer must not keep the program. */
const most = 5000

export function closeBeforeQuit(close: () => Promise<void>): void {
  let state: 'open' | 'closing' | 'closed' = 'open'
  app.on('will-quit', event => {
    if (state === 'closed') return
    event.preventDefault()
    if (state === 'closing') return
    state = 'closing'
    const late = new Promise<void>(resolve => setTimeout(resolve, most).unref())
    void Promise.race([close().catch(() => undefined), late]).then(() => {
      state = 'closed'
      app.quit()
    })
  })
}
