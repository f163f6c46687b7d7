/** Builds out/ when a source is newer than it. A build takes two seconds, looking at all dates 20 ms. */
import { spawnSync } from 'node:child_process'
import { readdirSync, statSync } from 'node:fs'
import { join } from 'node:path'

const sources = [
  'contract',
  'gpu',
  'main',
  'renderer',
  'electron.vite.config.ts',
  'package-lock.json',
  'package.json'
]
const built = [
  'out/main/electron.js',
  'out/main/browser-host.js',
  'out/preload/preload.cjs',
  'out/renderer/index.html'
]

/** @param {string} root */
export function buildIfOlder(root) {
  const oldest = Math.min(...built.map(file => changedAt(join(root, file))))
  const newest = Math.max(...sources.map(path => newestIn(join(root, path))))
  if (newest < oldest) return
  process.stderr.write('Building Readonce ...\n')
  const vite = join(root, 'node_modules', 'electron-vite', 'bin', 'electron-vite.js')
  const { status } = spawnSync(process.execPath, [vite, 'build', '--logLevel', 'warn'], {
    cwd: root,
    stdio: ['ignore', 'ignore', 'inherit']
  })
  if (status !== 0) {
    process.stderr.write('The build failed; what it said is above. Is everything installed (npm ci)?\n')
    process.exit(1)
  }
}

/**
 * When the newest of all files below a path was changed, in milliseconds since 1970. Folders count too: a file
 * that was taken away changes its folder.
 * @param {string} path
 * @returns {number}
 */
function newestIn(path) {
  const own = changedAt(path)
  if (!statSync(path, { throwIfNoEntry: false })?.isDirectory()) return own
  return Math.max(own, ...readdirSync(path).map(name => newestIn(join(path, name))))
}

/**
 * 0: it is not there.
 * @param {string} path
 */
function changedAt(path) {
  return statSync(path, { throwIfNoEntry: false })?.mtimeMs ?? 0
}
