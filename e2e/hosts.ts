/**
 * How to start each host, and why one cannot be started here. Every test has a library of its own; the specs get the
 * running app and know no host.
 */
import {
  _electron,
  type Browser,
  type BrowserContext,
  chromium,
  type Page,
  test as base
} from '@playwright/test'
import { type ChildProcess, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'

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
export const chromiumPath = (): string | undefined =>
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

export interface App {
  readonly page: Page
  /** Holds the page; in Electron its session. */
  readonly context: BrowserContext
  /** What the page may ask: everything begins with this. */
  readonly origin: string
  /** In a browser with this run's key behind "#". */
  readonly address: string
  readonly library: string
  /** The program ends and starts again on the same library; `files` are given on its command line. */
  restart(...files: string[]): Promise<void>
  /** The same, but as by a power cut: nothing is said to anybody. */
  killAndRestart(): Promise<void>
  /** The program behind the page ends without a word; the page stays. In a browser only. */
  kill(): void
}

/** The small model alone: what the specs take must not grow with the models that come with the program. */
const smallModel = join(mkdtempSync(join(tmpdir(), 'readonce-e2e-models-')), 'models')
mkdirSync(smallModel)
symlinkSync(join(root, 'assets/models/small'), join(smallModel, 'small'), 'junction')
process.once('exit', () => rmSync(dirname(smallModel), { recursive: true, force: true }))

interface Started {
  readonly page: Page
  kill?(): void
  readonly address: string
  end(kill: boolean): Promise<void>
}

export const test = base.extend<
  { runs: undefined; library: string; models: string; app: App },
  { chromiumForAll: Browser | undefined }
>({
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
  chromiumForAll: [
    // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
    async ({}, use, { project }) => {
      const browser = project.name === 'electron' ? undefined : await launchChromium()
      await use(browser)
      await browser?.close()
    },
    { scope: 'worker' }
  ],
  // eslint-disable-next-line no-empty-pattern -- Playwright wants a pattern even where nothing is used.
  library: async ({}, use) => {
    const folder = mkdtempSync(join(tmpdir(), 'readonce-e2e-'))
    await use(folder)
    rmSync(folder, { recursive: true, force: true, maxRetries: 3 })
  },
  models: [smallModel, { option: true }],
  app: async ({ library, models, chromiumForAll }, use) => {
    const env = { READONCE_MODELS: models }
    const start = (files: readonly string[] = []): Promise<Started> =>
      chromiumForAll ? inBrowser(chromiumForAll, library, files, env) : inElectron(library, files, env)
    let running = await start()
    await use({
      get page() {
        return running.page
      },
      get context() {
        return running.page.context()
      },
      get address() {
        return running.address
      },
      get origin() {
        return running.address.replace(/\/(#.*)?$/, '')
      },
      library,
      kill: () => running.kill?.(),
      async restart(...files) {
        await running.end(false)
        running = await start(files)
      },
      async killAndRestart() {
        await running.end(true)
        running = await start()
      }
    })
    await running.end(false)
  }
})
export { expect } from '@playwright/test'

type Env = Readonly<Record<string, string>>

async function inBrowser(
  browser: Browser,
  library: string,
  files: readonly string[],
  env: Env
): Promise<Started> {
  const host = await startBrowserHost(library, files, env)
  const context = await browser.newContext({ viewport: { width: 1280, height: 800 }, locale: 'en-GB' })
  const page = await context.newPage()
  await page.goto(host.address)
  return {
    page,
    address: host.address,
    kill: () => void host.process.kill('SIGKILL'),
    async end(kill) {
      if (kill) await host.end('SIGKILL')
      await context.close()
      if (!kill) await host.end('SIGTERM')
    }
  }
}

export interface BrowserHostProcess {
  readonly address: string
  readonly process: ChildProcess
  end(signal: NodeJS.Signals): Promise<void>
}

/** Starts the built browser host; resolves with the address that it prints first. */
export async function startBrowserHost(
  library: string,
  files: readonly string[] = [],
  env: Env = { READONCE_MODELS: smallModel }
): Promise<BrowserHostProcess> {
  const server = spawn(
    process.execPath,
    [join(root, 'out/main/browser-host.js'), '--library', library, ...files],
    { stdio: ['ignore', 'pipe', 'inherit'], env: { ...process.env, ...env } }
  )
  const gone = new Promise<void>(resolve => server.once('exit', () => resolve()))
  const address = await new Promise<string>((resolve, reject) => {
    server.stdout.once('data', (line: Buffer) => resolve(line.toString().trim()))
    server.once('exit', code =>
      reject(new Error(`The browser host ended with ${code}; run "npm run build" first.`))
    )
  })
  return {
    address,
    process: server,
    async end(signal) {
      server.kill(signal)
      await gone
    }
  }
}

async function inElectron(library: string, files: readonly string[], env: Env): Promise<Started> {
  const app = await _electron.launch({
    executablePath: electronPath(),
    args: [...unsandboxed, `--user-data-dir=${join(library, 'electron')}`, root, ...files],
    env: { ...(process.env as Record<string, string>), ...env, READONCE_LIBRARY: library }
  })
  return {
    page: await app.firstWindow(),
    address: 'app://readonce/',
    async end(kill) {
      if (kill) app.process().kill('SIGKILL')
      else await app.close()
    }
  }
}
