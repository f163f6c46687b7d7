/**
 * A process of its own for tests that kill one, or starve it: bundles a script beside this file with Vite,
 * since Node 20 does not run TypeScript, and starts it.
 */
import { type ChildProcess, spawn } from 'node:child_process'
import { rm } from 'node:fs/promises'
import { join } from 'node:path'
import { build } from 'vite'

/** Returns the path of a script that Node can run. */
export async function bundle(name: string, into: string): Promise<string> {
  await build({
    configFile: false,
    logLevel: 'silent',
    ssr: { noExternal: true },
    build: {
      ssr: join(import.meta.dirname, `${name}.ts`),
      outDir: into,
      emptyOutDir: false,
      minify: false,
      rollupOptions: { output: { entryFileNames: '[name].mjs' } }
    }
  })
  return join(into, `${name}.mjs`)
}

export interface Child {
  readonly process: ChildProcess
  /** Resolves when the child has printed `line`. */
  said(line: string): Promise<void>
  readonly ended: Promise<{ code: number | null; output: string }>
}

/** `limit`: the largest file in blocks of 1 KiB that the child may write. */
export function start(script: string, args: string[], limit?: number): Child {
  const node = [script, ...args]
  const child =
    limit === undefined
      ? spawn(process.execPath, node)
      : spawn('bash', ['-c', `ulimit -f ${limit}; exec "$0" "$@"`, process.execPath, ...node])
  let output = ''
  const waiting: (() => void)[] = []
  const hear = (data: Buffer) => {
    output += data.toString()
    for (const look of waiting) look()
  }
  child.stdout.on('data', hear)
  child.stderr.on('data', hear)
  const ended = new Promise<{ code: number | null; output: string }>(resolve =>
    child.on('close', code => resolve({ code, output }))
  )
  const said = (line: string) =>
    new Promise<void>((resolve, reject) => {
      const look = () => output.includes(line) && resolve()
      waiting.push(look)
      look()
      void ended.then(() => reject(new Error(`the child ended without saying ${line}: ${output}`)))
    })
  return { process: child, said, ended }
}

export const removed = (folder: string) => rm(folder, { recursive: true, force: true })
