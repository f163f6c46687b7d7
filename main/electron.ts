/** The Electron host: one window on app://readonce, its calls over IPC, its bytes over the scheme. Wiring only. */
import { app, BrowserWindow, ipcMain, Menu, nativeTheme, protocol, session } from 'electron'
import { join } from 'node:path'
import { openLibrary } from './disk/library'
import { embeddedModelName } from './disk/models'
import { dataFolder } from './disk/paths'
import { makeHost } from './host/host'
import { serveBytes, servePage } from './host/serve-bytes'
import { serveIpc } from './host/serve-ipc'

const origin = 'app://readonce'
/** The built program lies in out/main; what is mapped into memory cannot lie in the archive and is beside it. */
const root = join(import.meta.dirname, '..', '..')
const resources = app.isPackaged ? process.resourcesPath : root

protocol.registerSchemesAsPrivileged([
  {
    scheme: 'app',
    privileges: { standard: true, secure: true, supportFetchAPI: true, stream: true, codeCache: true }
  }
])
app.enableSandbox()
// Chromium on Linux keeps WebGPU from most adapters, and from SwiftShader, without these two.
if (process.platform === 'linux') {
  app.commandLine.appendSwitch('enable-unsafe-webgpu')
  app.commandLine.appendSwitch('enable-features', 'Vulkan')
}
app.commandLine.appendSwitch('force_high_performance_gpu')
// A lost device is a named state with a button to go on; Chromium would otherwise shut the page out after a few.
app.disableDomainBlockingFor3DAPIs()

function openWindow(): BrowserWindow {
  const window = new BrowserWindow({
    width: 980,
    height: 780,
    minWidth: 340,
    minHeight: 400,
    show: false,
    backgroundColor: nativeTheme.shouldUseDarkColors ? '#16181b' : '#fbfaf8',
    webPreferences: {
      preload: join(root, 'out', 'preload', 'preload.cjs'),
      sandbox: true,
      contextIsolation: true,
      nodeIntegration: false,
      webviewTag: false,
      // Reading goes on while the window is covered.
      backgroundThrottling: false
    }
  })
  window.once('ready-to-show', () => window.show())
  void window.loadURL(`${origin}/`)
  return window
}

/** Whatever a page might try to become or to reach, it stays our page and reaches our scheme only. */
function shutIn(): void {
  app.on('web-contents-created', (_event, contents) => {
    contents.setWindowOpenHandler(() => ({ action: 'deny' }))
    contents.on('will-navigate', event => event.preventDefault())
    contents.on('will-redirect', event => event.preventDefault())
    contents.on('will-attach-webview', event => event.preventDefault())
  })
  const own = session.defaultSession
  own.setPermissionRequestHandler((_contents, _permission, grant) => grant(false))
  own.setPermissionCheckHandler(() => false)
  own.webRequest.onBeforeRequest(({ url }, done) =>
    done({ cancel: !url.startsWith(`${origin}/`) && !url.startsWith('devtools:') })
  )
}

async function start(): Promise<void> {
  await app.whenReady()
  // Copying, zooming and closing have their usual keys; nothing of ours is in a menu yet.
  const roles = ['editMenu', 'viewMenu', 'windowMenu'] as const
  const menu = process.platform === 'darwin' ? (['appMenu', ...roles] as const) : roles
  Menu.setApplicationMenu(Menu.buildFromTemplate(menu.map(role => ({ role }))))
  const host = makeHost({
    library: await openLibrary(dataFolder()),
    embedded: { name: embeddedModelName, folder: join(resources, 'assets', 'model') },
    version: app.getVersion(),
    software: `Electron ${process.versions.electron}`
  })
  shutIn()
  protocol.handle('app', async request => {
    const { host: name, pathname } = new URL(request.url)
    if (name !== 'readonce') return new Response(null, { status: 404 })
    return pathname.startsWith('/bytes/')
      ? serveBytes(host, pathname.slice('/bytes'.length), request)
      : servePage(join(root, 'out', 'renderer'), pathname, request)
  })
  serveIpc(ipcMain, host, origin, () => BrowserWindow.getAllWindows().map(window => window.webContents))
  openWindow()
  app.on('activate', () => BrowserWindow.getAllWindows().length === 0 && openWindow())
  app.on('second-instance', () => {
    const [window = openWindow()] = BrowserWindow.getAllWindows()
    if (window.isMinimized()) window.restore()
    window.focus()
  })
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit())
  app.on('will-quit', () => void host.close())
}

if (app.requestSingleInstanceLock()) {
  start().catch((error: unknown) => {
    process.stderr.write(`${String((error as Error)?.message ?? error)}\n`)
    app.exit(1)
  })
} else app.quit()
