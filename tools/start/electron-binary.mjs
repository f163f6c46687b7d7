/**
 * Electron's binary: found in node_modules, or downloaded by Electron's own installer. It is never asked for by
 * `require('electron')`, which would download at once, without a limit and in every start.
 */
import { spawn } from 'node:child_process'
import { existsSync, mkdirSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { networkInterfaces } from 'node:os'
import { dirname, join } from 'node:path'

/** After a download that failed, starts of the next day do not wait for another one. */
const triesAgainAfter = 24 * 60 * 60 * 1000
/** Enough to unpack a copy that an earlier download left on this computer. */
const withoutNetwork = 20_000
/** 110 MB over a slow line. */
const withNetwork = 15 * 60_000

/**
 * Path of the program, or undefined when it is not to be had. Never throws.
 * @param {string} root of the project
 * @returns {Promise<string | undefined>}
 */
export async function findElectron(root) {
  const present = installedElectron(root)
  if (present) return present
  const failed = join(root, '.build', 'electron-download-failed')
  const last = statSync(failed, { throwIfNoEntry: false })?.mtimeMs ?? 0
  if (Date.now() - last < triesAgainAfter) return undefined
  const online = await reachable(root)
  if (online) process.stderr.write('Downloading Electron, once (about 110 MB) ...\n')
  await install(root, online ? withNetwork : withoutNetwork)
  const found = installedElectron(root)
  if (found) rmSync(failed, { force: true })
  else {
    mkdirSync(dirname(failed), { recursive: true })
    writeFileSync(failed, 'The next start tries again when this file is a day old or gone.\n')
  }
  return found
}

/**
 * @param {string} root
 * @returns {string | undefined}
 */
export function installedElectron(root) {
  const folder = join(root, 'node_modules', 'electron')
  const named = join(folder, 'path.txt')
  // As in electron/index.js: ELECTRON_OVERRIDE_DIST_PATH is the folder of a binary from elsewhere.
  const elsewhere = process.env['ELECTRON_OVERRIDE_DIST_PATH']
  const name = existsSync(named) ? readFileSync(named, 'utf8').trim() : elsewhere ? usualName() : undefined
  if (!name) return undefined
  const path = join(elsewhere ?? join(folder, 'dist'), name)
  return existsSync(path) ? path : undefined
}

function usualName() {
  if (process.platform === 'darwin') return join('Electron.app', 'Contents', 'MacOS', 'Electron')
  return process.platform === 'win32' ? 'electron.exe' : 'electron'
}

/**
 * Whether the place that Electron is downloaded from answers, in at most five seconds.
 * @param {string} root
 */
async function reachable(root) {
  const outside = Object.values(networkInterfaces()).flat()
  if (!outside.some(address => address && !address.internal)) return false
  const { version } = JSON.parse(readFileSync(join(root, 'node_modules/electron/package.json'), 'utf8'))
  const mirror = process.env['ELECTRON_MIRROR'] ?? 'https://github.com/electron/electron/releases/download/'
  const address = `${mirror}v${version}/electron-v${version}-${process.platform}-${process.arch}.zip`
  return fetch(address, { method: 'HEAD', signal: AbortSignal.timeout(5000) }).then(
    response => response.ok,
    () => false
  )
}

/**
 * Electron's own installer: checks the digest, keeps the download for other projects, unpacks.
 * @param {string} root
 * @param {number} most milliseconds
 * @returns {Promise<void>}
 */
function install(root, most) {
  return new Promise(resolve => {
    const installer = spawn(process.execPath, [join(root, 'node_modules', 'electron', 'install.js')], {
      stdio: 'ignore',
      timeout: most
    })
    installer.once('error', () => resolve())
    installer.once('exit', () => resolve())
  })
}
