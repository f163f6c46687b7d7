import { mkdirSync } from 'node:fs'
import { rm } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { basename, join } from 'node:path'
import { build, type Plugin } from 'vite'
import { defineConfig } from 'vitest/config'

// Under .build, where bare names of packages are found; by process, since several runs may go on at once.
const workers = join(import.meta.dirname, '.build', 'workers', String(process.pid))

/**
 * `import createWorker from './x?nodeWorker'` as electron-vite's build does it: Node 20 runs no TypeScript, so the worker is
 * bundled first. The packages it needs stay outside and are found from .build.
 */
const nodeWorker = (): Plugin => ({
  name: 'node-worker',
  enforce: 'pre',
  async load(id) {
    if (!id.endsWith('?nodeWorker')) return undefined
    const entry = id.slice(0, id.indexOf('?'))
    const outDir = join(workers, basename(entry, '.ts'))
    await build({
      configFile: false,
      logLevel: 'silent',
      build: {
        ssr: entry,
        outDir,
        minify: false,
        rollupOptions: { output: { entryFileNames: 'worker.mjs', chunkFileNames: '[hash].mjs' } }
      }
    })
    return `import { Worker } from 'node:worker_threads'
export default options => new Worker(${JSON.stringify(join(outDir, 'worker.mjs'))}, options)`
  },
  closeBundle: () => rm(workers, { recursive: true, force: true })
})

/**
 * Where Mesa keeps what it compiled for the software adapter: beside the other things that are built, so that it is there
 * in the next run, wherever and for whomever that is. Programs that tests start inherit it.
 */
const shaders = process.env['MESA_SHADER_CACHE_DIR'] ?? join(import.meta.dirname, '.build', 'shaders')
mkdirSync(shaders, { recursive: true })

export default defineConfig({
  plugins: [nodeWorker()],
  test: {
    include: ['{contract,gpu,main,renderer,tools}/**/*.test.ts'],
    // Dawn keeps process-wide state; a process per file keeps one file's device loss out of another's.
    pool: 'forks',
    // A core less by default; but of two cores one would often wait for a disk, a child or a timer of the only test.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    env: { MESA_SHADER_CACHE_DIR: shaders },
    // As for Playwright: what passes only when it is tried again is told by its name and counts neither way (tools/test/count.mjs).
    retry: process.env['CI'] ? 1 : 0,
    testTimeout: 120_000,
    hookTimeout: 120_000
  }
})
