/**
 * `npm start [-- FILE...]`: builds if something changed, then opens the app in Electron, or, where Electron's binary
 * is not to be had, in an installed browser. `--browser` takes the browser at once, `--library DIR` another library.
 */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { buildIfOlder } from './start/build.mjs'
import { findElectron } from './start/electron-binary.mjs'

const root = join(import.meta.dirname, '..')
// npm runs scripts in the project's folder; the files were named in the folder where npm was called.
const from = process.env['npm_lifecycle_event'] === 'start' ? (process.env['INIT_CWD'] ?? '.') : '.'

const args = process.argv.slice(2)
const browser = args.includes('--browser')
const library = args.find((_, i) => args[i - 1] === '--library')
const files = args
  .filter((arg, i) => arg !== '--browser' && arg !== '--library' && args[i - 1] !== '--library')
  .map(file => resolve(from, file))

buildIfOlder(root)
const electron = browser ? undefined : await findElectron(root)
if (!electron && !browser)
  process.stderr.write(
    'Electron is not on this computer and cannot be downloaded now, so Readonce opens in a browser.\n'
  )
const [program, ...options] = electron
  ? [electron, ...unsandboxed(), root, ...(library ? [`--library=${resolve(from, library)}`] : []), ...files]
  : [
      process.execPath,
      join(root, 'out', 'main', 'browser-host.js'),
      '--window',
      ...(library ? ['--library', resolve(from, library)] : []),
      ...files
    ]
const app = spawn(program, options, { stdio: 'inherit' })
app.once('error', error => {
  process.stderr.write(`${program} cannot be started: ${error.message}\n`)
  process.exitCode = 1
})
app.once('exit', (code, signal) => (process.exitCode = signal ? 1 : (code ?? 1)))
// Ctrl-C reaches both processes by itself; a signal to this one alone is passed on, so that nothing is left running.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => app.kill(signal === 'SIGINT' ? 'SIGTERM' : signal))

/** Chromium's sandbox cannot be made by root, and Electron then ends with a message instead of a window. */
function unsandboxed() {
  return process.platform === 'linux' && process.getuid?.() === 0 ? ['--no-sandbox'] : []
}
