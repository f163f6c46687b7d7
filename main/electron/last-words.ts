/** A window closes once its page has written what it knew: the last words of a conversation. */
import { app, type BrowserWindow } from 'electron'

let quitting = false
app.on('before-quit', () => (quitting = true))

/** `hear` resolves when the page has done, and not too late. */
export function hearLastWords(window: BrowserWindow, hear: () => Promise<void>): void {
  let state: 'open' | 'hearing' | 'heard' = 'open'
  window.on('close', event => {
    if (state === 'heard') return
    // On quitting, this keeps the program for now: it is told to quit again.
    event.preventDefault()
    if (state === 'hearing') return
    state = 'hearing'
    void hear().finally(() => {
      state = 'heard'
      if (quitting) app.quit()
      else if (!window.isDestroyed()) window.close()
    })
  })
}
