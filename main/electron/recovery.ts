/**
 * When a process of Chromium's ends or hangs. The page is loaded again at once, since all that was read is on disk; only
 * when it happens again within a minute is a person asked. A lost GPU is first the page's matter (a named state with a button).
 */
import { app, type BrowserWindow, dialog } from 'electron'
import type { Words } from './words'

const soon = 60_000

/** Into the log, for Diagnostics. */
type Note = (what: string, error: unknown) => void

export function recoverPage(window: BrowserWindow, words: () => Words, note: Note): void {
  const twice = seenTwice()
  window.webContents.on('render-process-gone', (_event, { reason }) => {
    if (reason === 'clean-exit') return
    note('The process of the page ended', new Error(reason))
    if (twice()) void askThenReload(window, words(), `${words().pageEnded} (${reason})`)
    else window.webContents.reload()
  })
  window.on('unresponsive', () => {
    void ask(window, words().unresponsive, [words().wait, words().reload]).then(chosen => {
      // The page hangs and would not follow a plain reload.
      if (chosen === 1 && !window.isDestroyed()) window.webContents.forcefullyCrashRenderer()
    })
  })
}

async function askThenReload(window: BrowserWindow, words: Words, message: string): Promise<void> {
  const chosen = await ask(window, message, [words.reload, words.quit])
  if (chosen === 1) app.quit()
  else if (!window.isDestroyed()) window.webContents.reload()
}

/** Two ends of the GPU process within a minute: offers the software adapter, which cannot be lost. */
export function recoverGpu(
  window: () => BrowserWindow | undefined,
  words: () => Words,
  note: Note,
  withoutGpu: () => void
): void {
  const twice = seenTwice()
  app.on('child-process-gone', (_event, { type, reason }) => {
    if (type !== 'GPU' || reason === 'clean-exit') return
    note('The process of the GPU ended', new Error(reason))
    if (app.commandLine.hasSwitch('use-webgpu-adapter')) return
    const open = window()
    if (!twice() || !open) return
    void ask(open, words().gpuEnded, [words().withoutGpu, words().goOn]).then(chosen => {
      if (chosen === 0) withoutGpu()
    })
  })
}

async function ask(window: BrowserWindow, message: string, buttons: string[]): Promise<number> {
  if (window.isDestroyed()) return -1
  return (await dialog.showMessageBox(window, { type: 'warning', message, buttons, defaultId: 0 })).response
}

/** True from the second time on, when the time before was less than a minute ago. */
function seenTwice(): () => boolean {
  let last = -Infinity
  return () => {
    const before = last
    last = Date.now()
    return last - before < soon
  }
}
