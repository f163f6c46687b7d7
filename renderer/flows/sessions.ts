/** What answers for a document: the reading that is under way, what is open on the GPU, or what is on disk. */
import type { DocumentInfo } from '../../contract/document'
import type { Host } from '../../contract/host'
import type { Part } from '../../gpu/index'
import { EngineError } from '../engine/engine-client'
import type { DocumentToRead, RemoteEngine, RemoteQuestion, SessionFacts } from '../engine/remote-engine'
import { putDocument, setSession, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useView } from '../store/view'
import { readingOf } from './plan-reading'
import { modelOf } from './model-choice'
import type { RunningEngine } from './running-engine'

const infoOf = (id: string): DocumentInfo | undefined => useDocuments.getState().documents[id]

export const toRead = ({ id, textDigest, replaces }: DocumentInfo): DocumentToRead => ({
  id,
  textDigest,
  replaces
})

/** Which documents are open stands in the store: `sessions`. */
export class Sessions {
  /** Documents being read: true when the first rows are there, false when reading ended before. */
  private readonly live = new Map<string, Promise<boolean>>()
  private readonly reopening = new Map<string, Promise<boolean>>()

  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine
  ) {}

  /** Shows a document, and gets its session back from disk in the background. */
  async show(id: string): Promise<void> {
    useView.setState({ documentId: id })
    this.touch(id)
    // Another model is loaded only for reading and asking, not for looking at a document.
    if (modelOf(infoOf(id)) === useEngine.getState().modelId) await this.open(id).catch(() => undefined)
  }

  /** Reopened once the engine runs again: what a person looks at. */
  reopenShown(): void {
    const { documentId } = useView.getState()
    if (documentId !== undefined && this.engine.current) void this.open(documentId).catch(() => undefined)
  }

  /** Whether it can be asked: reopens what is on disk. Rejects with EngineError. */
  async open(id: string): Promise<boolean> {
    const use = await this.engine.take(modelOf(infoOf(id)), 'other')
    return this.openWith(use.engine, id).finally(use.release)
  }

  /**
   * Switches the engine to the document's model, and reopens what was closed meanwhile. Throws EngineError; `closed` when
   * nothing of the document is kept any more.
   */
  async *ask(id: string, question: RemoteQuestion): AsyncGenerator<Part, void> {
    const use = await this.engine.take(modelOf(infoOf(id)), 'answering')
    try {
      this.touch(id)
      if (!(await this.openWith(use.engine, id)))
        throw new EngineError('closed', 'Nothing of this document is kept any more. Read it again.')
      for await (const part of use.engine.ask(id, question)) {
        if (part.type === 'end') useEngine.setState({ tokensPerSecond: part.tokensPerSecond })
        yield part
      }
    } finally {
      use.release()
    }
  }

  /** What was just read or reopened answers for its document from now on. */
  keep(id: string, { tokens, total }: SessionFacts, reopenedSeconds?: number): void {
    setSession(id, { tokens, total, ...(reopenedSeconds !== undefined && { reopenedSeconds }) })
  }

  /** Frees what it holds on the GPU; a reopening under way is waited for. */
  async close(id: string): Promise<void> {
    await this.reopening.get(id)?.catch(() => undefined)
    if (useDocuments.getState().sessions[id]) this.engine.current?.closeDocument(id)
  }

  /** While a document is read, questions go to the session that grows. Returns what tells of it, and what ends that. */
  whileReading(id: string): { begin(): void; end(): void } {
    const first = Promise.withResolvers<boolean>()
    this.live.set(id, first.promise)
    return {
      begin: () => first.resolve(true),
      end: () => {
        this.live.delete(id)
        first.resolve(false)
      }
    }
  }

  private async openWith(engine: RemoteEngine, id: string): Promise<boolean> {
    if ((await this.live.get(id)) || useDocuments.getState().sessions[id]) return true
    const again = this.reopening.get(id) ?? this.reopen(engine, id).finally(() => this.reopening.delete(id))
    this.reopening.set(id, again)
    return again
  }

  private async reopen(engine: RemoteEngine, id: string): Promise<boolean> {
    const info = infoOf(id)
    const reading = info && readingOf(info, engine.modelKey)
    if (!info || !reading) return false
    const begun = performance.now()
    const session = await engine.open(toRead(info))
    if (!session) {
      // What is on disk belongs to another model or text, or is gone.
      putDocument(await this.host().removeReading(id, engine.modelKey))
      return false
    }
    this.keep(id, session, (performance.now() - begun) / 1000)
    const { tokens, total } = session
    const state = tokens >= total ? 'complete' : 'partial'
    if (tokens !== reading.read || state !== reading.state) {
      const { modelKey, modelName, limit } = reading
      void this.host()
        .noteReading(id, { modelKey, modelName, tokens: total, read: tokens, state, limit })
        .then(putDocument, () => undefined)
    }
    return true
  }

  private touch(id: string): void {
    void this.host()
      .touchDocument(id)
      .catch(() => undefined)
  }
}
