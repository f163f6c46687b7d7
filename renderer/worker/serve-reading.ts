/** Reading and asking behind messages: page stores by the byte routes, sessions by document, news not too often. */
import { throttle } from '../../contract/throttle'
import {
  type DocumentText,
  type Engine,
  EngineFailure,
  type PageStore,
  type ReadOptions,
  type Session
} from '../../gpu/index'
import type { DocumentTexts } from './document-texts'
import { OpenSessions } from './open-sessions'
import { pageStore } from './page-store'
import type { DocumentToRead, FromWorker, MemoryFit, OfJob, SessionFacts, ToWorker } from './protocol'
import type { Routes } from './routes'

/** Milliseconds between two messages on how far something came, and between two pieces of an answer: one frame. */
const pace = { progress: 100, answer: 16 }

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>

interface ReadingParts {
  readonly engine: Engine
  readonly routes: Routes
  readonly texts: DocumentTexts
  readonly modelKey: string
  tell(message: FromWorker): void
}

export class ServeReading {
  /** Another worker, also one of this page after a reload, takes page files over by having another name. */
  private readonly client = crypto.randomUUID()
  private readonly sessions = new OpenSessions(documentId => this.parts.tell({ type: 'freed', documentId }))
  /** Of documents that are being read; they grow. */
  private readonly live = new Map<string, Session>()
  /** By job: who waits for the page's word to begin. */
  private readonly begins = new Map<number, (may: boolean) => void>()
  private toldMemory = ''

  constructor(private readonly parts: ReadingParts) {}

  async read({ job, document, most }: Message<'read'>, signal: AbortSignal): Promise<void> {
    await this.sessions.closeStreamed(document.id)
    const pages = this.store(document.id)
    const base = await this.baseOf(document)
    const news = this.newsOf()
    const options: ReadOptions = {
      ...{ signal, most, base },
      onShort: () => this.trim(),
      onTokenizing: done => news.tokenizing.push({ type: 'tokenizing', job, done }),
      onFound: async (found, tokensToRead, tokens) => {
        news.tokenizing.flush()
        const answer = this.mayBegin(job, signal)
        this.parts.tell({ type: 'found', job, found, tokensToRead, tokens })
        return answer
      },
      onProgress: progress => news.progress.push({ type: 'progress', job, progress }),
      onLive: session => {
        this.live.set(document.id, session)
        this.parts.tell({ type: 'live', job })
      }
    }
    let session: Session | undefined
    try {
      session = await this.parts.engine.read(await this.textOf(document, pages), options)
      news.progress.flush()
      // From here on questions go to it; there is no moment at which a document that was live cannot be asked.
      this.sessions.add(document.id, session)
    } finally {
      news.progress.flush()
      this.live.delete(document.id)
      await base?.store.close().catch(() => undefined)
      await closeFor(session, pages)
    }
    // Told before its file was closed, the next word about the document could overtake the closing.
    this.parts.tell({ type: 'read', job, session: factsOf(session) })
  }

  async reopen({ job, document }: Message<'reopen'>, signal: AbortSignal): Promise<void> {
    await this.sessions.closeStreamed(document.id)
    const pages = this.store(document.id)
    let session: Session | undefined
    try {
      const text = await this.textOf(document, pages)
      session = await this.parts.engine.open(text, { signal, onShort: () => this.trim() })
      if (session) this.sessions.add(document.id, session)
    } finally {
      await closeFor(session, pages)
    }
    this.parts.tell({ type: 'reopened', job, session: session && factsOf(session) })
  }

  /** The page's word after `found`. */
  begin(job: number, may: boolean): void {
    this.begins.get(job)?.(may)
  }

  async ask(message: Message<'ask'>, signal: AbortSignal): Promise<void> {
    const { job, documentId, text, history, sampling, mostTokens } = message
    const session = this.sessions.use(documentId) ?? this.live.get(documentId)
    if (!session) throw new EngineFailure('closed', 'This document is not open any more.')
    const said = pieces(text => this.parts.tell({ type: 'said', job, text }))
    try {
      for await (const part of session.ask({ text, history, sampling, mostTokens, signal })) {
        if (part.type === 'text') said.push(part.text)
        else {
          said.flush()
          this.parts.tell({ type: 'answered', job, end: part })
        }
      }
    } catch (error) {
      if (error instanceof EngineFailure && error.code === 'unreadable-pages') this.sessions.drop(documentId)
      throw error
    }
  }

  forget(documentId: string): void {
    this.sessions.close(documentId)
    this.tellMemory()
  }

  async fitsMemory(tokens: number): Promise<MemoryFit> {
    const fit = await this.parts.engine.fitsMemory(tokens)
    return fit.kept !== 'resident' && this.trim() ? this.parts.engine.fitsMemory(tokens) : fit
  }

  tellMemory(): void {
    const memory = this.parts.engine.memory()
    const now = JSON.stringify(memory)
    if (now !== this.toldMemory) this.parts.tell({ type: 'memory', memory })
    this.toldMemory = now
  }

  private store(documentId: string): PageStore {
    return pageStore(this.parts.routes, documentId, this.parts.modelKey, this.client)
  }

  private async textOf(document: DocumentToRead, pages: PageStore): Promise<DocumentText> {
    return { text: await this.parts.texts.of(document.id), digest: document.textDigest, pages }
  }

  /** Where memory is short, what is open and idle is less wanted than what a person asked for now. */
  private trim(): boolean {
    return this.sessions.trim(0) > 0
  }

  /** What was read of an earlier text; undefined when the library does not have it any more. */
  private async baseOf({ replaces }: DocumentToRead): Promise<ReadOptions['base']> {
    if (replaces === undefined) return undefined
    const digest = await this.parts.texts.digestOf(replaces).catch(() => undefined)
    if (digest === undefined) return undefined
    await this.sessions.closeStreamed(replaces)
    return { store: this.store(replaces), digest }
  }

  private newsOf() {
    const tell = (news: Extract<OfJob, { type: 'progress' | 'tokenizing' }>): void => {
      this.parts.tell(news)
      if (news.type === 'progress') this.tellMemory()
    }
    return { tokenizing: throttle(pace.progress, tell), progress: throttle(pace.progress, tell) }
  }

  private mayBegin(job: number, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const decide = (may: boolean): void => {
        this.begins.delete(job)
        resolve(may)
      }
      this.begins.set(job, decide)
      signal.addEventListener('abort', () => decide(false), { once: true })
    })
  }
}

/** The file is free for others as soon as nothing reads from it: at once, or when a streamed session has ended. */
async function closeFor(session: Session | undefined, pages: PageStore): Promise<void> {
  const close = () => pages.close().catch(() => undefined)
  if (session?.isStreamed) void session.released.then(close)
  else await close()
}

const factsOf = ({ tokens, total, reused, seconds, pageFileBytes }: Session): SessionFacts => ({
  tokens,
  total,
  reused,
  seconds,
  pageFileBytes
})

/** Text in one message per frame, not per token. */
function pieces(send: (text: string) => void): { push(text: string): void; flush(): void } {
  let [waiting, timer] = ['', undefined as ReturnType<typeof setTimeout> | undefined]
  const flush = (): void => {
    clearTimeout(timer)
    timer = undefined
    if (waiting !== '') send(waiting)
    waiting = ''
  }
  return {
    flush,
    push(text) {
      waiting += text
      timer ??= setTimeout(flush, pace.answer)
    }
  }
}
