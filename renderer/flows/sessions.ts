/** Which session answers for a document: the one being read, the one that is open, or what is on disk. */
import type { DocumentInfo } from '../../contract/document'
import type { Part } from '../../gpu/index'
import { EngineError } from '../engine/engine-client'
import type { DocumentToRead, RemoteEngine, RemoteQuestion, RemoteSession } from '../engine/remote-engine'
import { putDocument, setSession, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useView } from '../store/view'
import { currentEngine, currentHost, modelOf, takeEngine } from './running-engine'

interface Open {
  readonly engine: RemoteEngine
  readonly session: RemoteSession
}

const open = new Map<string, Open>()
const reopening = new Map<string, Promise<RemoteSession | undefined>>()
/** Documents being read; settles when the first rows are there, or reading ended before. */
const live = new Map<string, Promise<RemoteSession | undefined>>()

/** What is on disk belongs to another model or text, or is gone. */
class NothingSaved extends Error {}

const infoOf = (id: string): DocumentInfo | undefined => useDocuments.getState().documents[id]

/** Shows a document, and gets its session back from disk in the background. */
export async function openDocument(id: string): Promise<void> {
  useView.setState({ documentId: id })
  void currentHost()
    .touchDocument(id)
    .catch(() => undefined)
  // Another model is loaded only for reading and asking, not for looking at a document.
  if (modelOf(infoOf(id)) === useEngine.getState().modelId) await sessionFor(id).catch(() => undefined)
}

/**
 * Live while the document is being read, else open, else reopened from disk; undefined when nothing was read. Its
 * answers switch the engine to the document's model and reopen what was closed meanwhile. Rejects with EngineError.
 */
export async function sessionFor(id: string): Promise<RemoteSession | undefined> {
  const use = await takeEngine(modelOf(infoOf(id)), 'other')
  try {
    const session = await find(id, use.engine)
    return session && lasting(id, session)
  } finally {
    use.release()
  }
}

async function find(id: string, engine: RemoteEngine): Promise<RemoteSession | undefined> {
  const reading = await live.get(id)
  if (reading) return reading
  const kept = open.get(id)
  if (kept?.engine === engine) return kept.session
  const again = reopening.get(id) ?? reopen(id, engine).finally(() => reopening.delete(id))
  reopening.set(id, again)
  return again
}

async function reopen(id: string, engine: RemoteEngine): Promise<RemoteSession | undefined> {
  const info = infoOf(id)
  const reading = info?.readings.find(({ modelKey }) => modelKey === engine.modelKey)
  if (!info || !reading) return undefined
  const begun = performance.now()
  try {
    const session = await engine.read(toRead(info), {
      signal: new AbortController().signal,
      most: 0,
      onFound: ({ state }) => {
        if (state === 'absent' || state === 'foreign') throw new NothingSaved()
      }
    })
    keepSession(id, engine, session, (performance.now() - begun) / 1000)
    const { tokens, total } = session
    const state = tokens >= total ? 'complete' : 'partial'
    if (tokens !== reading.read || state !== reading.state) {
      const { modelKey, modelName, limit } = reading
      const now = { modelKey, modelName, tokens: total, read: tokens, state, limit } as const
      void currentHost()
        .noteReading(id, now)
        .then(putDocument, () => undefined)
    }
    return session
  } catch (error) {
    if (!(error instanceof NothingSaved)) throw error
    putDocument(await currentHost().removeReading(id, engine.modelKey))
    return undefined
  }
}

export const toRead = ({ id, textDigest, replaces }: DocumentInfo): DocumentToRead => ({
  id,
  textDigest,
  replaces
})

/** A session that was just read or reopened answers for its document from now on. */
export function keepSession(
  id: string,
  engine: RemoteEngine,
  session: RemoteSession,
  reopenedSeconds?: number
): void {
  open.get(id)?.session.close()
  open.set(id, { engine, session })
  const { tokens, total } = session
  setSession(id, { tokens, total, ...(reopenedSeconds !== undefined && { reopenedSeconds }) })
  void session.closed.then(() => {
    if (open.get(id)?.session !== session) return
    open.delete(id)
    setSession(id, undefined)
  })
}

/** Frees what it holds on the GPU; a reopening under way is waited for. */
export async function closeSession(id: string): Promise<void> {
  await reopening.get(id)?.catch(() => undefined)
  open.get(id)?.session.close()
}

/** While a document is read, questions go to the session that grows. Returns what ends that. */
export function whileReading(id: string): { begin(session: RemoteSession): void; end(): void } {
  const first = Promise.withResolvers<RemoteSession | undefined>()
  live.set(id, first.promise)
  return {
    begin: first.resolve,
    end() {
      live.delete(id)
      first.resolve(undefined)
    }
  }
}

/** A session that outlives the worker's: what was closed to make room is reopened when it is asked. */
function lasting(id: string, found: RemoteSession): RemoteSession {
  let { tokens, total } = found
  return {
    documentId: id,
    /** In view of the last question, or of the next one. */
    get tokens() {
      return tokens
    },
    get total() {
      return total
    },
    reused: found.reused,
    seconds: found.seconds,
    pageFileBytes: found.pageFileBytes,
    closed: found.closed,
    close: () => found.close(),
    ask: question =>
      answer(id, question, session => {
        tokens = session.tokens
        total = session.total
      })
  }
}

async function* answer(
  id: string,
  question: RemoteQuestion,
  asked: (session: RemoteSession) => void
): AsyncGenerator<Part, void> {
  const use = await takeEngine(modelOf(infoOf(id)), 'answering')
  try {
    void currentHost()
      .touchDocument(id)
      .catch(() => undefined)
    const session = await find(id, use.engine)
    if (!session) throw new EngineError('closed', 'Nothing of this document is kept any more. Read it again.')
    asked(session)
    for await (const part of session.ask(question)) {
      if (part.type === 'end') useEngine.setState({ tokensPerSecond: part.tokensPerSecond })
      yield part
    }
  } finally {
    use.release()
  }
}

/** Reopened once the engine runs again: what a person looks at. */
export function reopenShown(): void {
  const { documentId } = useView.getState()
  if (documentId !== undefined && currentEngine()) void sessionFor(documentId).catch(() => undefined)
}
