/** Who keeps a page file open, and how long: sessions on documents that lie partly on disk read from it. */
import { expect, test } from 'vitest'
import { type DocumentText, type Engine, EngineFailure, type Part, type Session } from '../../gpu/index'
import type { FromWorker } from './protocol'
import type { Routes } from './routes'
import { ServeReading } from './serve-reading'

interface FakeSession extends Session {
  readonly release: () => void
  closed: boolean
}

function sessionOf(isStreamed: boolean, ask: Session['ask']): FakeSession {
  let release = (): void => undefined
  const released: Promise<void> = new Promise(resolve => (release = resolve))
  const facts = { tokens: 9, total: 9, reused: 0, computed: 9, seconds: 1, pageFileBytes: 100 }
  const session: FakeSession = {
    ...facts,
    isStreamed,
    released,
    release: () => release(),
    closed: false,
    ask,
    close: () => void (session.closed = true)
  }
  return session
}

/** Reading with an engine that hands out these sessions in turn, and a host that notes what becomes of page files. */
function serve(...sessions: FakeSession[]) {
  const log: string[] = []
  const told: FromWorker[] = []
  const routes: Routes = async (route, init = {}) => {
    const [kind, id] = route.split('/').filter(part => part !== '')
    if (route.endsWith('/close')) log.push(`close ${id}`)
    return kind === 'pages' ? new Response(null, { status: 204 }) : new Response(init.method ?? 'text')
  }
  const next = async ({ pages }: DocumentText): Promise<Session> => {
    await pages!.open({}).catch(() => undefined)
    log.push('open')
    return sessions.shift()!
  }
  const engine = { read: next, open: next, memory: () => ({}) } as unknown as Engine
  const texts = { of: async () => 'text', digestOf: async () => 'digest' }
  const reading = new ServeReading({ engine, routes, texts, modelKey: 'key', tell: each => told.push(each) })
  const document = (id: string) => ({ id, textDigest: 'x' })
  const signal = new AbortController().signal
  return {
    log,
    told,
    reading,
    read: (id: string, job = 1) => reading.read({ type: 'read', job, document: document(id) }, signal),
    reopen: (id: string, job = 1) => reading.reopen({ type: 'reopen', job, document: document(id) }, signal),
    ask: (id: string) =>
      reading.ask(
        { type: 'ask', job: 2, documentId: id, text: '?', history: [], sampling: {}, mostTokens: 3 } as never,
        signal
      )
  }
}

const settled = () => new Promise(resolve => setTimeout(resolve, 5))
// eslint-disable-next-line require-yield -- it ends before it says anything
async function* unreadable(): AsyncGenerator<Part, void> {
  throw new EngineFailure('unreadable-pages', 'gone')
}
async function* silent(): AsyncGenerator<Part, void> {}

test('the page file of a resident document is free at once, that of a streamed one when its session is released', async () => {
  const streamed = sessionOf(true, silent)
  const { log, read, reading } = serve(sessionOf(false, silent), streamed)
  await read('a')
  expect(log).toEqual(['open', 'close a'])
  await read('b')
  await settled()
  expect(log).toEqual(['open', 'close a', 'open'])
  reading.forget('b')
  expect(streamed.closed).toBe(true)
  await settled()
  expect(log).toHaveLength(3)
  streamed.release()
  await settled()
  expect(log.at(-1)).toBe('close b')
})

test('what is told of a document is told when its page file is free: the next word about it may open that again', async () => {
  const { log, told, read, reopen } = serve(sessionOf(false, silent), sessionOf(false, silent))
  const all: string[] = []
  const note = (type: string) => all.push(type)
  const [push, tell] = [log.push.bind(log), told.push.bind(told)]
  log.push = (...words) => (words.forEach(note), push(...words))
  told.push = (...messages) => (messages.forEach(({ type }) => note(type)), tell(...messages))
  await read('a')
  await reopen('b')
  expect(all).toEqual(['open', 'close a', 'read', 'open', 'close b', 'reopened'])
})

test('a streamed document is read on or opened again only when its answers need the file no more', async () => {
  for (const again of ['read', 'reopen'] as const) {
    const first = sessionOf(true, silent)
    const served = serve(first, sessionOf(true, silent))
    await served.reopen('a')
    const second = served[again]('a')
    await settled()
    expect([first.closed, served.log]).toEqual([true, ['open']])
    first.release()
    await second
    expect(served.log).toEqual(['open', 'close a', 'open'])
    expect(served.told).toContainEqual({ type: 'freed', documentId: 'a' })
  }
})

test('an answer that cannot read its pages back closes the session, so that the next question opens it anew', async () => {
  const session = sessionOf(true, unreadable)
  const { told, reopen, ask } = serve(session)
  await reopen('a')
  await expect(ask('a')).rejects.toMatchObject({ code: 'unreadable-pages' })
  expect([session.closed, told.at(-1)]).toEqual([true, { type: 'freed', documentId: 'a' }])
  await expect(ask('a')).rejects.toMatchObject({ code: 'closed' })
})
