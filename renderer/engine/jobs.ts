/** Jobs of a worker: numbered by the page, each with its listener, all failed at once when the worker is gone. */
import { failureSentence } from '../words/failure-sentence'
import type { Failed, FromWorker, OfJob, ToWorker } from '../worker/protocol'

export class EngineError extends Error {
  constructor(
    readonly code: Failed['code'] | 'worker-died',
    message: string
  ) {
    super(message)
    this.name = 'EngineError'
  }
}

export const errorOf = ({ code, message, said }: Failed): EngineError =>
  new EngineError(code, failureSentence(message, said))

/** What the client needs of a worker; tests give a port to an engine in the same process. */
export interface EngineWorker {
  postMessage(message: ToWorker): void
  terminate(): void
  onmessage: ((event: MessageEvent<FromWorker>) => void) | null
  onerror: ((event: ErrorEvent) => void) | null
}

export interface Jobs {
  tell(message: ToWorker): void
  /** Begins a job. It ends when `listener` returns true, or is told that it failed. */
  start(
    message: (job: number) => ToWorker,
    listener: (message: OfJob) => unknown,
    signal?: AbortSignal
  ): number
  /** A job's messages as they come, to its end; throws what it fails with. Whoever stops listening stops the job. */
  stream(message: (job: number) => ToWorker, signal: AbortSignal): AsyncGenerator<OfJob, void>
}

export function onceOf<T extends OfJob['type']>(
  jobs: Jobs,
  type: T,
  message: (job: number) => ToWorker
): Promise<Extract<OfJob, { type: T }>> {
  return new Promise((resolve, reject) => {
    jobs.start(message, told => {
      if (told.type === type) resolve(told as Extract<OfJob, { type: T }>)
      else if (told.type === 'failed') reject(errorOf(told.failure))
      return true
    })
  })
}

export function jobsOf(
  worker: EngineWorker
): Jobs & { take(message: OfJob): void; failAll(failure: Failed): void } {
  const listeners = new Map<number, (message: OfJob) => unknown>()
  let [last, over] = [0, undefined as Failed | undefined]
  const tell = (message: ToWorker): void => worker.postMessage(message)
  const take = (message: OfJob): void => {
    if (listeners.get(message.job)?.(message) === true) listeners.delete(message.job)
  }
  return {
    tell,
    take,
    start(message, listener, signal) {
      const job = ++last
      listeners.set(job, listener)
      if (over) queueMicrotask(() => over && take({ type: 'failed', job, failure: over }))
      tell(message(job))
      const stop = (): void => tell({ type: 'stop', job })
      signal?.addEventListener('abort', stop, { once: true })
      if (signal?.aborted) stop()
      return job
    },
    async *stream(message, signal) {
      const arrived: OfJob[] = []
      let wake = (): void => undefined
      let over = false
      const job = this.start(
        message,
        each => {
          arrived.push(each)
          wake()
          over = each.type === 'answered' || each.type === 'failed'
          return over
        },
        signal
      )
      try {
        for (;;) {
          const next = arrived.shift()
          if (!next) await new Promise<void>(resolve => (wake = resolve))
          else if (next.type === 'failed') throw errorOf(next.failure)
          else yield next
          if (next?.type === 'answered') return
        }
      } finally {
        if (!over) tell({ type: 'stop', job })
      }
    },
    failAll(failure) {
      over = failure
      for (const job of [...listeners.keys()]) take({ type: 'failed', job, failure })
      listeners.clear()
    }
  }
}
