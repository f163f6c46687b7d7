/** The one window. */
import { BrowserWindow, nativeTheme } from 'electron'
import { origin } from './before-ready'

/** `--paper` of renderer/ui/style.css: what is seen before the page is, and beside it while the window grows. */
const paper = { light: '#faf8f5', dark: '#17191c' }

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
  showSoon(window)
  void window.loadURL(`${origin}/`)
  return window
}

/** Longest that a window stays hidden, ms: the page is there in half a second. */
const longestHidden = 2000

/**
 * At whichever comes first. On Wayland `ready-to-show` may come only behind `show` (electron/electron#48859), and a page that
 * hangs finishes no loading. The window has the page's colour from the beginning, so that nothing flashes.
 */
function showSoon(window: BrowserWindow): void {
  let shown = false
  const show = (): void => {
    clearTimeout(late)
    if (!shown && !window.isDestroyed()) window.show()
    shown = true
  }
  const late = setTimeout(show, longestHidden)
  window.once('ready-to-show', show)
  window.webContents.once('did-finish-load', show)
  window.once('closed', () => clearTimeout(late))
}

/** Calls when the page was drawn: frames come one behind the other only while the GPU process takes them. */
export function whenDrawn(window: BrowserWindow, drawn: () => void): void {
  const frames =
    'new Promise(done => { let n = 3; requestAnimationFrame(function next() { n-- ? requestAnimationFrame(next) : done() }) })'
  window.webContents.once('did-finish-load', () => {
    // Rejects when the page ends meanwhile, which is told elsewhere.
    window.webContents.executeJavaScript(frames).then(drawn, () => undefined)
  })
}

export const theWindow = (): BrowserWindow | undefined => BrowserWindow.getAllWindows()[0]

export function bringToFront(window: BrowserWindow): void {
  if (window.isMinimized()) window.restore()
  window.show()
  window.focus()
}
