/** Documents of which a part is read: a reading that ends early, and one that is asked while it goes on. */
import { beforeAll, expect, it } from 'vitest'
import { type Engine, openEngine, type Part, type Session } from './index'
import { openDawn } from './node/dawn'
import { describeGpu } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import { allReaders, tinyReader } from './testing/readings'

type End = Extract<Part, { type: 'end' }>
const text = (characters: number) => 'One day the sea rose. '.repeat(characters / 22 + 1).slice(0, characters)
const question = { text: 'What rose?', mostTokens: 24 }

async function ask(session: Session): Promise<Omit<End, 'firstTokenSeconds' | 'tokensPerSecond'>> {
  for await (const part of session.ask(question)) {
    if (part.type !== 'end') continue
    const { firstTokenSeconds: a, tokensPerSecond: b, ...end } = part
    expect([a, b].every(Number.isFinite)).toBe(true)
    return end
  }
  throw new Error('an answer without an end')
}

const outcome = (work: Promise<unknown>) =>
  work.then(
    () => 'done',
    (error: Error & { code?: string }) => error.code ?? error.message
  )

for (const kind of allReaders)
  describeGpu(`a document of which a part is read, ${kind}`, () => {
    let engine: Engine
    beforeAll(async () => {
      engine = await openEngine({ gpu: openDawn(), model: tinyReader(kind, 4) })
      return () => engine.close()
    })

    it('read to a token: all before it is in view, as of a document that ends there', async () => {
      const loaded = engine.liveBuffers()
      const whole = text(3000)
      for (const most of [100, 256, 700]) {
        const session = await engine.read({ text: whole, digest: 'a' }, { most })
        expect([session.tokens, session.total]).toEqual([most, 3002])
        // The tiny tokenizer makes a token of every character; two come before them.
        const cut = await engine.read({ text: whole.slice(0, most - 2), digest: 'b' })
        expect(cut.tokens).toBe(most)
        const [a, b] = [await ask(session), await ask(cut)]
        expect(a.inView).toEqual({ tokens: most, total: 3002 })
        expect(a.text).toBe(b.text)
        expect(a.sources.length).toBeGreaterThan(0)
        expect(a.sources.map(({ start, score }) => [start, score])).toEqual(
          b.sources.map(({ start, score }) => [start, score])
        )
        for (const { start, end, text: passage } of a.sources) expect(whole.slice(start, end)).toBe(passage)
        session.close()
        cut.close()
      }
      expect(engine.liveBuffers()).toBe(loaded)
    })

    it('nothing saved and nothing to compute: a session that says so when asked, and an untouched store', async () => {
      const store = new MemoryStore()
      const live: Session[] = []
      const session = await engine.read(
        { text: text(500), digest: 'a', pages: store },
        { most: 0, onLive: each => void live.push(each) }
      )
      expect([session.tokens, session.total, session.computed]).toEqual([0, 502, 0])
      expect(await outcome(ask(session))).toBe('nothing-read')
      expect(store.history).toEqual([])
      expect(live).toEqual([])
      session.close()
      expect(await outcome(ask(session))).toBe('closed')
    })

    it('asked while it is being read: what a document that ends there says, and reading goes on meanwhile', async () => {
      const loaded = engine.liveBuffers()
      const whole = text(6000)
      const answers: Promise<Awaited<ReturnType<typeof ask>>>[] = []
      const early: Promise<string>[] = []
      let live: Session | undefined
      let during = 0
      const session = await engine.read(
        { text: whole, digest: 'a', pages: new MemoryStore() },
        {
          chunk: 50,
          onLive: growing => {
            live = growing
            early.push(outcome(ask(growing)))
          },
          onProgress: ({ tokens }) => {
            if (tokens > 0) expect(live!.tokens).toBe(tokens)
            if (tokens >= 1000 + 2000 * answers.length && tokens < 6000)
              answers.push(ask(live!).finally(() => (during = live!.tokens)))
          }
        }
      )
      expect(session.tokens).toBe(6002)
      expect(await outcome(ask(live!))).toBe('closed')
      expect(await Promise.all(early)).toEqual(['nothing-read'])
      for (const answer of await Promise.all(answers)) {
        const { tokens, total } = answer.inView
        expect(total).toBe(6002)
        const cut = await engine.read({ text: whole.slice(0, tokens - 2), digest: 'b' })
        const expected = await ask(cut)
        expect(answer.text).toBe(expected.text)
        expect(answer.sources.map(({ score }) => score)).toEqual(expected.sources.map(({ score }) => score))
        cut.close()
      }
      expect(answers.length).toBe(3)
      expect(during).toBeGreaterThan(5000)
      session.close()
      expect(engine.liveBuffers()).toBe(loaded)
    })

    it('an answer that outlives a cancelled reading is given to its end, then the memory is free', async () => {
      const loaded = engine.liveBuffers()
      const stop = new AbortController()
      let answer: ReturnType<typeof ask> | undefined
      let live: Session | undefined
      const reading = engine.read(
        { text: text(6000), digest: 'a' },
        {
          chunk: 50,
          signal: stop.signal,
          onLive: growing => void (live = growing),
          onProgress: ({ tokens }) => {
            // A chunk after the question, so that it is being answered.
            if (answer) stop.abort()
            else if (tokens >= 500) answer = ask(live!)
          }
        }
      )
      expect(await outcome(reading)).toBe('cancelled')
      expect((await answer!).inView.tokens).toBeGreaterThanOrEqual(500)
      expect(engine.liveBuffers()).toBe(loaded)
    })

    it('closing the live session ends asking and not reading', async () => {
      const loaded = engine.liveBuffers()
      let live: Session | undefined
      const session = await engine.read(
        { text: text(900), digest: 'a' },
        { chunk: 50, onLive: growing => (live = growing).close() }
      )
      expect(await outcome(ask(live!))).toBe('closed')
      expect([session.tokens, session.total]).toEqual([902, 902])
      session.close()
      expect(engine.liveBuffers()).toBe(loaded)
    })

    it('a listener that leaves in the middle of an answer gives its memory back', async () => {
      const session = await engine.read({ text: text(300), digest: 'a' })
      const reading = engine.liveBuffers()
      for await (const part of session.ask(question)) if (part.type === 'text') break
      expect(engine.liveBuffers()).toBe(reading)
      session.close()
    })

    it('of a changed file, by its digest: only what follows the change is read', async () => {
      const [base, store] = [new MemoryStore(), new MemoryStore()]
      const whole = text(5000)
      ;(await engine.read({ text: whole, digest: 'old', pages: base })).close()
      const longer = `${whole} And then it fell.`
      const found: unknown[] = []
      const session = await engine.read(
        { text: longer, digest: 'new', pages: store },
        {
          base: { store: base.again(), digest: 'old' },
          onFound: (...told) => void found.push(...told)
        }
      )
      expect([session.reused, session.computed, session.total]).toEqual([5002, 18, 5020])
      expect(found).toEqual([{ state: 'absent', fromBase: 5002 }, 18, 5020])
      const anew = await engine.read({ text: longer, digest: 'new' })
      expect(await ask(session)).toEqual(await ask(anew))
      const wrong = { store: base.again(), digest: 'another' }
      const unseeded = await engine.read(
        { text: longer, digest: 'new', pages: new MemoryStore() },
        { base: wrong }
      )
      expect(unseeded.reused).toBe(0)
      for (const each of [session, anew, unseeded]) each.close()
    })

    it('the probe gives a speed, once, and its memory back, also beside a reading', async () => {
      const reading = engine.read({ text: text(2000), digest: 'a' })
      const loaded = engine.liveBuffers()
      const pages = engine.memory().pages
      const [a, b] = await Promise.all([engine.probe(), engine.probe()])
      expect(a.tokensPerSecond).toBeGreaterThan(0)
      expect(b).toEqual(a)
      ;(await reading).close()
      expect([engine.liveBuffers(), engine.memory().pages]).toEqual([loaded, pages])
    })

    it('closed in the middle of everything: nothing is left, and what was under way says why', async () => {
      const other = await openEngine({ gpu: openDawn(), model: tinyReader(kind, 4) })
      const answers: Promise<string>[] = []
      const reading = outcome(
        other.read(
          { text: text(6000), digest: 'a' },
          {
            chunk: 50,
            onProgress: ({ tokens }) => {
              if (tokens > 500 && answers.length === 0)
                answers.push(outcome(ask(live!)), outcome(other.probe()))
              if (tokens > 1000) other.close()
            },
            onLive: growing => void (live = growing)
          }
        )
      )
      let live: Session | undefined
      expect(await reading).toBe('closed')
      for (const each of await Promise.all(answers)) expect(each).toMatch(/^(closed|done)$/)
      expect(other.liveBuffers()).toBe(0)
    })
  })
