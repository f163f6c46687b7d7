/** Starts the engine's worker and speaks its protocol: the page asks by job, parts of an answer come back in frames. */
import type { ByteAddress } from '../../contract/bytes'
import type { ModelPrecision } from '../../contract/settings'
import type { Part } from '../../gpu/index'
import type { Failed, InstalledModel, OfJob, ToWorker, WorkerNews } from '../worker/protocol'
import { EngineError, type EngineWorker, errorOf, type Jobs, onceOf } from './jobs'
import type { DocumentToRead, ReadOptions, RemoteEngine, RemoteQuestion, SessionFacts } from './remote-engine'
import { closed, lineTo, startWorker } from './worker-line'

export { EngineError } from './jobs'

interface OpenEngineOptions {
  readonly bytes: ByteAddress
  readonly model: InstalledModel
  /** How a person wants it run; as the model has it, where that is left out. */
  readonly precision?: ModelPrecision
  readonly onLoading: (loaded: number, total: number) => void
  /** Told when the worker has not answered for ten seconds, and when it does again. */
  readonly onSilence?: (silent: boolean) => void
  /** Ends an opening that takes too long for a person. */
  readonly giveUp?: AbortSignal
  readonly worker?: EngineWorker
}

/** Rejects with EngineError, also when the worker cannot be started. */
export function openEngineClient(options: OpenEngineOptions): Promise<RemoteEngine> {
  const { bytes, model, onLoading, precision = {}, worker = startWorker() } = options
  const { onSilence = () => undefined, giveUp } = options
  const opened = Promise.withResolvers<RemoteEngine>()
  let engine: EngineClient | undefined
  const end = (failure: Failed): void => {
    onSilence(false)
    line.end(failure)
    engine?.ended(failure)
  }
  const line = lineTo(worker, {
    onSilence,
    onError(reason) {
      opened.reject(new EngineError('worker-died', reason))
      end({ code: 'gpu-lost', message: reason })
    },
    onNews(news) {
      switch (news.type) {
        case 'loading':
          return onLoading(news.loaded, news.total)
        case 'opened':
          engine = new EngineClient(news, line.jobs, () => end(closed))
          return opened.resolve(engine)
        case 'unopened':
          line.end(news.failure)
          return opened.reject(errorOf(news.failure))
        case 'lost':
          return end({ code: 'gpu-lost', message: news.reason })
        case 'memory':
          return engine?.remember(news.memory)
        case 'freed':
          return engine?.documentClosed(news.documentId)
      }
    }
  })
  giveUp?.addEventListener('abort', () => {
    opened.reject(new EngineError('closed', 'The engine was closed while it was being opened.'))
    end(closed)
  })
  line.jobs.tell({ type: 'open', model, precision, bytes })
  return opened.promise
}

class EngineClient implements RemoteEngine {
  readonly model: RemoteEngine['model']
  readonly modelKey: string
  readonly adapter: RemoteEngine['adapter']
  readonly weightsMissing: boolean
  memory: RemoteEngine['memory']
  private readonly goneFor = Promise.withResolvers<string>()
  readonly lost = this.goneFor.promise
  private readonly openDocuments = new Set<string>()
  private readonly memoryListeners = new Set<(memory: RemoteEngine['memory']) => void>()
  private readonly closedListeners = new Set<(documentId: string) => void>()

  constructor(
    { model, modelKey, adapter, memory, weightsMissing }: Extract<WorkerNews, { type: 'opened' }>,
    private readonly jobs: Jobs,
    readonly close: () => void
  ) {
    this.model = model
    this.modelKey = modelKey
    this.adapter = adapter
    this.weightsMissing = weightsMissing
    this.memory = memory
  }

  remember(memory: RemoteEngine['memory']): void {
    this.memory = memory
    for (const listener of this.memoryListeners) listener(memory)
  }

  ended({ code, message }: Failed): void {
    if (code === 'gpu-lost') this.goneFor.resolve(message)
    for (const documentId of [...this.openDocuments]) this.documentClosed(documentId)
  }

  documentClosed(documentId: string): void {
    this.openDocuments.delete(documentId)
    for (const listener of this.closedListeners) listener(documentId)
  }

  onMemory(listener: (memory: RemoteEngine['memory']) => void): void {
    this.memoryListeners.add(listener)
  }

  onClosed(listener: (documentId: string) => void): void {
    this.closedListeners.add(listener)
  }

  async probe(): ReturnType<RemoteEngine['probe']> {
    const { tokensPerSecond } = await this.once('probed', job => ({ type: 'probe', job }))
    return { tokensPerSecond }
  }

  async countTokens(documentId: string): ReturnType<RemoteEngine['countTokens']> {
    return (await this.once('counted', job => ({ type: 'count', job, documentId }))).counted
  }

  async fitsMemory(tokens: number): ReturnType<RemoteEngine['fitsMemory']> {
    return (await this.once('fitted', job => ({ type: 'fits', job, tokens }))).fit
  }

  async open(document: DocumentToRead): Promise<SessionFacts | undefined> {
    const { session } = await this.once('reopened', job => ({ type: 'reopen', job, document }))
    if (session) this.openDocuments.add(document.id)
    return session
  }

  read(document: DocumentToRead, options: ReadOptions): Promise<SessionFacts> {
    return new Promise((resolve, reject) => {
      // What onFound rejects with is the caller's own and comes back as it is.
      let prevented: { readonly error: unknown } | undefined
      const mayBegin = async (message: Extract<OfJob, { type: 'found' }>): Promise<boolean> => {
        try {
          return (await options.onFound?.(message.found, message.tokensToRead, message.tokens)) ?? true
        } catch (error) {
          prevented = { error }
          return false
        }
      }
      this.jobs.start(
        job => ({ type: 'read', job, document, most: options.most }),
        message => {
          switch (message.type) {
            case 'tokenizing':
              return options.onTokenizing?.(message.done)
            case 'found':
              return void mayBegin(message).then(may =>
                this.jobs.tell({ type: 'begin', job: message.job, may })
              )
            case 'progress':
              return options.onProgress?.(message.progress)
            case 'live':
              return options.onLive?.()
            case 'read':
              this.openDocuments.add(document.id)
              resolve(message.session)
              return true
            case 'failed':
              reject(prevented ? prevented.error : errorOf(message.failure))
              return true
          }
        },
        options.signal
      )
    })
  }

  async *ask(documentId: string, { signal, ...question }: RemoteQuestion): AsyncGenerator<Part, void> {
    const answer = this.jobs.stream(job => ({ type: 'ask', job, documentId, ...question }), signal)
    for await (const message of answer) {
      if (message.type === 'said') yield { type: 'text', text: message.text }
      else if (message.type === 'answered') return yield message.end
    }
  }

  closeDocument(documentId: string): void {
    this.jobs.tell({ type: 'forget', documentId })
    this.documentClosed(documentId)
  }

  private once<T extends OfJob['type']>(
    type: T,
    message: (job: number) => ToWorker
  ): Promise<Extract<OfJob, { type: T }>> {
    return onceOf(this.jobs, type, message)
  }
}
