/** electron-vite bundles such a module as a worker; in tests vitest.config.ts does. */
declare module '*?nodeWorker' {
  import type { Worker, WorkerOptions } from 'node:worker_threads'
  export default function createWorker(options: WorkerOptions): Worker
}
