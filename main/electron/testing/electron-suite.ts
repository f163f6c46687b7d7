/**
 * The Electron host against the fake `electron`: what it registers is taken out and used, from the page's bridge through
 * preload and IPC to a real library on disk. Run on the sources and on the built bundles. Electron itself is not run.
 */
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'
import { documentChat, documentText, dropped, modelBytes } from '../../../contract/bytes'
import {
  callNames,
  eventNames,
  type Diagnostics,
  type MenuCommand,
  type ModelInfo,
  type Reply
} from '../../../contract/host'
import type { DocumentInfo, ImportResult } from '../../../contract/document'
import { sampleFiles } from '../../disk/extract/testing/sample-files'
import type * as Fake from './fake-electron'
import { everyCall } from './every-call'

export interface Program {
  /** With `electron` mocked. */
  readonly fake: typeof Fake
  main(): Promise<unknown>
  preload(): Promise<unknown>
  /** Folder of the built page; absent for sources, which have none. */
  readonly pages?: string
}

const root = join(import.meta.dirname, '..', '..', '..')

export function electronSuite({ fake, main, preload, pages }: Program): void {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-electron-'))
  const [library, book, second] = [
    join(folder, 'library'),
    join(folder, 'book.txt'),
    join(folder, 'second.md')
  ]
  const argv = process.argv
  const { app } = fake

  beforeAll(async () => {
    writeFileSync(book, 'A keeper lit the lamp every night.\n')
    writeFileSync(second, '# Second\n\nA storm came.\n')
    mkdirSync(join(folder, 'elsewhere'))
    Object.defineProperty(process, 'resourcesPath', { value: root, configurable: true })
    // With a space, as people write it: Chromium would take the folder for something to open.
    process.argv = ['/opt/Readonce/readonce', '--ozone-platform=x11', '--library', library, book]
    app.early = () => void app.emit('open-file', { preventDefault: () => undefined }, second)
    await main()
    await preload()
    await vi.waitFor(() => expect(fake.BrowserWindow.all).toHaveLength(1), 30_000)
    await vi.waitFor(() => expect(app.listenerCount('window-all-closed')).toBe(1), 30_000)
  })
  afterAll(() => {
    process.argv = argv
    rmSync(folder, { recursive: true, force: true })
  })

  const window = () => fake.BrowserWindow.all[0]
  const call = async (name: string, ...args: unknown[]): Promise<Reply> => fake.bridge().call(name, ...args)
  const value = async <T>(name: string, ...args: unknown[]): Promise<T> => {
    const reply = await call(name, ...args)
    if (!reply.ok) throw new Error(`${name}: ${reply.message}`)
    return reply.value as T
  }
  const heard = (event: string) => {
    const listener = vi.fn()
    fake.bridge().on(event, listener)
    return listener
  }
  const add = async (path: string): Promise<DocumentInfo> => {
    const { value: grants } = (await fake.bridge().grant([fake.droppedFile(path)])) as { value: string[] }
    const { added } = await value<ImportResult>('addDocuments', { grants }, {})
    return added[0].document
  }
  /** What the next start will know of this one. */
  const started = (): unknown => JSON.parse(readFileSync(join(library, 'graphics.json'), 'utf8'))
  const bytes = (route: string, init?: RequestInit) => fake.request(`app://readonce/bytes${route}`, init)

  describe('before Chromium starts', () => {
    test('one scheme: standard, secure, with fetch and streams', () => {
      expect(fake.schemesInTime.is).toBe(true)
      const privileges = {
        standard: true,
        secure: true,
        supportFetchAPI: true,
        stream: true,
        codeCache: true
      }
      expect(fake.schemes).toEqual([{ scheme: 'app', privileges }])
    })

    test('every page is sandboxed, and names are not looked up', () => {
      expect(app.sandboxed).toBe(true)
      expect(app.domainsBlocked).toBe(false)
      expect(app.switches.get('host-resolver-rules')).toBe('MAP * ~NOTFOUND')
      expect(app.switches.has('no-proxy-server')).toBe(true)
    })

    test("Chromium's files lie beside the library", () => {
      expect(app.paths.get('userData')).toBe(join(library, 'window'))
    })

    test.runIf(process.platform === 'linux')('WebGPU is switched on where Chromium keeps it back', () => {
      expect(app.switches.has('enable-unsafe-webgpu')).toBe(true)
      // One of the two, by what the computer has and which session this is.
      if (app.switches.has('enable-features'))
        expect(app.switches.get('enable-features')).toBe('Vulkan,VulkanFromANGLE')
      expect(app.switches.has('enable-features') && app.switches.has('use-webgpu-adapter')).toBe(false)
    })

    test('nothing is asked for by Chromium itself, the dictionary of a spell checker neither', async () => {
      await new Promise(resolve => setImmediate(resolve))
      expect(fake.spelling).toMatchObject({ touched: true, languages: [], from: 'app://readonce/none/' })
      expect((await value<Diagnostics>('diagnostics')).requestsCancelled).toBe(0)
    })
  })

  describe('the window', () => {
    test('is sandboxed and isolated, shows our page and preloads CommonJS', () => {
      expect(window().options.webPreferences).toMatchObject({
        sandbox: true,
        contextIsolation: true,
        nodeIntegration: false,
        webSecurity: true,
        webviewTag: false,
        spellcheck: false,
        preload: expect.stringMatching(/preload\.cjs$/)
      })
      expect(window().contents.url).toBe('app://readonce/')
      expect(window().visible).toBe(true)
    })

    test('was drawn, so that the next start takes the same graphics', () => {
      expect(started()).toMatchObject({ graphics: 'automatic', starting: false })
    })

    test('keeps its place by name', () => {
      expect(window().options).toMatchObject({ name: 'readonce', windowStatePersistence: true })
    })

    test('has the colour of the page, in both themes', async () => {
      const style = readFileSync(join(root, 'renderer/ui/style.css'), 'utf8')
      const [, light, dark] = /--paper: light-dark\((#\w+), (#\w+)\)/.exec(style)!
      expect(window().background).toBe(light)
      await value('setSettings', { theme: 'dark' })
      expect(fake.nativeTheme.themeSource).toBe('dark')
      expect(window().background).toBe(dark)
      await value('setSettings', { theme: 'system' })
      expect(window().background).toBe(light)
      fake.nativeTheme.systemDark = true
      fake.nativeTheme.emit('updated')
      expect(window().background).toBe(dark)
      fake.nativeTheme.systemDark = false
      fake.nativeTheme.emit('updated')
    })
  })

  describe('the scheme', () => {
    const params = modelBytes('embedded', 'params.json')
    const whole = readFileSync(join(root, 'assets', 'models', 'small', 'params.json'))

    test.each([
      ['bytes=2-9', 206, 2, 10],
      ['bytes=-5', 206, whole.length - 5, whole.length],
      ['bytes=4-', 206, 4, whole.length],
      [undefined, 200, 0, whole.length]
    ])('serves range %s', async (range, status, start, end) => {
      const response = await bytes(params, range === undefined ? {} : { headers: { range } })
      expect(response.status).toBe(status)
      expect(response.headers.get('content-length')).toBe(String(end - start))
      expect(Buffer.from(await response.arrayBuffer())).toEqual(whole.subarray(start, end))
    })

    test('refuses a range outside of the file', async () => {
      const response = await bytes(params, { headers: { range: `bytes=${whole.length}-` } })
      expect(response.status).toBe(416)
    })

    test('takes in what a page sends and gives the text back', async () => {
      const sent = await bytes(dropped('drop-1', 'notes.txt'), { method: 'PUT', body: 'Sent by the page.' })
      expect(sent.ok).toBe(true)
      const { added } = await value<ImportResult>('addDocuments', { drop: 'drop-1' }, {})
      expect(added[0].document.name).toBe('notes.txt')
      expect(await (await bytes(documentText(added[0].document.id))).text()).toBe('Sent by the page.')
      await value('removeDocument', added[0].document.id)
      expect((await bytes(documentText(added[0].document.id))).status).toBe(404)
    })

    test.each([
      '/models/embedded/files/..%2f..%2f..%2fpackage.json',
      '/models/..%2f..%2fassets%2fmodel',
      '/documents/..%2f..%2fsettings.json/text',
      '/documents/none/text',
      '/pages/none/none/none/records/1',
      '/nothing',
      ''
    ])('%s leads nowhere', async route => {
      const response = await bytes(route)
      expect(response.status).toBeGreaterThanOrEqual(400)
      expect(response.status).toBeLessThan(500)
    })

    test('knows no other host', async () => {
      for (const host of ['other', 'readonce.other', 'bytes'])
        expect((await fake.request(`app://${host}/index.html`)).status).toBe(404)
    })

    if (pages)
      test('serves the page with a strict policy, and no file beside it', async () => {
        const page = await fake.request('app://readonce/')
        expect(page.status).toBe(200)
        expect(page.headers.get('content-security-policy')).toContain("default-src 'none'")
        expect(page.headers.get('content-security-policy')).toContain("script-src 'self'")
        expect(page.headers.get('content-security-policy')).not.toMatch(/unsafe|https?:/)
        expect(page.headers.get('x-content-type-options')).toBe('nosniff')
        for (const path of ['/..%2f..%2fpackage.json', '/%2e%2e/main/electron.js', '/assets/', '/.htaccess'])
          expect((await fake.request(`app://readonce${path}`)).status).toBe(404)
      })
  })

  describe('files from outside', () => {
    test('what stood on the command line, or came before the app was ready, waits for the page', async () => {
      const opened = await value<{ grant: string; name: string; folder: boolean }[]>('takeOpened')
      expect(opened.map(({ name, folder }) => [name, folder])).toEqual([
        ['book.txt', false],
        ['second.md', false]
      ])
      const { added } = await value<ImportResult>('addDocuments', { grants: [opened[0].grant] }, {})
      expect(added.map(({ document }) => document.name)).toEqual(['book.txt'])
      expect(await value('takeOpened')).toEqual([])
    })

    test('a second start hands its files over and shows the window', async () => {
      expect(app.handedOver).toEqual({ paths: [book] })
      const news = heard('opened')
      window().minimized = true
      window().focused = false
      app.emit('second-instance', {}, ['readonce', second], folder, { paths: [second] })
      await vi.waitFor(() => expect(news).toHaveBeenCalledOnce(), 30_000)
      expect([window().minimized, window().focused]).toEqual([false, true])
      expect(await value('takeOpened')).toMatchObject([{ name: 'second.md' }])
      expect(fake.BrowserWindow.all).toHaveLength(1)
    })

    test('a second start without files, or with nonsense, only shows the window', async () => {
      for (const handed of [{ paths: [] }, null, { paths: 'x' }, { paths: [7] }]) {
        window().focused = false
        app.emit('second-instance', {}, [], folder, handed)
        expect(window().focused).toBe(true)
      }
      expect(await value('takeOpened')).toEqual([])
    })

    test('open-file of macOS, also for a folder', async () => {
      const event = { preventDefault: vi.fn() }
      app.emit('open-file', event, join(folder, 'elsewhere'))
      expect(event.preventDefault).toHaveBeenCalled()
      expect(await value('takeOpened')).toMatchObject([{ name: 'elsewhere', folder: true }])
    })

    test.skipIf(process.platform === 'linux')('are noted as recent documents', () => {
      expect(app.recent).toContain(book)
    })
  })

  describe('bodies of requests, as Electron hands them over', () => {
    const route = (path: string, at = 0) => `app://readonce/bytes${dropped('bodies', path, at)}`
    const put = (path: string, body?: Blob | Uint8Array<ArrayBuffer>, at = 0) =>
      fake.request(route(path, at), { method: 'PUT', body })

    test('a whole file of gigabytes would end the program, and one without bytes never arrives', async () => {
      await expect(put('a.bin', new Blob([new Uint8Array(20 << 20)]))).rejects.toThrow(/killed/)
      await expect(put('b.bin', new Blob([]))).rejects.toThrow(/blob data/)
    })

    test('slices do: one after another, at most 8 MiB each, none without bytes', async () => {
      const slice = Uint8Array.from({ length: 8 << 20 }, (_, i) => i * 7)
      for (const at of [0, 1, 2])
        expect((await put('model.safetensors', slice, at * slice.length)).status).toBe(204)
      expect((await put('model.safetensors', slice.slice(0, 100), 5)).status).toBe(400)
      expect((await put('large.bin', new Uint8Array((8 << 20) + 1))).status).toBe(413)
      expect((await put('empty.txt')).status).toBe(204)
      expect((await put('config.json', new TextEncoder().encode('{}'))).status).toBe(204)
      const model = await value<ModelInfo>('importModel', { drop: 'bodies' }, 'Sliced', 'job')
      expect(model).toMatchObject({ name: 'Sliced', bytes: 3 * slice.length + 2 })
      expect((await value<ModelInfo[]>('listModels')).filter(each => each.id === model.id)).toEqual([model])
      const kept = readFileSync(join(library, 'models', 'Sliced', 'model.safetensors'))
      expect(kept.equals(Buffer.concat([slice, slice, slice]))).toBe(true)
      expect(readFileSync(join(library, 'models', 'Sliced', 'empty.txt'))).toHaveLength(0)
      await value('removeModel', model.id)
    })

    test('a model is copied by its files’ grants, empty ones too, with news of its bytes', async () => {
      const from = join(folder, 'to import')
      mkdirSync(from)
      writeFileSync(join(from, 'config.json'), '{}')
      writeFileSync(join(from, 'model.safetensors'), new Uint8Array(100_000))
      writeFileSync(join(from, 'empty.txt'), '')
      const names = ['config.json', 'model.safetensors', 'empty.txt']
      const reply = await fake.bridge().grant(names.map(name => fake.droppedFile(join(from, name))))
      const heard: unknown[] = []
      const end = fake.bridge().on('importing', news => heard.push(news))
      const grants = (reply as { value: string[] }).value
      const model = await value<ModelInfo>('importModel', { grants }, 'Granted', 'job-2')
      end()
      expect(model).toMatchObject({ name: 'Granted', bytes: 100_002 })
      expect(heard.at(-1)).toEqual({ job: 'job-2', done: 100_002, total: 100_002 })
      await value('removeModel', model.id)
    })
  })

  describe('grants', () => {
    const granted = (reply: Reply): unknown[] => {
      expect(reply.ok).toBe(true)
      return (reply as { value: unknown[] }).value
    }

    test('the page gets ids for dropped files, never paths', async () => {
      const reply = await fake.bridge().grant([fake.droppedFile(book), fake.droppedFile(second)])
      const grants = granted(reply)
      expect(grants).toHaveLength(2)
      expect(new Set(grants).size).toBe(2)
      for (const grant of grants) expect(grant).not.toContain(folder)
    })

    test('what has no path gets none, and the rest of a drop does', async () => {
      const picked = [new File(['x'], book), fake.droppedFile(second), new File(['y'], 'attachment.txt')]
      expect(granted(await fake.bridge().grant(picked))).toEqual([null, expect.any(String), null])
    })

    // The program of that process is bundled, so the sources have none.
    test.skipIf(!pages)('becomes text in a process apart', async () => {
      const { name, content } = sampleFiles().find(sample => sample.name === 'sample.epub')!
      const path = join(folder, name)
      writeFileSync(path, content)
      expect((await add(path)).name).toBe(name)
      expect(fake.utilities()).toHaveLength(1)
    })

    test('a drop of which some have no path is taken in as one: those are sent, the others granted', async () => {
      const [grant] = granted(await fake.bridge().grant([fake.droppedFile(second)]))
      const sent = new TextEncoder().encode('From a mail.\n')
      const route = `app://readonce/bytes${dropped('mixed', 'attachment.txt')}`
      expect((await fake.request(route, { method: 'PUT', body: sent })).status).toBe(204)
      const { added } = await value<ImportResult>('addDocuments', { grants: [grant], drop: 'mixed' }, {})
      expect(added.map(({ document }) => document.name)).toEqual(['second.md', 'attachment.txt'])
    })

    test('3,000 files are granted and taken in by one call', async () => {
      const reply = await fake
        .bridge()
        .grant(Array.from({ length: 3000 }, () => fake.droppedFile(join(folder, 'not-there.txt'))))
      const { refused } = await value<ImportResult>('addDocuments', { grants: granted(reply) }, {})
      expect(refused).toHaveLength(3000)
    })

    test.each([
      ['another frame', { url: 'https://evil.example/', parent: null }, [book]],
      ['no list', fake.ourFrame, book],
      ['a relative path', fake.ourFrame, ['book.txt']]
    ])('%s is refused', async (_, frame, paths) => {
      expect(await fake.invokeFrom(frame, 'grant', paths)).toMatchObject({ ok: false, code: 'bad-request' })
    })
  })

  describe('calls', () => {
    test.each([
      ['a frame that is gone', null],
      ['another site', { url: 'https://evil.example/', parent: null }],
      ['a name that begins like ours', { url: 'app://readonce.evil.example/', parent: null }],
      ['a frame inside our page', { url: 'app://readonce/', parent: {} as Electron.WebFrameMain }]
    ])('from %s are refused', async (_, frame) => {
      expect(await fake.invokeFrom(frame, 'call', 'about', [])).toMatchObject({
        ok: false,
        code: 'bad-request'
      })
    })

    test('from our page are all answered', async () => {
      const reply = await fake.bridge().grant([fake.droppedFile(second)])
      const [grant] = (reply as { value: string[] }).value
      const calls = everyCall({ document: (await add(book)).id, grant })
      for (const [name, [args, ends]] of Object.entries(calls)) {
        const reply = await call(name, ...args)
        expect([name, reply.ok ? 'well' : reply.code, reply.ok || reply.message]).toEqual([
          name,
          ends,
          expect.anything()
        ])
      }
      expect(await value('about')).toMatchObject({ version: '9.9.9', dataFolder: library })
    })

    test.each(Object.keys(callNames))('%s refuses arguments that it does not know', async name => {
      expect(await call(name, { nobody: 'wants this' }, 1, 2, 3, 4)).toMatchObject({
        ok: false,
        code: 'bad-request'
      })
    })

    test('with names that are none do not leave the preload, nor get through main', async () => {
      for (const name of ['toString', 'eval', '__proto__']) {
        expect(await call(name)).toMatchObject({ ok: false, code: 'bad-request' })
        expect(await fake.invokeFrom(fake.ourFrame, 'call', name, [])).toMatchObject({
          ok: false,
          code: 'bad-request'
        })
      }
    })

    test('the bridge is all that the page gets', () => {
      expect(fake.exposedNames()).toEqual(['readonce'])
      expect(Object.keys(fake.bridge()).sort()).toEqual(['call', 'grant', 'on'])
    })
  })

  describe('news', () => {
    test('reach the page without the event, until it ends listening', async () => {
      const listener = vi.fn()
      const end = fake.bridge().on('settingsChanged', listener)
      await value('setSettings', { fontSize: 18 })
      expect(listener).toHaveBeenCalledExactlyOnceWith(expect.objectContaining({ fontSize: 18 }))
      end()
      await value('setSettings', { fontSize: 15 })
      expect(listener).toHaveBeenCalledOnce()
    })

    test('can be listened to by the listed names only', () => {
      for (const name of ['anything', 'toString']) {
        fake.bridge().on(name, () => undefined)
        expect(fake.listenersOn(`event:${name}`)).toBe(0)
      }
      for (const name of Object.keys(eventNames)) {
        const end = fake.bridge().on(name, () => undefined)
        expect(fake.listenersOn(`event:${name}`)).toBeGreaterThan(0)
        end()
      }
    })
  })

  describe('menus', () => {
    test.each([
      ['Open Files…', 'open'],
      ['Open Folder…', 'openFolder'],
      ['Find in Document…', 'find'],
      ['Settings…', 'settings'],
      ['Models…', 'models'],
      ['Keyboard Shortcuts', 'shortcuts'],
      ['Diagnostics', 'diagnostics']
    ] as [string, MenuCommand][])('%s is the command %s', (label, command) => {
      const news = heard('menu')
      fake.choose(label)
      expect(news).toHaveBeenCalledExactlyOnceWith(command)
    })

    test('follow language and keys', async () => {
      const labels = () => fake.itemsOf(fake.menus.application).map(item => item.label)
      const keys = () =>
        fake.itemsOf(fake.menus.application).find(item => item.label?.startsWith('Im Dok'))?.accelerator
      await value('setSettings', { language: 'de' })
      expect(labels()).toContain('Einstellungen …')
      expect(labels()).not.toContain('Settings…')
      expect(keys()).toBe('CmdOrCtrl+F')
      await value('setSettings', { shortcuts: { find: '$mod+g' } })
      expect(keys()).toBeUndefined()
      await value('resetSettings')
      expect(labels()).toContain('Settings…')
    })

    test('a click with the right button offers what makes sense there', () => {
      const editFlags = { canCut: false, canCopy: true, canPaste: true }
      const contents = window().contents
      contents.emit('context-menu', {}, { isEditable: false, selectionText: ' ', editFlags })
      expect(fake.menus.popups).toHaveLength(0)
      contents.emit('context-menu', {}, { isEditable: false, selectionText: 'lamp', editFlags })
      contents.emit('context-menu', {}, { isEditable: true, selectionText: '', editFlags })
      expect(fake.menus.popups.map(items => items.map(item => item.role).filter(Boolean))).toEqual([
        ['copy'],
        ['cut', 'copy', 'paste', 'selectAll']
      ])
      expect(fake.menus.popups[1][0].enabled).toBe(false)
    })
  })

  describe('the desktop', () => {
    test('shows how far reading is, and stays awake meanwhile if so set', async () => {
      await value('showReading', 0.25)
      expect(window().progress).toBe(0.25)
      await value('showReading', 0.5)
      expect([...fake.awake.values()]).toEqual(['prevent-app-suspension'])
      await value('showReading', null)
      expect([window().progress, fake.awake.size]).toEqual([-1, 0])
      await value('setSettings', { keepAwake: false })
      await value('showReading', 0.75)
      expect([window().progress, fake.awake.size]).toEqual([0.75, 0])
      await value('showReading', null)
      await value('setSettings', { keepAwake: true })
    })

    test('notifies who looks elsewhere, and a click shows the window', async () => {
      window().focused = true
      await value('notify', 'Read', 'book.txt')
      const before = fake.Notification.shown.length
      window().focused = false
      await value('notify', 'Read', 'book.txt')
      expect(fake.Notification.shown).toHaveLength(before + 1)
      const notification = fake.Notification.shown.at(-1)!
      expect(notification.options).toEqual({ title: 'Read', body: 'book.txt' })
      notification.emit('click')
      expect(window().focused).toBe(true)
    })

    test('starts the program again without the GPU, when a person wants it', async () => {
      const { graphics } = await value<{ graphics: { now: string; others: string[] } }>('about')
      expect(graphics.now).toBe('automatic')
      expect(graphics.others).toContain('software')
      const quit = vi.spyOn(app, 'quit').mockReturnValue(undefined)
      await value('restartProgram', 'software')
      expect(quit).toHaveBeenCalledOnce()
      quit.mockRestore()
      expect(app.relaunched.splice(0)).toHaveLength(1)
      expect(started()).toMatchObject({ graphics: 'software', chosen: true })
    })

    test('tells in Diagnostics how the GPU is reached, and that the sandbox is on or off', async () => {
      const lines = async () => new Map((await value<Diagnostics>('diagnostics')).lines)
      expect((await lines()).get('Graphics')).toBe('automatic')
      expect((await lines()).get('Sandbox')).toBe('on')
      app.switches.set('no-sandbox', '')
      expect((await lines()).get('Sandbox')).toBe('off (--no-sandbox)')
      app.switches.delete('no-sandbox')
    })

    test("shows the system's dialog for a folder", async () => {
      expect((await value<{ can: unknown }>('about')).can).toEqual({ chooseFolder: true, desktop: true })
      expect(await value('chooseFolder')).toBeNull()
      fake.dialogs.folder = join(folder, 'elsewhere')
      expect(await value('chooseFolder')).toMatchObject({ path: join(folder, 'elsewhere') })
      fake.dialogs.folder = undefined
    })
  })

  describe('shut in', () => {
    test('no window opens, nothing navigates, nothing attaches', () => {
      const { contents } = window()
      expect(contents.openHandler!({} as Electron.HandlerDetails)).toEqual({ action: 'deny' })
      for (const name of ['will-navigate', 'will-redirect', 'will-attach-webview']) {
        const event = { preventDefault: vi.fn() }
        contents.emit(name, event)
        expect([name, event.preventDefault.mock.calls.length]).toEqual([name, 1])
      }
    })

    test('our page may copy and notify; nobody may anything else', () => {
      const asked = (permission: string, url: string): unknown => {
        const grant = vi.fn()
        const contents = { getURL: () => url } as Electron.WebContents
        fake.guards.request!(contents, permission as never, grant, {} as never)
        const check = fake.guards.check!(null, permission as never, new URL(url).origin, {} as never)
        // A custom scheme has the origin "null" in Node; Chromium gives the real one.
        return url.startsWith('app:') ? grant.mock.calls[0][0] : grant.mock.calls[0][0] || check
      }
      expect(fake.guards.check!(null, 'notifications', 'app://readonce', {} as never)).toBe(true)
      expect(fake.guards.check!(null, 'media', 'app://readonce/', {} as never)).toBe(false)
      for (const permission of ['clipboard-sanitized-write', 'notifications']) {
        expect(asked(permission, 'app://readonce/')).toBe(true)
        expect(asked(permission, 'https://evil.example/')).toBe(false)
        expect(asked(permission, 'app://readonce.evil.example/')).toBe(false)
      }
      for (const permission of ['media', 'geolocation', 'clipboard-read', 'openExternal', 'fileSystem'])
        expect(asked(permission, 'app://readonce/')).toBe(false)
      expect(fake.guards.device!({} as never)).toBe(false)
      expect(fake.guards.spelling).toBe(false)
    })

    test('every request that leaves is cancelled and counted', async () => {
      const count = async () => (await value<Diagnostics>('diagnostics')).requestsCancelled
      const before = await count()
      for (const url of ['app://readonce/index.html', 'blob:app://readonce/5f0e', 'devtools://devtools/x'])
        expect([url, fake.isCancelled(url)]).toEqual([url, false])
      const outside = [
        'https://example.com/',
        'http://127.0.0.1/',
        'file:///etc/passwd',
        'app://readonce.x/',
        'ws://x/'
      ]
      for (const url of outside) expect([url, fake.isCancelled(url)]).toEqual([url, true])
      expect(await count()).toBe(before + outside.length)
    })
  })

  describe('when a process ends', () => {
    const crash = (reason = 'crashed') =>
      window().contents.emit('render-process-gone', {}, { reason, exitCode: 1 })

    test('the page is loaded again at once, and the second time a person is asked', async () => {
      const { contents } = window()
      crash('clean-exit')
      expect(contents.reloads).toBe(0)
      crash()
      expect(contents.reloads).toBe(1)
      fake.dialogs.answers.push(0)
      crash('oom')
      await vi.waitFor(() => expect(contents.reloads).toBe(2), 30_000)
      expect(fake.dialogs.asked.at(-1)?.message).toContain('oom')
    })

    test('a page that hangs is waited for, or ended and loaded again', async () => {
      const { contents } = window()
      fake.dialogs.answers.push(0)
      window().emit('unresponsive')
      await vi.waitFor(() => expect(fake.dialogs.answers).toHaveLength(0), 30_000)
      expect(contents.crashes).toBe(0)
      fake.dialogs.answers.push(1, 0)
      window().emit('unresponsive')
      await vi.waitFor(() => expect(contents.crashes).toBe(1), 30_000)
    })

    test('a GPU that is lost twice is offered to be done without', async () => {
      const adapter = app.switches.get('use-webgpu-adapter')
      app.switches.delete('use-webgpu-adapter')
      const asked = fake.dialogs.asked.length
      const gone = (type: string) =>
        app.emit('child-process-gone', {}, { type, reason: 'crashed', exitCode: 1 })
      gone('Utility')
      gone('GPU')
      expect(fake.dialogs.asked).toHaveLength(asked)
      fake.dialogs.answers.push(1)
      gone('GPU')
      expect(fake.dialogs.asked).toHaveLength(asked + 1)
      await Promise.resolve()
      expect(app.relaunched).toHaveLength(0)
      // Quitting would end this program: that it is asked for is enough here.
      const quit = vi.spyOn(app, 'quit').mockReturnValue(undefined)
      fake.dialogs.answers.push(0)
      gone('GPU')
      await vi.waitFor(() => expect(quit).toHaveBeenCalledOnce(), 30_000)
      // What it is to do without stands in a file, and the files of this start are not opened again.
      expect(app.relaunched[0]?.args).toEqual(['--ozone-platform=x11', `--library=${library}`])
      expect(started()).toMatchObject({ graphics: 'software', chosen: true })
      quit.mockRestore()
      if (adapter !== undefined) app.switches.set('use-webgpu-adapter', adapter)
    })
  })

  describe('quitting', () => {
    test('waits until the page has written the last words of a conversation', async () => {
      const { id } = await add(book)
      const at = '2026-01-01T00:00:00.000Z'
      const chat = { title: 'Last words', modelKey: 'm', messages: [], createdAt: at, updatedAt: at }
      const write = async (): Promise<void> => {
        await new Promise(resolve => setTimeout(resolve, 100))
        await bytes(documentChat(id, 'last'), { method: 'PUT', body: JSON.stringify(chat) })
        await call('left')
      }
      const exit = vi.spyOn(app, 'exit').mockReturnValue(undefined)
      const quit = vi.spyOn(app, 'quit').mockReturnValue(undefined)
      const end = fake.bridge().on('leaving', () => void write())
      window().close()
      // It is still there: the page could not write otherwise.
      expect(fake.BrowserWindow.all).toHaveLength(1)
      await vi.waitFor(() => expect(fake.BrowserWindow.all).toHaveLength(0), 30_000)
      expect(await (await bytes(documentChat(id, 'last'))).json()).toMatchObject({ title: 'Last words' })
      end()
      quit.mockRestore()
      exit.mockRestore()
      // As on macOS, where the program goes on without a window: the next test quits with one.
      app.emit('activate')
      await vi.waitFor(() => expect(fake.BrowserWindow.all).toHaveLength(1), 30_000)
    })

    test('waits until the library is closed, and only then ends', async () => {
      await value('showReading', 0.5)
      window().close()
      if (process.platform === 'darwin') app.quit()
      // Closing files takes a turn of the loop: it must not have ended before.
      expect(app.exitCode).toBeUndefined()
      // This page does not answer: it is waited for a second, and no longer.
      await vi.waitFor(() => expect(app.exitCode).toBe(0), 30_000)
      expect(fake.awake.size).toBe(0)
    })
  })
}
