/** The Electron host: one window on app://readonce, its calls over IPC, its bytes over the scheme. Wiring only. */
import { sentenceOf } from '../contract/failure'
import { app, BrowserWindow, dialog, ipcMain, protocol, session } from 'electron'
import { join } from 'node:path'
import type { Graphics, MenuCommand } from '../contract/host'
import { findLibrary } from './disk/library'
import { homeFolder } from './disk/location'
import { embeddedModels } from './disk/embedded-models'
import { beforeReady, origin } from './electron/before-ready'
import { makeDesktop } from './electron/desktop'
import { makeExtractApart } from './electron/extract-apart'
import { followSettings } from './electron/follow-settings'
import type { GraphicsChoice } from './electron/graphics-choice'
import { hearLastWords } from './electron/last-words'
import { giveContextMenu } from './electron/menu'
import { noteRecent, OpenedFiles } from './electron/opened-files'
import { closeBeforeQuit } from './electron/quit'
import { recoverGpu, recoverPage } from './electron/recovery'
import { serveGrants } from './electron/serve-grants'
import { lockDown } from './electron/lock-down'
import { startAgain } from './electron/start-again'
import { readArguments } from './electron/start-arguments'
import { bringToFront, openWindow, theWindow, whenDrawn } from './electron/window'
import { makeHost, type MachineHost } from './host/host'
import { serveBytes, servePage } from './host/serve-bytes'
import { serveIpc } from './host/serve-ipc'

/** The built program lies in out/main; what is mapped into memory cannot lie in the archive and is beside it. */
const root = join(import.meta.dirname, '..', '..')
const resources = app.isPackaged ? process.resourcesPath : root

const given = readArguments(process.argv, app.isPackaged)
const { library } = given
/** undefined: the library’s name is an empty one, and nothing begins. Found once: on Windows another answer may come a moment later. */
const home = attempt(() => homeFolder(library))
const graphics = home === undefined ? undefined : attempt(() => beforeReady(home))
const opened = new OpenedFiles(given.files)

if (graphics && !app.requestSingleInstanceLock(opened.toHandOver)) app.quit()
else if (graphics?.wantsX11) {
  graphics.handOver()
  startAgain([...given.again, '--ozone-platform=x11', ...given.files])
} else if (graphics) start(graphics).catch(fail)

async function start(graphics: GraphicsChoice): Promise<void> {
  graphics.begin()
  app.on('will-quit', () => graphics.confirm())
  await app.whenReady()
  const requestsCancelled = lockDown(session.defaultSession)
  const startWith = (way: Graphics): void => {
    graphics.choose(way)
    startAgain(given.again)
  }
  const desktop = makeDesktop(requestsCancelled, { now: graphics.now, others: graphics.others, startWith })
  const files = makeExtractApart(join(import.meta.dirname, 'extract-process.js'))
  app.on('will-quit', () => files.close())
  const host = makeHost({
    library: await findLibrary(library, home),
    embedded: await embeddedModels(join(resources, 'assets')),
    version: app.getVersion(),
    software: `Electron ${process.versions.electron}`,
    extract: files.extract,
    prepareExtract: files.prepare,
    desktop
  })
  serveScheme(host)
  serveIpc(ipcMain, host, origin, () => BrowserWindow.getAllWindows().map(window => window.webContents))
  serveGrants(ipcMain, host.grants, noteRecent)

  const words = await followSettings(host, command => sendCommand(command))
  const open = (): BrowserWindow => {
    const window = openWindow(join(root, 'out', 'preload', 'preload.cjs'))
    whenDrawn(window, () => graphics.confirm())
    giveContextMenu(window.webContents, words)
    recoverPage(window, words, host.failed)
    hearLastWords(window, () => host.lastWords(1))
    // A page that begins anew, or is gone, reads nothing any more.
    window.webContents.on('did-start-loading', () => desktop.showReading(null, false))
    window.on('closed', () => desktop.showReading(null, false))
    return window
  }
  /** On macOS the program goes on without a window; a command of the menu then opens one first. */
  const sendCommand = (command: MenuCommand): void => {
    if (theWindow()) host.send('menu', command)
    else open().webContents.once('did-finish-load', () => host.send('menu', command))
  }

  open()
  opened.passTo(paths => {
    noteRecent(paths)
    if (paths.length > 0) void host.opened(paths)
    bringToFront(theWindow() ?? open())
  })
  recoverGpu(theWindow, words, host.failed, () => startWith('software'))
  app.on('activate', () => theWindow() ?? open())
  app.on('window-all-closed', () => process.platform !== 'darwin' && app.quit())
  closeBeforeQuit(() => host.close())
}

function serveScheme(host: MachineHost): void {
  protocol.handle('app', async request => {
    const { host: name, pathname } = new URL(request.url)
    if (name !== 'readonce') return new Response(null, { status: 404 })
    return pathname.startsWith('/bytes/')
      ? serveBytes(host, pathname.slice('/bytes'.length), request)
      : servePage(join(root, 'out', 'renderer'), pathname, request)
  })
}

function attempt<T>(what: () => T): T | undefined {
  try {
    return what()
  } catch (error) {
    fail(error)
    return undefined
  }
}

/** A library that is not there, a disk that cannot be written: there is no page yet to tell it on. */
function fail(error: unknown): void {
  const message = sentenceOf(error)
  process.stderr.write(`${message}\n`)
  dialog.showErrorBox('Readonce', message)
  app.exit(1)
}
