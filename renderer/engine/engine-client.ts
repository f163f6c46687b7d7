/**
 * The engine for the page: gpu's verbs over messages to the worker. Worker and engine live and die together; after a
 * loss the caller closes this one and opens another.
 */
import type { ByteAddress } from '../../contract/bytes'
import type { ChatTurn, Engine, ModelInfo, Part, ReadingProgress } from '../../gpu/index'
import type { Adapter, Failed, FromWorker, Memory, ToWorker } from '../worker/protocol'

export class EngineError extends Error {
  constructor(
    readonly code: Failed['code'] | 'worker-died',
    message: string
  ) {
    super(message)
    this.name = 'EngineError'
  }
}

export interface RemoteSession {
  readonly tokens: number
  readonly seconds: number
  /** Bytes on the GPU when the reading was done. */
  readonly memory: Memory
  ask(question: string, history: readonly ChatTurn[], signal: AbortSignal): AsyncGenerator<Part, void>
  close(): void
}

export interface RemoteEngine {
  readonly model: ModelInfo
  readonly adapter: Adapter
  readonly memory: Memory
  readonly lost: Engine['lost']
  read(
    text: string,
    options: { signal: AbortSignal; onProgress: (progress: ReadingProgress, memory: Memory) => void }
  ): Promise<RemoteSession>
  close(): void
}

type OfJob = Extract<FromWorker, { job: number }>

export function openEngineClient(
  bytes: ByteAddress,
  model: { id: string; name: string },
  onLoading: (loaded: number, total: number) => void
): Promise<RemoteEngine> {
  const worker = new Worker(new URL('../worker/engine-worker.ts', import.meta.url), { type: 'module' })
  const tell = (message: ToWorker): void => worker.postMessage(message)
  const jobs = new Map<number, (message: OfJob) => void>()
  let lastJob = 0
  const lost = Promise.withResolvers<string>()
  const opened = Promise.withResolvers<RemoteEngine>()

  function die(reason: string): void {
    worker.terminate()
    opened.reject(new EngineError('worker-died', reason))
    lost.resolve(reason)
    failAll({ code: 'gpu-lost', message: reason })
  }
  function failAll(failure: Failed): void {
    for (const [job, listener] of [...jobs]) listener({ type: 'failed', job, failure })
    jobs.clear()
  }

  worker.onerror = event => die(`The engine’s worker stopped: ${event.message || 'no reason given'}`)
  worker.onmessage = ({ data }: MessageEvent<FromWorker>) => {
    switch (data.type) {
      case 'loading':
        return onLoading(data.loaded, data.total)
      case 'opened':
        return opened.resolve({ ...data, lost: lost.promise, read, close })
      case 'unopened':
        worker.terminate()
        return opened.reject(new EngineError(data.failure.code, data.failure.message))
      case 'lost':
        return lost.resolve(data.reason)
      default:
        return jobs.get(data.job)?.(data)
    }
  }

  function start(
    signal: AbortSignal,
    message: (job: number) => ToWorker,
    listener: (m: OfJob) => void
  ): number {
    const job = ++lastJob
    jobs.set(job, listener)
    signal.addEventListener('abort', () => tell({ type: 'stop', job }), { once: true })
    tell(message(job))
    if (signal.aborted) tell({ type: 'stop', job })
    return job
  }

  const read: RemoteEngine['read'] = (text, { signal, onProgress }) =>
    new Promise((resolve, reject) => {
      start(
        signal,
        job => ({ type: 'read', job, text }),
        message => {
          if (message.type === 'progress') return onProgress(message.progress, message.memory)
          jobs.delete(message.job)
          if (message.type === 'read') resolve(sessionOf(message.job, message))
          else if (message.type === 'failed')
            reject(new EngineError(message.failure.code, message.failure.message))
        }
      )
    })

  function sessionOf(
    session: number,
    { tokens, seconds, memory }: Extract<OfJob, { type: 'read' }>
  ): RemoteSession {
    return {
      tokens,
      seconds,
      memory,
      async *ask(question, history, signal) {
        const arrived: OfJob[] = []
        let wake = (): void => {}
        const job = start(
          signal,
          job => ({ type: 'ask', job, session, question, history }),
          message => {
            arrived.push(message)
            wake()
          }
        )
        try {
          for (;;) {
            const message = arrived.shift()
            if (!message) await new Promise<void>(resolve => (wake = resolve))
            else if (message.type === 'said') yield { type: 'text', text: message.text }
            else if (message.type === 'failed')
              throw new EngineError(message.failure.code, message.failure.message)
            else if (message.type === 'answered') return yield message.end
          }
        } finally {
          jobs.delete(job)
        }
      },
      close: () => tell({ type: 'forget', session })
    }
  }

  function close(): void {
    worker.terminate()
    failAll({ code: 'closed', message: 'The engine was closed.' })
  }

  tell({ type: 'open', model, bytes })
  return opened.promise
}
