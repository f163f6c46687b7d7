/** Reading and asking behind messages: page stores by the byte routes, sessions by number, news not too often. */
import { throttle } from '../../contract/throttle'
import { type Engine, EngineFailure, type PageStore, type Session } from '../../gpu/index'
import type { DocumentTexts } from './document-texts'
import { OpenSessions } from './open-sessions'
import { pageStore } from './page-store'
import type { DocumentToRead, FromWorker, MemoryFit, ToWorker } from './protocol'
import type { Routes } from './routes'

/** Milliseconds between two messages on how far something came, and between two pieces of an answer: one frame. */
const pace = { progress: 100, answer: 16 }

type Message<T extends ToWorker['type']> = Extract<ToWorker, { type: T }>

export interface Reader {
  read(message: Message<'read'>, signal: AbortSignal): Promise<void>
  /** The page's word after `found`. */
  begin(job: number, may: boolean): void
  ask(message: Message<'ask'>, signal: AbortSignal): Promise<void>
  forget(session: number): void
  fitsMemory(tokens: number): Promise<MemoryFit>
  tellMemory(): void
}

interface ReaderParts {
  readonly engine: Engine
  readonly routes: Routes
  readonly texts: DocumentTexts
  readonly modelKey: string
  tell(message: FromWorker): void
}

export function serveReading({ engine, routes, texts, modelKey, tell }: ReaderParts): Reader {
  // Another worker, also one of this page after a reload, takes page files over by having another name.
  const reader = crypto.randomUUID()
  const store = (documentId: string): PageStore => pageStore(routes, documentId, modelKey, reader)
  const begins = new Map<number, (may: boolean) => void>()
  const sessions = new OpenSessions(session => tell({ type: 'freed', session }))
  const live = new Map<number, Session>()

  let toldMemory = ''
  function tellMemory(): void {
    const memory = engine.memory()
    const now = JSON.stringify(memory)
    if (now !== toldMemory) tell({ type: 'memory', memory })
    toldMemory = now
  }

  function mayBegin(job: number, signal: AbortSignal): Promise<boolean> {
    return new Promise(resolve => {
      const settle = (may: boolean): void => {
        begins.delete(job)
        resolve(may)
      }
      begins.set(job, settle)
      signal.addEventListener('abort', () => settle(false), { once: true })
    })
  }

  /** What was read of an earlier text; undefined when the library has let go of it. */
  async function seedOf({
    replaces
  }: DocumentToRead): Promise<{ store: PageStore; digest: string } | undefined> {
    if (replaces === undefined) return undefined
    const digest = await texts.digestOf(replaces).catch(() => undefined)
    return digest === undefined ? undefined : { store: store(replaces), digest }
  }

  async function readWith(message: Message<'read'>, signal: AbortSignal, own: PageStore): Promise<Session> {
    const { job, document, most } = message
    const seed = await seedOf(document)
    const progress = throttle<Extract<FromWorker, { type: 'progress' }>>(pace.progress, news => {
      tell(news)
      tellMemory()
    })
    const tokenizing = throttle<Extract<FromWorker, { type: 'tokenizing' }>>(pace.progress, tell)
    try {
      return await engine.read(
        {
          text: await texts.of(document.id),
          digest: document.textDigest,
          pages: own
        },
        {
          signal,
          most,
          seed,
          onTokenizing: done => tokenizing.push({ type: 'tokenizing', job, done }),
          async onFound(found, tokensToRead, tokens) {
            tokenizing.flush()
            const answer = mayBegin(job, signal)
            tell({ type: 'found', job, found, tokensToRead, tokens })
            if (!(await answer)) throw new EngineFailure('cancelled', 'Reading was not begun.')
          },
          onProgress: now => progress.push({ type: 'progress', job, progress: now }),
          onLive(session) {
            live.set(job, session)
            tell({ type: 'live', job, tokens: session.tokens, total: session.total })
          }
        }
      )
    } finally {
      progress.flush()
      await seed?.store.close().catch(() => undefined)
    }
  }

  return {
    async read(message, signal) {
      const own = store(message.document.id)
      try {
        const session = await readWith(message, signal, own).catch(error => {
          // Memory is short: what is open and idle is less wanted than what a person asked for now.
          if ((error as { code?: string }).code !== 'too-long' || sessions.trim(0) === 0) throw error
          return readWith(message, signal, own)
        })
        // From here on questions go to it; there is no moment at which a document that was live cannot be asked.
        sessions.add(message.job, session)
        const { tokens, total, reused, seconds, pageFileBytes } = session
        tell({
          type: 'read',
          job: message.job,
          session: { tokens, total, reused, seconds, pageFileBytes }
        })
      } finally {
        live.delete(message.job)
        // The file is free for others; a session needs nothing more from it.
        await own.close().catch(() => undefined)
      }
    },
    begin: (job, may) => begins.get(job)?.(may),
    async ask({ job, session: id, text, history, sampling, mostTokens }, signal) {
      const session = sessions.use(id) ?? live.get(id)
      if (!session) throw new EngineFailure('closed', 'This document is not open any more.')
      const said = pieces(text => tell({ type: 'said', job, text }))
      for await (const part of session.ask({ text, history, sampling, mostTokens, signal })) {
        if (part.type === 'text') said.push(part.text)
        else {
          said.flush()
          tell({ type: 'answered', job, end: part })
        }
      }
    },
    forget(session) {
      sessions.close(session)
      tellMemory()
    },
    async fitsMemory(tokens) {
      const fit = await engine.fitsMemory(tokens)
      return fit.most < fit.bytes && sessions.trim(0) > 0 ? engine.fitsMemory(tokens) : fit
    },
    tellMemory
  }
}

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
