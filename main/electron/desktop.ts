/** What a desktop can do beyond a page: dialogs, progress in the taskbar, keeping awake, notifications. */
import { app, dialog, Notification, powerSaveBlocker } from 'electron'
import type { Desktop } from '../host/desktop'
import { bringToFront, theWindow } from './window'

export function makeDesktop(
  requestsCancelled: () => number,
  graphics: NonNullable<Desktop['graphics']>
): Required<Desktop> {
  let blocker: number | undefined
  /** A notification that nobody holds is collected, and its click with it. */
  let shown: Notification | undefined

  return {
    async chooseFolder() {
      const window = theWindow()
      const properties = ['openDirectory' as const, 'createDirectory' as const]
      const { canceled, filePaths } = await (window
        ? dialog.showOpenDialog(window, { properties })
        : dialog.showOpenDialog({ properties }))
      return canceled ? null : (filePaths[0] ?? null)
    },
    showReading(progress, keepAwake) {
      // Below 0 the bar is taken away.
      theWindow()?.setProgressBar(progress === null ? -1 : Math.min(1, Math.max(0, progress)))
      const awake = progress !== null && keepAwake
      if (awake) blocker ??= powerSaveBlocker.start('prevent-app-suspension')
      else if (blocker !== undefined) {
        powerSaveBlocker.stop(blocker)
        blocker = undefined
      }
    },
    notify(title, body) {
      const window = theWindow()
      // Who looks at the window sees it there.
      if (window?.isFocused() || !Notification.isSupported()) return
      shown = new Notification({ title, body })
      shown.on('click', () => window && !window.isDestroyed() && bringToFront(window))
      shown.show()
    },
    lines: () => [
      ...app
        .getAppMetrics()
        .map(({ type, name, memory }): [string, string] => [
          `Memory: ${name ?? type}`,
          `${Math.round(memory.workingSetSize / 1024)} MB`
        ]),
      ['Graphics', graphics.now],
      // An AppImage starts without it where the system lets nobody make one, and says so nowhere else.
      ['Sandbox', app.commandLine.hasSwitch('no-sandbox') ? 'off (--no-sandbox)' : 'on']
    ],
    requestsCancelled,
    graphics
  }
}
