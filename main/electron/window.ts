/** The one window. */
import { BrowserWindow, nativeTheme } from 'electron'
import { origin } from './before-ready'

/** `--paper` of renderer/ui/style.css: what is seen before the page is, and beside it while the window grows. */
export const paper = { light: '#faf8f5', dark: '#17191c' }

export const paperNow = (): string => paper[nativeTheme.shouldUseDarkColors ? 'dark' : 'light']

export function openWindow(preload: string): BrowserWindow {
  const window = new BrowserWindow({
    // Electron keeps place, size and display mode under the name, and brings them back onto a display that is there.
    name: 'readonce',
    windowStatePersistence: true,
    width: 1280,
    height: 860,
    minWidth: 360,
    minHeight: 400,
    show: false,
    autoHideMenuBar: true,
    backgroundColor: paperNow(),
    webPreferences: {
      preload,
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webSecurity: true,
      webviewTag: false,
      spellcheck: false,
      // Reading goes on while the window is covered.
      backgroundThrottling: false
    }
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${origin}/`)
  return window
}

export const theWindow = (): BrowserWindow | undefined => BrowserWindow.getAllWindows()[0]

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
