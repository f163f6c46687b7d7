/**
 * The page as a window of its own in an installed browser: `--app`, with a profile in the data folder, so that neither the
 * person's browser nor Readonce sees anything of the other.
 */
import { spawn } from 'node:child_process'
import { gpuPresent, graphicsSwitches, onWayland } from '../graphics'
import type { Browser } from './find-browser'

export interface Machine {
  readonly platform: NodeJS.Platform
  /** Chromium makes no sandbox for root on Linux and ends instead. */
  readonly root: boolean
  readonly gpu: boolean
  /** A Wayland session, and whether X11 programs are shown in it, too (Xwayland). */
  readonly wayland: boolean
  readonly x11: boolean
}

const thisMachine = (): Machine => ({
  platform: process.platform,
  root: process.getuid?.() === 0,
  gpu: gpuPresent(),
  wayland: onWayland(''),
  x11: !!process.env['DISPLAY']
})

/** Whether a window can be shown at all. */
export const hasDisplay = (env: NodeJS.ProcessEnv = process.env, platform = process.platform): boolean =>
  platform !== 'linux' || !!(env['DISPLAY'] || env['WAYLAND_DISPLAY'])

/** What the browser is started with. */
export function windowFlags(address: string, profile: string, machine: Machine): string[] {
  const { platform, root, gpu, wayland, x11 } = machine
  // The page cannot start its browser again another way, so the surest way is taken: WebGPU on X11 is the older one.
  const throughX11 = platform === 'linux' && gpu && wayland && x11
  const switches = graphicsSwitches({ platform, gpu, wayland: wayland && !throughX11 }, 'automatic')
  return [
    `--app=${address}`,
    `--user-data-dir=${profile}`,
    '--window-size=1280,860',
    '--no-first-run',
    '--no-default-browser-check',
    // Without it a bar above the page says of these flags that "stability and security will suffer" (e2e/real-window.spec.ts).
    '--test-type',
    // Nothing leaves the computer, whatever the browser would like to ask: no name but ours is found, past any proxy.
    '--host-resolver-rules=MAP * ~NOTFOUND , EXCLUDE 127.0.0.1',
    '--no-proxy-server',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
    '--disable-extensions',
    '--disable-breakpad',
    '--disable-features=Translate,MediaRouter,OptimizationHints',
    // The profile keeps no passwords; the keychain need not be asked for one.
    '--password-store=basic',
    '--use-mock-keychain',
    // Closing the window ends the browser; reading goes on while it is covered.
    '--disable-background-mode',
    '--disable-background-timer-throttling',
    '--disable-backgrounding-occluded-windows',
    '--disable-renderer-backgrounding',
    // A lost device is a named state with a button to go on; the page would otherwise be shut out after a few.
    '--disable-domain-blocking-for-3d-apis',
    ...(throughX11 ? ['--ozone-platform=x11'] : []),
    ...switches.map(([name, value]) => (value === undefined ? `--${name}` : `--${name}=${value}`)),
    ...(platform === 'linux' && root ? ['--no-sandbox'] : [])
  ]
}

/** An end so soon, ms, was no person's: the page takes about a second to come. */
const atOnce = 10_000

/** `closed` resolves when a person closed it, to a reason where the browser did not live. Rejects when it cannot be started. */
export function showWindow(
  browser: Browser,
  address: string,
  profile: string,
  machine = thisMachine()
): { readonly closed: Promise<string | undefined>; close(): void } {
  const begun = Date.now()
  const child = spawn(browser.path, windowFlags(address, profile, machine), {
    // What Chromium says of fonts, buses and drivers is of no use to a person.
    stdio: 'ignore'
  })
  const closed = new Promise<string | undefined>((resolve, reject) => {
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      const failed = (signal ?? code) !== 0 && Date.now() - begun < atOnce
      resolve(failed ? `it ended at once with ${signal ?? `code ${code}`}` : undefined)
    })
  })
  return { closed, close: () => void child.kill() }
}
