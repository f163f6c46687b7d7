/**
 * The Electron host against a fake `electron`, typed by electron.d.ts: what it registers is taken out and used.
 * Electron itself is not run here.
 */
import type * as Electron from 'electron'
import { readFileSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { callNames, eventNames, type Bridge } from '../contract/host'

const fake = vi.hoisted(() => {
  type Listener = (...args: never[]) => unknown
  const listeners = new Map<string, Listener>()
  return {
    listeners,
    schemes: [] as Electron.CustomScheme[],
    switches: new Map<string, string | undefined>(),
    handlers: new Map<string, (request: Request) => Promise<Response>>(),
    calls: new Map<string, (event: Electron.IpcMainInvokeEvent, ...args: unknown[]) => unknown>(),
    windows: [] as Electron.BrowserWindowConstructorOptions[],
    loaded: [] as string[],
    exposed: new Map<string, unknown>(),
    invoked: [] as unknown[][],
    session: {} as Record<string, (...args: never[]) => unknown>,
    sandboxed: false,
    focused: 0,
    quits: 0
  }
})

vi.mock('electron', () => {
  type Main = typeof Electron
  const noted = (name: string) => (event: string, listener: (...args: never[]) => unknown) => {
    fake.listeners.set(`${name} ${event}`, listener)
  }
  class FakeWindow {
    static all: FakeWindow[] = []
    static getAllWindows = () => FakeWindow.all
    webContents = { isDestroyed: () => false, send: () => undefined }
    constructor(options: Electron.BrowserWindowConstructorOptions) {
      fake.windows.push(options)
      FakeWindow.all.push(this)
    }
    once = noted('window')
    loadURL = async (url: string) => void fake.loaded.push(url)
    isMinimized = () => false
    focus = () => void fake.focused++
  }
  const app = {
    // What is packed finds its assets in resourcesPath, whatever folder the program lies in.
    isPackaged: true,
    commandLine: { appendSwitch: (name: string, value?: string) => void fake.switches.set(name, value) },
    enableSandbox: () => void (fake.sandboxed = true),
    disableDomainBlockingFor3DAPIs: () => undefined,
    whenReady: async () => undefined,
    getVersion: () => '9.9.9',
    requestSingleInstanceLock: () => true,
    on: noted('app'),
    quit: () => void fake.quits++,
    exit: (code: number) => {
      throw new Error(`exit ${code}`)
    }
  } satisfies Partial<Record<keyof Main['app'], unknown>>
  return {
    app,
    BrowserWindow: FakeWindow,
    Menu: { setApplicationMenu: () => undefined, buildFromTemplate: () => ({}) },
    nativeTheme: { shouldUseDarkColors: false },
    protocol: {
      registerSchemesAsPrivileged: (schemes: Electron.CustomScheme[]) => void fake.schemes.push(...schemes),
      handle: (scheme: string, handler: (request: Request) => Promise<Response>) =>
        void fake.handlers.set(scheme, handler)
    } satisfies Partial<Record<keyof Main['protocol'], unknown>>,
    ipcMain: {
      handle: (channel: string, listener: never) => void fake.calls.set(channel, listener),
      removeHandler: () => undefined
    } satisfies Partial<Record<keyof Main['ipcMain'], unknown>>,
    session: {
      defaultSession: {
        setPermissionRequestHandler: (f: never) => void (fake.session['request'] = f),
        setPermissionCheckHandler: (f: never) => void (fake.session['check'] = f),
        webRequest: { onBeforeRequest: (f: never) => void (fake.session['before'] = f) }
      } satisfies Partial<Record<keyof Electron.Session, unknown>>
    },
    contextBridge: {
      exposeInMainWorld: (name: string, value: unknown) => void fake.exposed.set(name, value)
    },
    ipcRenderer: {
      invoke: async (...args: unknown[]) => (fake.invoked.push(args), { ok: true, value: 1 }),
      on: noted('renderer'),
      off: (event: string) => void fake.listeners.delete(`renderer ${event}`)
    } satisfies Partial<Record<keyof Electron.IpcRenderer, unknown>>
  }
})

const root = join(import.meta.dirname, '..')
const data = mkdtempSync(join(tmpdir(), 'readonce-electron-'))
beforeAll(async () => {
  process.env['XDG_DATA_HOME'] = data
  process.env['APPDATA'] = data
  Object.defineProperty(process, 'resourcesPath', { value: root, configurable: true })
  await import('./electron')
  await vi.waitFor(() => expect(fake.loaded).toHaveLength(1))
})
afterAll(() => rmSync(data, { recursive: true }))

const heard = (name: string) => fake.listeners.get(name) as unknown as (...args: unknown[]) => unknown
const ask = (path: string, init?: RequestInit) =>
  fake.handlers.get('app')!(new Request(`app://readonce${path}`, init))

test('one scheme, before the app is ready: standard, secure, with fetch and streams', () => {
  expect(fake.schemes).toEqual([
    {
      scheme: 'app',
      privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true }
    }
  ])
})

test('the window is sandboxed and isolated, shows our page and preloads CommonJS', () => {
  expect(fake.sandboxed).toBe(true)
  expect(fake.windows[0].webPreferences).toMatchObject({
    sandbox: true,
    contextIsolation: true,
    nodeIntegration: false,
    webviewTag: false,
    preload: expect.stringMatching(/preload\.cjs$/)
  })
  expect(fake.loaded).toEqual(['app://readonce/'])
})

test.runIf(process.platform === 'linux')('WebGPU is switched on where Chromium keeps it back', () => {
  expect(fake.switches.has('enable-unsafe-webgpu')).toBe(true)
  expect(fake.switches.get('enable-features')).toBe('Vulkan')
})

describe('the scheme', () => {
  test('serves ranges of the embedded model', async () => {
    const route = '/bytes/models/embedded/files/params.json'
    const whole = readFileSync(join(root, 'assets', 'model', 'params.json'))
    const response = await ask(route, { headers: { range: 'bytes=2-9' } })
    expect(response.status).toBe(206)
    expect(await response.text()).toBe(whole.subarray(2, 10).toString())
  })

  test('knows no other host and no way out', async () => {
    expect((await fake.handlers.get('app')!(new Request('app://other/index.html'))).status).toBe(404)
    for (const path of [
      '/..%2f..%2fpackage.json',
      '/bytes/models/embedded/files/..%2f..%2f..%2fpackage.json'
    ])
      expect((await ask(path)).status).toBe(404)
  })
})

describe('calls', () => {
  const call = (frame: Partial<Electron.WebFrameMain> | null, ...args: unknown[]) =>
    fake.calls.get('call')!({ senderFrame: frame } as Electron.IpcMainInvokeEvent, ...args)
  const ours = { url: 'app://readonce/', parent: null }

  test('from our page are answered', async () => {
    expect(await call(ours, 'about', [])).toMatchObject({ ok: true, value: { version: '9.9.9' } })
  })

  test.each([
    ['a frame that is gone', null],
    ['another site', { url: 'https://evil.example/', parent: null }],
    ['a name that begins like ours', { url: 'app://readonce.evil.example/', parent: null }],
    ['a frame inside our page', { url: 'app://readonce/', parent: {} as Electron.WebFrameMain }]
  ])('from %s are refused', async (_, frame) => {
    expect(await call(frame, 'about', [])).toMatchObject({ ok: false, code: 'bad-request' })
  })
})

describe('shut in', () => {
  test('no window opens, nothing navigates, nothing attaches', () => {
    const contents = new Map<string, (event: { preventDefault: () => void }) => void>()
    let open: (() => unknown) | undefined
    heard('app web-contents-created')(undefined, {
      setWindowOpenHandler: (handler: () => unknown) => void (open = handler),
      on: (event: string, listener: never) => void contents.set(event, listener)
    })
    expect(open!()).toEqual({ action: 'deny' })
    for (const event of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
      const preventDefault = vi.fn()
      contents.get(event)!({ preventDefault })
      expect(preventDefault).toHaveBeenCalledOnce()
    }
  })

  test('no permission is given and no request leaves', () => {
    const grant = vi.fn()
    fake.session['request'](...([undefined, 'media', grant] as never[]))
    expect(grant).toHaveBeenCalledWith(false)
    expect(fake.session['check']()).toBe(false)
    const cancelled = (url: string) => {
      const done = vi.fn()
      fake.session['before'](...([{ url }, done] as never[]))
      return (done.mock.calls[0][0] as { cancel: boolean }).cancel
    }
    expect(cancelled('app://readonce/index.html')).toBe(false)
    for (const url of [
      'https://example.com/',
      'http://127.0.0.1/',
      'file:///etc/passwd',
      'app://readonce.x/',
      'ws://x/'
    ])
      expect(cancelled(url)).toBe(true)
  })

  test('a second start shows the first one’s window', () => {
    heard('app second-instance')()
    expect([fake.windows.length, fake.focused]).toEqual([1, 1])
  })
})

describe('the preload', () => {
  test('exposes the listed calls and events and nothing else', async () => {
    await import('./preload')
    expect([...fake.exposed.keys()]).toEqual(['readonce'])
    const bridge = fake.exposed.get('readonce') as Bridge
    expect(Object.keys(bridge)).toEqual(['call', 'on'])
    for (const name of Object.keys(callNames)) expect(await bridge.call(name)).toEqual({ ok: true, value: 1 })
    expect(fake.invoked).toEqual(Object.keys(callNames).map(name => ['call', name, []]))
    for (const name of ['toString', 'eval', '__proto__'])
      expect(await bridge.call(name)).toMatchObject({ ok: false, code: 'bad-request' })
    expect(fake.invoked).toHaveLength(Object.keys(callNames).length)

    const listener = vi.fn()
    const end = bridge.on(Object.keys(eventNames)[0], listener)
    heard('renderer event:problem')({ sender: 'secret' }, 'news')
    expect(listener).toHaveBeenCalledExactlyOnceWith('news')
    end()
    expect(heard('renderer event:problem')).toBeUndefined()
    bridge.on('anything', listener)
    expect(heard('renderer event:anything')).toBeUndefined()
  })
})
