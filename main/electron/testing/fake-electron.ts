/**
 * A stand-in for the module `electron`, main process and preload in one, typed by electron.d.ts. What a page sends crosses
 * as structured clones, as in Electron. Electron itself is not run: what Chromium does with all this is not proved here.
 */
import type * as Electron from 'electron'
import { EventEmitter } from 'node:events'
import type { Bridge } from '../../../contract/host'
import { app } from './fake-app'
import { utilities, utilityProcess } from './fake-utility'
import { FakeWindow, renderer } from './fake-window'

export { app, utilities, utilityProcess }
export const BrowserWindow = FakeWindow
export type { FakeWindow }

type Handler = Parameters<Electron.IpcMain['handle']>[1]
const handlers = new Map<string, Handler>()
export const ipcMain = {
  handle: (channel, handler) => void handlers.set(channel, handler),
  removeHandler: channel => void handlers.delete(channel)
} satisfies Pick<Electron.IpcMain, 'handle' | 'removeHandler'>

/** The frame that the next calls come from. */
type Frame = Pick<Electron.WebFrameMain, 'url' | 'parent'>
export const ourFrame: Frame = { url: 'app://readonce/', parent: null }

/** An IPC call as it arrives in main, from any frame. */
export async function invokeFrom(frame: Frame | null, channel: string, ...args: unknown[]): Promise<unknown> {
  const handler = handlers.get(channel)
  if (!handler) throw new Error(`No handler registered for '${channel}'`)
  const sender = { senderFrame: frame } as Electron.IpcMainInvokeEvent
  return structuredClone(await handler(sender, ...structuredClone(args)))
}

export const ipcRenderer = {
  invoke: async (channel: string, ...args: unknown[]): Promise<unknown> =>
    invokeFrom(ourFrame, channel, ...args).catch((error: unknown) => {
      throw new Error(`Error invoking remote method '${channel}': ${String(error)}`)
    }),
  on: (channel: string, listener: (...args: unknown[]) => void) => renderer.on(channel, listener),
  off: (channel: string, listener: (...args: unknown[]) => void) => renderer.off(channel, listener)
} satisfies Record<'invoke' | 'on' | 'off', unknown> & Partial<Record<keyof Electron.IpcRenderer, unknown>>
export const listenersOn = (channel: string): number => renderer.listenerCount(channel)

const exposed = new Map<string, unknown>()
export const contextBridge = {
  exposeInMainWorld: (name, value) => void exposed.set(name, value)
} satisfies Pick<Electron.ContextBridge, 'exposeInMainWorld'>
export const exposedNames = (): string[] => [...exposed.keys()]
/** What the page finds as `window.readonce`. */
export const bridge = (): Bridge => exposed.get('readonce') as Bridge

const filePaths = new WeakMap<File, string>()
export const webUtils = {
  // As in Electron: what the page made itself has no path.
  getPathForFile: file => filePaths.get(file) ?? ''
} satisfies Pick<Electron.WebUtils, 'getPathForFile'>
/** A file as a drop brings it. */
export function droppedFile(path: string): File {
  const file = new File([], path)
  filePaths.set(file, path)
  return file
}

export const schemes: Electron.CustomScheme[] = []
/** Schemes registered after the app was ready would be ignored. */
export const schemesInTime = { is: true }
const served = new Map<string, (request: Request) => Response | Promise<Response>>()
export const protocol = {
  registerSchemesAsPrivileged: list => {
    schemesInTime.is &&= !app.ready
    schemes.push(...list)
  },
  handle: (scheme, handler) => void served.set(scheme, handler as (request: Request) => Promise<Response>)
} satisfies Pick<Electron.Protocol, 'registerSchemesAsPrivileged' | 'handle'>

/** Electron reads a Blob into one vector and copies it; from 2 GiB on that ends the program. Here, from less on. */
const largestBlob = 16 << 20

/** A request of the page that reached the scheme's handler: without a length, a Blob's body as one chunk. */
export async function request(address: string, init: RequestInit = {}): Promise<Response> {
  let { body } = init
  if (body instanceof Blob) {
    // Its reader waits for a pipe that closes.
    if (body.size === 0) throw new Error('Could not get blob data')
    if (body.size > largestBlob) throw new Error(`killed: a body of ${body.size} bytes in one piece`)
    const whole = new Uint8Array(await body.arrayBuffer())
    body = new ReadableStream({
      start(controller) {
        controller.enqueue(whole)
        controller.close()
      }
    })
  }
  const asked = new Request(address, { ...init, body, duplex: 'half' } as RequestInit)
  return served.get(new URL(address).protocol.slice(0, -1))!(asked)
}

type Guards = {
  request?: Parameters<Electron.Session['setPermissionRequestHandler']>[0]
  check?: Parameters<Electron.Session['setPermissionCheckHandler']>[0]
  device?: Parameters<Electron.Session['setDevicePermissionHandler']>[0]
  before?: (
    details: Electron.OnBeforeRequestListenerDetails,
    done: (response: Electron.CallbackResponse) => void
  ) => void
  spelling?: boolean
}
export const guards: Guards = {}

/** As electron_api_session.cc does it: whoever touches the session first makes it fetch a dictionary of each language. */
export const spelling = {
  languages: ['en-GB'],
  from: 'https://redirector.gvt1.com/edgedl/chrome/dict/',
  touched: false
}
function touch(): void {
  if (spelling.touched) return
  spelling.touched = true
  setImmediate(() => {
    for (const language of spelling.languages) isCancelled(`${spelling.from}${language}.bdic`)
  })
}

const defaultSession = {
  setPermissionRequestHandler: handler => void (guards.request = handler),
  setPermissionCheckHandler: handler => void (guards.check = handler),
  setDevicePermissionHandler: handler => void (guards.device = handler),
  setSpellCheckerEnabled: enabled => void (guards.spelling = enabled),
  setSpellCheckerLanguages: languages => void (spelling.languages = [...languages]),
  setSpellCheckerDictionaryDownloadURL: url => void (spelling.from = url),
  webRequest: { onBeforeRequest: (listener: Guards['before']) => void (guards.before = listener) }
} satisfies Pick<
  Electron.Session,
  | 'setPermissionRequestHandler'
  | 'setPermissionCheckHandler'
  | 'setDevicePermissionHandler'
  | 'setSpellCheckerEnabled'
  | 'setSpellCheckerLanguages'
  | 'setSpellCheckerDictionaryDownloadURL'
> & { webRequest: unknown }
export const session = {
  get defaultSession() {
    touch()
    return defaultSession
  }
}
/** Whether the session would cancel a request. */
export function isCancelled(url: string): boolean {
  let answer: Electron.CallbackResponse = {}
  guards.before!({ url } as Electron.OnBeforeRequestListenerDetails, response => (answer = response))
  return answer.cancel === true
}

class FakeTheme
  extends EventEmitter
  implements Pick<Electron.NativeTheme, 'themeSource' | 'shouldUseDarkColors'>
{
  systemDark = false
  private source: Electron.NativeTheme['themeSource'] = 'system'
  get themeSource(): Electron.NativeTheme['themeSource'] {
    return this.source
  }
  set themeSource(source) {
    this.source = source
    this.emit('updated')
  }
  get shouldUseDarkColors(): boolean {
    return this.source === 'system' ? this.systemDark : this.source === 'dark'
  }
}
export const nativeTheme = new FakeTheme()

type Item = Electron.MenuItemConstructorOptions
export const menus: { application: Item[]; popups: Item[][] } = { application: [], popups: [] }
export const Menu = {
  buildFromTemplate: (template: Item[]) => ({ template, popup: () => void menus.popups.push(template) }),
  setApplicationMenu: (menu: { template: Item[] } | null) => void (menus.application = menu?.template ?? [])
} satisfies Partial<Record<keyof typeof Electron.Menu, unknown>>
/** All items of a menu, those of its submenus too. */
export const itemsOf = (menu: readonly Item[]): Item[] =>
  menu.flatMap(item => [item, ...(Array.isArray(item.submenu) ? itemsOf(item.submenu) : [])])
/** As a person would choose it. */
export const choose = (label: string): void =>
  itemsOf(menus.application).find(item => item.label === label)!.click!({} as never, undefined, {} as never)

/** What was asked in dialogs; answers lie ready, the first for the next question. */
export const dialogs: {
  asked: Electron.MessageBoxOptions[]
  answers: number[]
  folder: string | undefined
  errors: string[]
} = { asked: [], answers: [], folder: undefined, errors: [] }
export const dialog = {
  showMessageBox: async (_window: unknown, options: Electron.MessageBoxOptions) => {
    dialogs.asked.push(options)
    return { response: dialogs.answers.shift() ?? -1, checkboxChecked: false }
  },
  showErrorBox: (title: string, content: string) => void dialogs.errors.push(`${title}: ${content}`),
  showOpenDialog: async () => ({
    canceled: dialogs.folder === undefined,
    filePaths: dialogs.folder === undefined ? [] : [dialogs.folder]
  })
} satisfies Partial<Record<keyof Electron.Dialog, unknown>>

export const awake = new Map<number, string>()
export const powerSaveBlocker = {
  start: type => {
    awake.set(awake.size + 1, type)
    return awake.size
  },
  stop: id => awake.delete(id)
} satisfies Pick<Electron.PowerSaveBlocker, 'start' | 'stop'>

export class Notification extends EventEmitter implements Pick<Electron.Notification, 'show'> {
  static shown: Notification[] = []
  static isSupported = (): boolean => true
  constructor(readonly options: Electron.NotificationConstructorOptions) {
    super()
  }
  show = (): void => void Notification.shown.push(this)
}
