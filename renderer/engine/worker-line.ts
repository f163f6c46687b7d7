/** A worker and what is heard from it: jobs, news, silence, its death. */
import type { Failed, FromWorker, WorkerNews } from '../worker/protocol'
import { type EngineWorker, type Jobs, jobsOf } from './jobs'
import { watchWorker } from './watchdog'

// Vite finds the worker's bundle by this very expression.
export const startWorker = (): EngineWorker =>
  new Worker(new URL('../worker/engine-worker.ts', import.meta.url), { type: 'module' })

export const closed: Failed = { code: 'closed', message: 'The engine was closed.' }

export interface Line {
  readonly jobs: Jobs
  /** Once, for everybody: jobs under way and all later ones fail so. */
  end(failure: Failed): void
}

export function lineTo(
  worker: EngineWorker,
  to: { onSilence(silent: boolean): void; onNews(news: WorkerNews): void; onError(reason: string): void }
): Line {
  const jobs = jobsOf(worker)
  const watchdog = watchWorker(
    () => jobs.tell({ type: 'ping' }),
    silent => to.onSilence(silent)
  )
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    watchdog.heard()
    if ('job' in data) jobs.take(data)
    else if (data.type !== 'pong') to.onNews(data)
  }
  worker.onerror = ({ message }) => to.onError(`The engine’s worker stopped: ${message || 'no reason given'}`)
  return {
    jobs,
    end(failure) {
      watchdog.end()
      worker.terminate()
      jobs.failAll(failure)
    }
  }
}
