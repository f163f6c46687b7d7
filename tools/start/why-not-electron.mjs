/** What can be known before Electron is started: on Linux it may have nothing to draw on, or nothing to make its sandbox of. */
import { readdirSync, readFileSync, statSync } from 'node:fs'
import { dirname, join } from 'node:path'

/** Kernel settings by which a process of an ordinary person may make no user namespace, and the value that forbids it. */
const forbidding = /** @type {const} */ ([
  // Ubuntu since 23.10.
  ['kernel/apparmor_restrict_unprivileged_userns', '1'],
  // Debian before 11, hardened kernels.
  ['kernel/unprivileged_userns_clone', '0'],
  ['user/max_user_namespaces', '0']
])

/**
 * The beginning of a sentence that ends with ", so …", or undefined where Electron can be tried. `system`: the root of the
 * file system that tells of the kernel.
 * @param {string} electron path of the program
 * @param {{ platform: NodeJS.Platform, env: NodeJS.ProcessEnv, isRoot: boolean, system?: string }} machine
 * @returns {string | undefined}
 */
export function whyNotElectron(electron, { platform, env, isRoot, system = '/' }) {
  if (platform !== 'linux') return undefined
  if (!env['DISPLAY'] && !env['WAYLAND_DISPLAY']) return 'There is no display for Electron'
  // Root's Electron is started without a sandbox.
  if (isRoot) return undefined
  const helper = join(dirname(electron), 'chrome-sandbox')
  if (isSetuidRoot(helper)) return undefined
  const setting = forbidding.find(
    ([path, value]) => contentOf(join(system, 'proc', 'sys', path))?.trim() === value
  )
  if (!setting) return undefined
  const [path] = setting
  if (path.includes('apparmor') && hasProfile(electron, join(system, 'etc', 'apparmor.d'))) return undefined
  const name = path.replace('/', '.')
  return `Electron cannot make its sandbox (${name} is ${setting[1]}; "sudo chown root:root '${helper}' && sudo chmod 4755 '${helper}'" would let it)`
}

/** @param {string} path */
function isSetuidRoot(path) {
  const found = statSync(path, { throwIfNoEntry: false })
  return found !== undefined && found.uid === 0 && (found.mode & 0o4111) === 0o4111
}

/**
 * Whether a profile of AppArmor names the program: then its owner has allowed it already.
 * @param {string} electron
 * @param {string} folder
 */
function hasProfile(electron, folder) {
  try {
    return readdirSync(folder).some(name => contentOf(join(folder, name))?.includes(electron))
  } catch {
    return false
  }
}

/**
 * undefined: not there, or nothing to read.
 * @param {string} path
 */
function contentOf(path) {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return undefined
  }
}
