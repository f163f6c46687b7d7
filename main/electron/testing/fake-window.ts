/** Windows of the fake and what is in them. What main sends to a page arrives at the preload's `ipcRenderer`. */
import type * as Electron from 'electron'
import { EventEmitter } from 'node:events'
import { app, event } from './fake-app'

/** The preload's side of IPC. */
export const renderer = new EventEmitter()

type UsedContents =
  | 'executeJavaScript'
  | 'forcefullyCrashRenderer'
  | 'getURL'
  | 'isDestroyed'
  | 'reload'
  | 'send'
  | 'setWindowOpenHandler'

export class FakeContents extends EventEmitter implements Pick<Electron.WebContents, UsedContents> {
  url = ''
  destroyed = false
  reloads = 0
  crashes = 0
  openHandler: ((details: Electron.HandlerDetails) => Electron.WindowOpenHandlerResponse) | undefined

  /** Frames come, as `requestAnimationFrame` of the page tells; they do not while the GPU process hangs or ends. */
  draws = FakeWindow.manners.draws

  getURL = (): string => this.url
  executeJavaScript = (code: string): Promise<unknown> =>
    code.includes('requestAnimationFrame') && !this.draws ? new Promise(() => undefined) : Promise.resolve()
  isDestroyed = (): boolean => this.destroyed
  reload = (): void => void this.reloads++
  forcefullyCrashRenderer = (): void => {
    this.crashes++
    this.emit('render-process-gone', {}, { reason: 'killed', exitCode: 1 })
  }
  send = (channel: string, ...args: unknown[]): void => {
    if (this.destroyed) throw new Error('Object has been destroyed')
    renderer.emit(channel, {}, ...structuredClone(args))
  }
  setWindowOpenHandler(handler: NonNullable<typeof this.openHandler>): void {
    this.openHandler = handler
  }
}

type UsedWindow =
  | 'close'
  | 'focus'
  | 'isDestroyed'
  | 'isFocused'
  | 'isMinimized'
  | 'loadURL'
  | 'restore'
  | 'setBackgroundColor'
  | 'setProgressBar'
  | 'show'

export class FakeWindow extends EventEmitter implements Pick<Electron.BrowserWindow, UsedWindow> {
  static all: FakeWindow[] = []
  static getAllWindows = (): FakeWindow[] => FakeWindow.all
  /** What happens by itself while a window opens, and on some desktops does not. */
  static manners = { readyToShow: true, finishesLoading: true, draws: true }

  readonly contents = new FakeContents()
  // What the program uses of it is there; the rest of Electron's class is not.
  readonly webContents = this.contents as unknown as Electron.WebContents
  visible = false
  focused = false
  minimized = false
  progress = -1
  background: string

  constructor(readonly options: Electron.BrowserWindowConstructorOptions) {
    super()
    this.background = options.backgroundColor ?? ''
    this.visible = options.show !== false
    FakeWindow.all.push(this)
    app.emit('web-contents-created', {}, this.contents)
  }
  loadURL = async (url: string): Promise<void> => {
    this.contents.url = url
    await Promise.resolve()
    // On Wayland it may come only when the window is shown (electron/electron#48859).
    if (FakeWindow.manners.readyToShow) this.emit('ready-to-show')
    if (FakeWindow.manners.finishesLoading) this.contents.emit('did-finish-load')
  }
  show = (): void => void (this.visible = true)
  focus = (): void => void (this.focused = true)
  isFocused = (): boolean => this.focused
  isMinimized = (): boolean => this.minimized
  restore = (): void => void (this.minimized = false)
  isDestroyed = (): boolean => this.contents.destroyed
  setProgressBar = (progress: number): void => void (this.progress = progress)
  setBackgroundColor = (colour: string): void => void (this.background = colour)

  /** As by its cross. */
  close(): void {
    const closing = event()
    this.emit('close', closing)
    if (closing.defaultPrevented) return
    this.contents.destroyed = true
    FakeWindow.all = FakeWindow.all.filter(window => window !== this)
    this.emit('closed')
    if (FakeWindow.all.length === 0 && app.exitCode === undefined) app.emit('window-all-closed')
  }
}
app.closeWindows = () => {
  for (const window of FakeWindow.all) {
    const closing = event()
    window.emit('close', closing)
    if (closing.defaultPrevented) return false
    window.contents.destroyed = true
    window.emit('closed')
    FakeWindow.all = FakeWindow.all.filter(each => each !== window)
  }
  return true
}
