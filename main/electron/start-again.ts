/** The same program once more, when this one has ended. */
import { app } from 'electron'
import { spawn } from 'node:child_process'

/**
 * Quits in order and starts anew. An AppImage is mounted as long as its process lives: Electron's own helper, which waits for
 * the end of this process and lies in that mount, would vanish with it. So the AppImage's file is started, as the last
 * thing that this process does.
 */
export function startAgain(args: readonly string[]): void {
  const file = process.env['APPIMAGE']
  if (file === undefined) app.relaunch({ args: [...args] })
  else
    app.once('quit', () => {
      app.releaseSingleInstanceLock()
      spawn(file, args, { detached: true, stdio: 'ignore' })
        .once('error', () => undefined)
        .unref()
    })
  app.quit()
}
