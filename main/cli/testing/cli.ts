/** The built command line as a child process, the way a person starts it; built first where it is missing or older than its sources. */
import { type ChildProcess, execFileSync, spawn } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { pathToFileURL } from 'node:url'
import { afterAll } from 'vitest'

const root = join(import.meta.dirname, '..', '..', '..')
/** READONCE_CLI: another program to be tested, never built here. */
const program = process.env['READONCE_CLI'] ?? join(root, 'out', 'main', 'cli.js')
export const samples = join(root, 'assets', 'samples')

const modified = (path: string): number => (existsSync(path) ? statSync(path).mtimeMs : 0)

function newestSource(): number {
  let newest = 0
  for (const folder of ['gpu', 'main', 'contract'])
    for (const entry of readdirSync(join(root, folder), { withFileTypes: true, recursive: true }))
      if (
        /\.(ts|wgsl)$/.test(entry.name) &&
        !/test/.test(join(entry.parentPath, entry.name).slice(root.length))
      )
        newest = Math.max(newest, modified(join(entry.parentPath, entry.name)))
  return newest
}

/** Builds at most once at a time: several test files may come here together. */
function build(): void {
  const lock = join(tmpdir(), `readonce-build-${process.ppid}`)
  for (const until = Date.now() + 90_000; modified(program) < newestSource();) {
    try {
      mkdirSync(lock)
    } catch {
      if (Date.now() > until) throw new Error(`the build did not end; remove ${lock} and try again`)
      Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 200)
      continue
    }
    try {
      if (modified(program) < newestSource())
        execFileSync('npm', ['run', '--silent', 'build'], { cwd: root, stdio: 'pipe' })
    } finally {
      rmSync(lock, { recursive: true })
    }
  }
}
if (process.env['READONCE_CLI'] === undefined) build()

export interface Run {
  readonly code: number | null
  readonly signal: string | null
  readonly stdout: string
  readonly stderr: string
  /** Standard output as JSON lines; throws where it is anything else. */
  readonly records: readonly Record[]
  /** The last record of a type; throws where there is none. */
  last(type: string): Record
}

// eslint-disable-next-line @typescript-eslint/no-explicit-any -- whatever the program wrote; tests look closer
export type Record = { type: string } & { [field: string]: any }

export interface Child {
  readonly process: ChildProcess
  readonly ended: Promise<Run>
  /** The next record that `wanted` is true of, those already seen included; undefined when the program ends first. */
  seen(wanted: (record: Record) => boolean): Promise<Record | undefined>
}

/** A point of saving, and what the program then does to itself (signal-itself.mjs). */
export interface At {
  /** Page records written by this run of the program. */
  readonly pages: number
  /** Writes and flushes of any file after them. */
  readonly writes?: number
  readonly signal?: NodeJS.Signals
  /** A program with its arguments. */
  readonly run?: readonly string[]
}

export interface Circumstances {
  /** Standard input; closed behind it. */
  readonly input?: string
  readonly at?: At
  /** Besides this process's own. */
  readonly env?: NodeJS.ProcessEnv
  /** The best model that came with the program, where none is named, as for a person. */
  readonly best?: boolean
}

const signalItself = pathToFileURL(join(import.meta.dirname, 'signal-itself.mjs')).href

const loading = ['ask', 'read', 'needle', 'logits', 'evaluate', 'bench']

/** The small model, where none is named: what a test takes must not grow with the models that come with the program. */
const named = (args: readonly string[]): readonly string[] =>
  loading.includes(args[0] ?? '') && !args.includes('--model') ? [...args, '--model', 'small'] : args

export function start(given: readonly string[], { input, at, env, best }: Circumstances = {}): Child {
  const args = best ? given : named(given)
  const child = at
    ? spawn(process.execPath, ['--import', signalItself, program, ...args], {
        env: { ...process.env, ...env, READONCE_AT: JSON.stringify(at) }
      })
    : spawn(process.execPath, [program, ...args], { env: { ...process.env, ...env } })
  let [stdout, stderr, over] = ['', '', false]
  const looks = new Set<() => void>()
  const look = () => looks.forEach(again => again())
  child.stdout.on('data', (data: Buffer) => {
    stdout += data.toString()
    look()
  })
  child.stderr.on('data', (data: Buffer) => (stderr += data.toString()))
  // A program that ends before it has read everything is what some tests are about.
  child.stdin.on('error', () => undefined)
  child.stdin.end(input ?? '')
  const parse = () =>
    stdout
      .slice(0, stdout.lastIndexOf('\n') + 1)
      .split('\n')
      .slice(0, -1)
      .map(line => JSON.parse(line) as Record)
  const ended = new Promise<Run>(resolve =>
    child.on('close', (code, signal) => {
      over = true
      look()
      resolve({
        ...{ code, signal, stdout, stderr },
        get records() {
          return parse()
        },
        last(type) {
          const found = parse().findLast(record => record.type === type)
          if (found) return found
          throw new Error(
            `no "${type}" in ${stdout || '(nothing)'}; standard error: ${stderr || '(nothing)'}`
          )
        }
      })
    })
  )
  const seen = (wanted: (record: Record) => boolean) =>
    new Promise<Record | undefined>(resolve => {
      const again = () => {
        const found = stdout.includes('\n') ? parse().find(wanted) : undefined
        if (!found && !over) return
        looks.delete(again)
        resolve(found)
      }
      looks.add(again)
      again()
    })
  return { process: child, ended, seen }
}

export const cli = (args: readonly string[], circumstances?: Circumstances): Promise<Run> =>
  start(args, circumstances).ended

export interface Terminal {
  types(keys: string): void
  /** Resolves once `wanted` stands in what was shown behind what an earlier call waited for; throws where the program ends first. */
  shows(wanted: string | RegExp): Promise<void>
  readonly ended: Promise<number | null>
}

/** The same at a terminal (util-linux's script), where keys such as Ctrl-C reach the program as a person's do. Linux. */
export function terminal(args: readonly string[]): Terminal {
  const words = [process.execPath, program, ...named(args)]
  // In the shell's place, which Ctrl-C would end as well.
  const command = `exec ${words.map(word => `'${word.replaceAll("'", "'\\''")}'`).join(' ')}`
  const child = spawn('script', ['--quiet', '--return', '--command', command, '/dev/null'], {
    env: { ...process.env, TERM: 'xterm' }
  })
  let [shown, over] = ['', false]
  let look = (): void => undefined
  child.stdout.on('data', (data: Buffer) => {
    shown += data.toString()
    look()
  })
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on('error', reject)
    child.on('close', code => {
      over = true
      look()
      resolve(code)
    })
  })
  const shows = (wanted: string | RegExp) =>
    new Promise<void>((resolve, reject) => {
      look = () => {
        const found = shown.match(wanted)
        if (found) {
          shown = shown.slice(found.index! + found[0].length)
          resolve()
        } else if (over) reject(new Error(`the program ended without ${wanted}: ${shown}`))
      }
      look()
    })
  return { types: keys => void child.stdin.write(keys), shows, ended }
}

/** A folder of the test file's own, gone when the file is done. */
export function temporary(): string {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-cli-'))
  afterAll(() => rmSync(folder, { recursive: true, force: true }))
  return folder
}
