/**
 * The host for a browser: the same page, calls and bytes as in Electron, on 127.0.0.1. Wiring only.
 * `node out/main/browser-host.js [--port N] [--library DIR] [--window] [FILE...]` prints the address to open; with --window
 * an installed browser shows it as a window of its own, and the host ends when the window is closed.
 */
import { readFile } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { parseArgs } from 'node:util'
import { HostFailure, sentenceOf } from '../contract/failure'
import { hasDisplay, showWindow } from './browser-host/app-window'
import { findBrowser } from './browser-host/find-browser'
import { closeLeftover } from './browser-host/leftover-window'
import { type OpenPage, writeOpenPage } from './browser-host/open-page'
import { servePort } from './browser-host/last-port'
import { singleInstance } from './browser-host/single-instance'
import { embeddedModels } from './disk/embedded-models'
import { findLibrary } from './disk/library'
import { homeFolder } from './disk/location'
import { makeHost } from './host/host'
import { serveHttp } from './host/serve-http'

/** The built program lies in out/main. */
const root = join(import.meta.dirname, '..', '..')

async function start(): Promise<void> {
  const { values, positionals } = parseArgs({
    options: { port: { type: 'string' }, library: { type: 'string' }, window: { type: 'boolean' } },
    allowPositionals: true
  })
  const port = Number(values.port ?? 0)
  if (!(Number.isInteger(port) && port >= 0 && port < 65_536))
    throw new HostFailure('bad-request', `--port is ${values.port}; give a number from 0 (any) to 65535.`)
  const paths = positionals.map(path => resolve(path))
  const home = homeFolder(values.library)
  const instance = await singleInstance(home, paths)
  if (!instance.first) {
    const given = paths.length > 0 ? ' It was given what you named.' : ''
    return say(`Readonce is open already, at ${instance.page}.${given}`)
  }
  const { version } = JSON.parse(await readFile(join(root, 'package.json'), 'utf8')) as { version: string }
  const host = makeHost({
    library: await findLibrary(values.library, home),
    embedded: await embeddedModels(join(root, 'assets')),
    version,
    software: `Node ${process.versions.node}`
  })
  const serve = (port: number) => serveHttp(host, join(root, 'out', 'renderer'), port)
  const server = await (port > 0 ? serve(port) : servePort(home, serve))
  if (paths.length > 0) await host.opened(paths)
  await instance.listen(server.address, more => void host.opened(more))
  process.stdout.write(`${server.address}\n`)

  const browser = values.window && hasDisplay() ? findBrowser() : undefined
  const profile = join(home, 'browser')
  if (browser) await closeLeftover(profile)
  const page: OpenPage | undefined =
    browser &&
    (await writeOpenPage(
      home,
      server.addressForOnce(() => void page?.remove())
    ))
  const window = browser && page && showWindow(browser, page.address, profile)
  let stopping: Promise<void> | undefined
  const stop = (): Promise<void> =>
    (stopping ??= (async () => {
      // What a page still knows is written first; the window may be closed already, and its last requests on their way.
      await host.lastWords(server.pages)
      window?.close()
      await page?.remove()
      await instance.end()
      await server.close()
      await host.close()
    })())
  for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) process.once(signal, () => void stop())

  if (!window) return values.window ? say(whyNoWindow()) : undefined
  say(`Readonce is open in ${browser.name}; closing its window ends it.`)
  const why = await window.closed.catch((error: Error) => error.message)
  if (why === undefined || stopping) return stop()
  say(`${browser.name} cannot show the window: ${why}. Open the address above in another browser.`)
}

const whyNoWindow = (): string =>
  hasDisplay()
    ? 'No Chromium, Chrome or Edge is installed. Open the address above in a browser that has WebGPU.'
    : 'There is no display here. Open the address above in a browser that has WebGPU, on this computer.'

const say = (sentence: string): void => void process.stderr.write(`${sentence}\n`)

start().catch((error: unknown) => {
  process.stderr.write(`${sentenceOf(error)}\n`)
  const usage = (error as NodeJS.ErrnoException).code?.startsWith('ERR_PARSE_ARGS')
  process.exitCode = usage || (error instanceof HostFailure && error.code === 'bad-request') ? 2 : 1
})
