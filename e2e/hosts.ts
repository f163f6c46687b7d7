/** How to start each host, and why one cannot be started here. The specs get an open page and know no host. */
import { _electron, type Browser, chromium, type Page, test as base } from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const root = join(import.meta.dirname, '..')

const browsers = [
  '/usr/bin/chromium',
  '/usr/bin/chromium-browser',
  '/usr/bin/google-chrome',
  '/usr/bin/microsoft-edge',
  '/Applications/Google Chrome.app/Contents/MacOS/Google Chrome',
  'C:\\Program Files\\Google\\Chrome\\Application\\chrome.exe'
]
/** READONCE_CHROMIUM=PATH names another one. */
const chromiumPath = (): string | undefined =>
  [process.env['READONCE_CHROMIUM'] ?? browsers].flat().find(path => existsSync(path))

// Looked for on disk: `require('electron')` would begin to download it.
function electronPath(): string | undefined {
  const folder = join(root, 'node_modules', 'electron')
  const named = join(folder, 'path.txt')
  const path = existsSync(named) ? join(folder, 'dist', readFileSync(named, 'utf8').trim()) : undefined
  return path && existsSync(path) ? path : undefined
}

const webgpu = ['--enable-unsafe-webgpu', '--use-webgpu-adapter=swiftshader']
// Chromium's own sandbox wants user namespaces, which containers and root do not have.
const unsandboxed = process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []

export const launchChromium = (flags: readonly string[] = webgpu): Promise<Browser> =>
  chromium.launch({ executablePath: chromiumPath(), args: [...unsandboxed, ...flags] })

export interface Opened {
  readonly page: Page
  /** What the page may ask: everything begins with this. */
  readonly origin: string
}

interface Host {
  readonly address: string
  /** Only in a browser. */
  readonly browser?: Browser
  open(): Promise<Opened & { close(): Promise<void> }>
}

export const test = base.extend<{ runs: undefined; opened: Opened }, { host: Host; data: string }>({
  runs: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
    async ({}, use, info) => {
      const missing =
        info.project.name === 'electron'
          ? !electronPath() && 'no Electron binary is installed'
          : !chromiumPath() && 'no Chromium, Chrome or Edge is installed'
      info.skip(!!missing, missing || '')
      await use(undefined)
    },
    { auto: true }
  ],
  data: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
    async ({}, use) => {
      const folder = mkdtempSync(join(tmpdir(), 'readonce-e2e-data-'))
      await use(folder)
      rmSync(folder, { recursive: true, force: true })
    },
    { scope: 'worker' }
  ],
  host: [
    async ({ data }, use, { project }) => {
      if (project.name === 'electron') return use(electronHost(data))
      const server = spawn(process.execPath, [join(root, 'out/main/browser-host.js'), '--library', data], {
        stdio: ['ignore', 'pipe', 'inherit']
      })
      const browser = await launchChromium()
      await use(browserHost(await addressOf(server), browser))
      await browser.close()
      server.kill()
    },
    { scope: 'worker' }
  ],
  opened: async ({ host }, use) => {
    const { close, ...opened } = await host.open()
    await use(opened)
    await close()
  }
})
export { expect } from '@playwright/test'

function browserHost(address: string, browser: Browser): Host {
  return {
    address,
    browser,
    async open() {
      const context = await browser.newContext({ viewport: { width: 980, height: 860 } })
      const page = await context.newPage()
      return { page, origin: new URL(address).origin, close: () => context.close() }
    }
  }
}

function electronHost(data: string): Host {
  return {
    address: 'app://readonce/',
    async open() {
      const app = await _electron.launch({
        executablePath: electronPath(),
        args: [...unsandboxed, `--user-data-dir=${data}`, root],
        env: { ...(process.env as Record<string, string>), XDG_DATA_HOME: data, APPDATA: data }
      })
      return { page: await app.firstWindow(), origin: 'app://readonce', close: () => app.close() }
    }
  }
}

/** The first line that the browser host prints. */
function addressOf(server: ChildProcess): Promise<string> {
  return new Promise((resolve, reject) => {
    server.stdout!.once('data', (line: Buffer) => resolve(line.toString().trim()))
    server.once('exit', code =>
      reject(new Error(`The browser host ended with ${code}; run "npm run build" first.`))
    )
  })
}
