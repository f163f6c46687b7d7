/** Starts the engine's worker and speaks its protocol: the page asks by job, parts of an answer come back in frames. */
import type { ByteAddress } from '../../contract/bytes'
import type { FromWorker, OfJob, ToWorker } from '../worker/protocol'
import { EngineError, type EngineWorker, errorOf, jobsOf, onceOf } from './jobs'
import { remoteSession } from './remote-session'
import { silence, watchWorker } from './watchdog'
import type { InspectModel, ReadOptions, RemoteEngine, RemoteSession } from './remote-engine'

export { EngineError } from './jobs'

// Vite finds the worker's bundle by this very expression.
const startWorker = (): EngineWorker =>
  new Worker(new URL('../worker/engine-worker.ts', import.meta.url), { type: 'module' })

/**
 * Rejects with EngineError, also when the worker cannot be started. `onSilence` is told when the worker does not answer for
 * ten seconds, and when it does again; `giveUp` ends an opening that takes too long for a person.
 */
export function openEngineClient(
  bytes: ByteAddress,
  model: { id: string; name: string },
  onLoading: (loaded: number, total: number) => void,
  onSilence: (silent: boolean) => void = () => undefined,
  worker: EngineWorker = startWorker(),
  giveUp?: AbortSignal
): Promise<RemoteEngine> {
  const opened = Promise.withResolvers<RemoteEngine>()
  const lost = Promise.withResolvers<string>()
  const memoryListeners = new Set<(memory: RemoteEngine['memory']) => void>()
  const sessions = new Map<number, () => void>()
  const jobs = jobsOf(worker)
  const watchdog = watchWorker(() => jobs.tell({ type: 'ping' }), onSilence)

  function end(reason: string, code: 'gpu-lost' | 'closed'): void {
    watchdog.end()
    onSilence(false)
    worker.terminate()
    jobs.failAll({ code, message: reason })
    for (const closed of sessions.values()) closed()
    sessions.clear()
  }

  worker.onerror = event => {
    const reason = `The engine’s worker stopped: ${event.message || 'no reason given'}`
    opened.reject(new EngineError('worker-died', reason))
    lost.resolve(reason)
    end(reason, 'gpu-lost')
  }
  giveUp?.addEventListener('abort', () => {
    opened.reject(new EngineError('closed', 'The engine was closed while it was being opened.'))
    end('The engine was closed.', 'closed')
  })
  worker.onmessage = ({ data }) => {
    watchdog.heard()
    switch (data.type) {
      case 'pong':
        return
      case 'loading':
        return onLoading(data.loaded, data.total)
      case 'opened':
        return opened.resolve(engineOf(data))
      case 'unopened':
        watchdog.end()
        worker.terminate()
        return opened.reject(errorOf(data.failure))
      case 'lost':
        lost.resolve(data.reason)
        return end(data.reason, 'gpu-lost')
      case 'memory':
        for (const listener of memoryListeners) listener(data.memory)
        return
      case 'freed':
        sessions.get(data.session)?.()
        return void sessions.delete(data.session)
      default:
        return jobs.take(data)
    }
  }

  function engineOf(told: Extract<FromWorker, { type: 'opened' }>): RemoteEngine {
    let { memory } = told
    memoryListeners.add(now => (memory = now))
    return {
      model: told.model,
      modelKey: told.modelKey,
      adapter: told.adapter,
      get memory() {
        return memory
      },
      onMemory: listener => void memoryListeners.add(listener),
      lost: lost.promise,
      probe: async () => ({
        tokensPerSecond: (await once('probed', job => ({ type: 'probe', job }))).tokensPerSecond
      }),
      countTokens: async documentId =>
        (await once('counted', job => ({ type: 'count', job, documentId }))).counted,
      fitsMemory: async tokens => (await once('fitted', job => ({ type: 'fits', job, tokens }))).fit,
      read: (document, options) => read(document, options),
      close: () => end('The engine was closed.', 'closed')
    }
  }

  const once = <T extends OfJob['type']>(type: T, message: (job: number) => ToWorker) =>
    onceOf(jobs, type, message)

  function read(document: Parameters<RemoteEngine['read']>[0], options: ReadOptions): Promise<RemoteSession> {
    return new Promise((resolve, reject) => {
      // What onFound rejects with is the caller's own and comes back as it is.
      let prevented: { error: unknown } | undefined
      let live: ReturnType<typeof remoteSession> | undefined
      const ended = (): true => {
        live?.end()
        return true
      }
      jobs.start(
        job => ({ type: 'read', job, document, most: options.most }),
        message => {
          switch (message.type) {
            case 'tokenizing':
              return options.onTokenizing?.(message.done)
            case 'found':
              return void allow(options, message)
                .catch(error => {
                  prevented = { error }
                })
                .then(() => jobs.tell({ type: 'begin', job: message.job, may: !prevented }))
            case 'progress':
              live?.grow(message.progress.tokens)
              return options.onProgress?.(message.progress)
            case 'live': {
              const facts = { ...message, reused: 0, seconds: 0, pageFileBytes: 0 }
              live = remoteSession(jobs, message.job, document.id, facts, () => undefined)
              return options.onLive?.(live.session)
            }
            case 'read': {
              const kept = remoteSession(jobs, message.job, document.id, message.session, () =>
                sessions.delete(message.job)
              )
              sessions.set(message.job, kept.end)
              resolve(kept.session)
              return ended()
            }
            case 'failed':
              reject(prevented ? prevented.error : errorOf(message.failure))
              return ended()
          }
        },
        options.signal
      )
    })
  }

  jobs.tell({ type: 'open', model, bytes })
  return opened.promise
}

/** In a worker of its own, so that it needs no engine, not even a GPU. */
export const inspectModel = async (
  name: string,
  files: Parameters<InspectModel>[1],
  worker = startWorker()
): ReturnType<InspectModel> => {
  const jobs = jobsOf(worker)
  const watchdog = watchWorker(
    () => jobs.tell({ type: 'ping' }),
    silent => {
      const message = `${name} kept this computer busy for ${silence.most / 1000} seconds without an end while it was looked at. Its tokenizer or template is damaged, or was made to do that.`
      if (silent) jobs.failAll({ code: 'broken-model', message })
    }
  )
  worker.onmessage = ({ data }) => {
    watchdog.heard()
    if (data.type !== 'pong') jobs.take(data as OfJob)
  }
  worker.onerror = event => jobs.failAll({ code: 'unexpected', message: event.message })
  try {
    const inspected = await onceOf(jobs, 'inspected', job => ({
      type: 'inspect',
      job,
      name,
      files: [...files]
    }))
    return inspected.summary
  } finally {
    watchdog.end()
    worker.terminate()
  }
}

const allow = async (options: ReadOptions, found: Extract<OfJob, { type: 'found' }>): Promise<void> =>
  options.onFound?.(found.found, found.tokensToRead, found.tokens)
