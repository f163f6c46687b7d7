/**
 * `npm start [-- FILE...]`: builds if something changed, then opens the app in Electron, or, where Electron's binary is
 * not to be had or does not start, in an installed browser. `--browser` takes the browser at once, `--library DIR`
 * another library.
 */
import { spawn } from 'node:child_process'
import { join, resolve } from 'node:path'
import { buildIfOlder } from './start/build.mjs'
import { findElectron } from './start/electron-binary.mjs'
import { whyNotElectron } from './start/why-not-electron.mjs'

/** An end with an error so soon after the start, ms: no person has used the window meanwhile. */
const atOnce = 5000
/** By a signal, as Chromium ends itself: its GPU process alone is waited for 30 s. */
const soon = 60_000

const root = join(import.meta.dirname, '..')
// npm runs scripts in the project's folder; the files were named in the folder where npm was called.
const from = process.env['npm_lifecycle_event'] === 'start' ? (process.env['INIT_CWD'] ?? '.') : '.'

const args = process.argv.slice(2)
if (args.includes('--help') || args.includes('-h')) {
  process.stdout.write(
    'usage: npm start [-- [--browser] [--library DIR] [FILE or FOLDER ...]]\n' +
      'Opens Readonce in Electron, or in an installed browser where Electron is not to be had (--browser: at once).\n'
  )
  process.exit(0)
}
const library = args.find((_, i) => args[i - 1] === '--library')
const files = args
  .filter((arg, i) => arg !== '--browser' && arg !== '--library' && args[i - 1] !== '--library')
  .map(file => resolve(from, file))

/** @type {import('node:child_process').ChildProcess | undefined} */
let running
let stopping = false
// Ctrl-C reaches both processes by itself; a signal to this one alone is passed on, so that nothing is left running.
for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP']))
  process.on(signal, () => {
    stopping = true
    running?.kill(signal === 'SIGINT' ? 'SIGTERM' : signal)
  })

buildIfOlder(root)
const why = args.includes('--browser') ? '' : await openInElectron()
if (why !== undefined && !stopping) {
  if (why) process.stderr.write(`${why}, so Readonce opens in a browser.\n`)
  await openInBrowser()
}

/** Resolves when its window was closed; to a reason when there was none. */
async function openInElectron() {
  const electron = await findElectron(root)
  if (!electron) return 'Electron is not on this computer and cannot be downloaded now'
  const isRoot = process.getuid?.() === 0
  const { platform, env } = process
  const reason = whyNotElectron(electron, { platform, env, isRoot })
  if (reason) return reason
  // Chromium's sandbox cannot be made by root, and Electron then ends with a message instead of a window.
  const unsandboxed = platform === 'linux' && isRoot ? ['--no-sandbox'] : []
  const given = library ? [`--library=${resolve(from, library)}`] : []
  const begun = Date.now()
  const { code, signal, error } = await run(electron, [...unsandboxed, root, ...given, ...files])
  const lived = Date.now() - begun
  process.exitCode = code ?? 1
  if (stopping) return undefined
  if (error) return `Electron cannot be started (${error.message})`
  if (signal && lived < soon) return `Electron ended by ${signal} after ${seconds(lived)}`
  if (code && lived < atOnce) return `Electron ended with code ${code} after ${seconds(lived)}`
  return undefined
}

async function openInBrowser() {
  const given = library ? ['--library', resolve(from, library)] : []
  const host = join(root, 'out', 'main', 'browser-host.js')
  const { code, error } = await run(process.execPath, [host, '--window', ...given, ...files])
  if (error) process.stderr.write(`${process.execPath} cannot be started: ${error.message}\n`)
  process.exitCode = code ?? 1
}

/**
 * @param {string} program
 * @param {string[]} options
 * @returns {Promise<{ code?: number | null, signal?: NodeJS.Signals | null, error?: Error }>}
 */
function run(program, options) {
  return new Promise(resolve => {
    running = spawn(program, options, { stdio: 'inherit' })
    running.once('error', error => resolve({ error }))
    running.once('exit', (code, signal) => resolve({ code, signal }))
  })
}

/** @param {number} ms */
function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`
}
