import { closeSync, openSync, readdirSync, readFileSync, readSync, statSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, test, vi } from 'vitest'
import { dropped } from '../../contract/bytes'
import type { DocumentInfo } from '../../contract/document'
import { modelKey } from '../../contract/model-key'
import type { Found, ReadingProgress } from '../../gpu/index'
import {
  type Answer,
  answerOf,
  bookText,
  describeGpu,
  engineWorker,
  modelFolder,
  never,
  type RealMachine,
  realMachine
} from '../testing/real-machine'
import { EngineError } from './engine-client'
import { choicesOf, inspectModel, makeWeights } from './model-worker'
import type { ReadOptions, RemoteEngine, SessionFacts } from './remote-engine'

let machine: RealMachine
let engine: RemoteEngine
let expected: Answer
const question = 'What does the text say about the door?'
const text = bookText(16_000)

const add = (name: string, content = text): Promise<DocumentInfo> => machine.addText(name, content)
const read = (info: DocumentInfo, options: Partial<ReadOptions> = {}, by = engine): Promise<SessionFacts> =>
  by.read(toRead(info), { signal: never(), ...options })
const toRead = ({ id, textDigest, replaces }: DocumentInfo) => ({ id, textDigest, replaces })
const ask = ({ id }: DocumentInfo, by = engine, mostTokens?: number): Promise<Answer> =>
  answerOf(by, id, question, mostTokens)
const codeOf = (error: unknown): unknown => (error instanceof EngineError ? error.code : error)

/** Stops a reading at the first news of `tokens` or more; returns how far it came. */
async function readUntil(info: DocumentInfo, tokens: number): Promise<number> {
  const stop = new AbortController()
  let reached = 0
  const ended = read(info, {
    signal: stop.signal,
    onProgress: progress => {
      reached = progress.tokens
      if (reached >= tokens) stop.abort()
    }
  })
  expect(await ended.then(() => 'read to its end', codeOf)).toBe('cancelled')
  return reached
}

describeGpu('the engine behind messages, its pages over HTTP', () => {
  beforeAll(async () => {
    machine = await realMachine()
    engine = await machine.openEngine()
    // Each document is another text, or the library would know it: the question's answer is that of the whole text.
    const info = await add('whole.txt')
    await read(info)
    expected = await ask(info)
  })
  afterAll(() => machine.end())

  test('names its weights as the library does', async () => {
    const { digest } = (await (
      await fetch(`${machine.host.bytes.at}/models/embedded/digests/model.safetensors`, {
        headers: machine.host.bytes.headers
      })
    ).json()) as { digest: string }
    expect(engine.modelKey).toMatch(/^readonce-small-[0-9a-f]{12}$/)
    expect(modelKey('Readonce small', digest).startsWith('readonce-small-')).toBe(true)
    expect(readdirSync(join(machine.library, 'documents', (await add('whole.txt')).id))).toContain(
      `${engine.modelKey}.pages`
    )
  })

  test('counts, measures and knows what fits', async () => {
    const info = await add('whole.txt')
    const counted = await engine.countTokens(info.id)
    expect(counted).toEqual({ tokens: expected.inView.total, exact: true })
    expect((await engine.probe()).tokensPerSecond).toBeGreaterThan(0)
    const fit = await engine.fitsMemory(1000)
    expect(fit.most).toBeGreaterThanOrEqual(fit.bytes)
    expect(fit.bytes).toBeGreaterThan(1000)
    await expect(engine.countTokens('0000000000000000')).rejects.toMatchObject({ code: 'not-found' })
  })

  test('reopens from disk what was read, and answers the same', async () => {
    const again = await machine.openEngine()
    const info = await add('whole.txt')
    const session = await again.open(toRead(info))
    const { total } = expected.inView
    expect(session).toMatchObject({ tokens: total, total, reused: total })
    expect(session!.pageFileBytes).toBe(statSync(machine.pageFile(info.id)).size)
    expect(await ask(info, again)).toEqual({ ...expected, pieces: expect.any(Number) })
    const found: unknown[] = []
    await read(info, { onFound: (...told) => found.push(...told) > 0 }, again)
    expect(found).toEqual([{ state: 'complete' } satisfies Found, 0, total])
  })

  test('reopens nothing of which nothing is saved, and leaves the document as it was', async () => {
    const info = await add('unread.txt', `Unread. ${text}`)
    expect(await engine.open(toRead(info))).toBeUndefined()
    await expect(ask(info)).rejects.toMatchObject({ code: 'closed' })
    await readUntil(info, 600)
    expect(await engine.open({ ...toRead(info), textDigest: 'of another text' })).toBeUndefined()
    expect((await engine.open(toRead(info)))!.tokens).toBeGreaterThan(0)
  })

  test('stopped, resumed, stopped again and resumed by another worker: the same answer', async () => {
    const info = await add('stopped.txt', `${text}\n`)
    const straight = await add('not stopped.txt', `${text}\n`)
    await read(straight)
    const whole = await ask(straight)
    await machine.host.removeReading(info.id, engine.modelKey)
    const first = await readUntil(info, 600)
    expect(first).toBeLessThan(whole.inView.total)
    const second = await readUntil(info, first + 500)
    expect(second).toBeGreaterThan(first)
    const other = await machine.openEngine()
    expect((await read(info, {}, other)).reused).toBe(second)
    expect(await ask(info, other)).toMatchObject({ text: whole.text, inView: whole.inView })
  })

  test('what is saved of a part is asked, and says so', async () => {
    const info = await add('part.txt', `${text}\n\n`)
    const reached = await readUntil(info, 600)
    const session = await engine.open(toRead(info))
    expect(session).toMatchObject({ tokens: reached, reused: reached })
    expect((await ask(info)).inView).toEqual({ tokens: reached, total: session!.total })
  })

  test('read up to a limit, and no further', async () => {
    const session = await read(await add('limit.txt', `${text}\n\n\n`), { most: 700 })
    expect(session.tokens).toBe(700)
    expect(session.total).toBeGreaterThan(700)
  })

  test('onFound prevents reading, by its word or with its own error, and nothing is kept', async () => {
    const info = await add('prevented.txt', `No. ${text}`)
    const reason = new Error('no room')
    await expect(read(info, { onFound: () => Promise.reject(reason) })).rejects.toBe(reason)
    await expect(read(info, { onFound: async () => false })).rejects.toMatchObject({ code: 'cancelled' })
    expect(
      readdirSync(join(machine.library, 'documents', info.id)).filter(name => /pages/.test(name))
    ).toEqual([])
  })

  test('another worker takes the page file over: the first fails by name, the second goes on', async () => {
    const info = await add('taken.txt', `Taken. ${text}`)
    const begun = Promise.withResolvers<undefined>()
    const first = read(info, {
      onProgress: ({ tokens }) => {
        if (tokens > 500) begun.resolve(undefined)
      }
    }).then(() => 'read to its end', codeOf)
    await begun.promise
    const session = await read(info, {}, await machine.openEngine())
    expect(await first).toBe('in-use')
    expect(session.tokens).toBe(session.total)
    expect(session.reused).toBeGreaterThan(0)
  })

  test('a damaged record is a miss, not a failure', async () => {
    const info = await add('damaged.txt', `Damaged. ${text}`)
    await read(info)
    const whole = await ask(info)
    const path = machine.pageFile(info.id)
    const file = openSync(path, 'r+')
    const at = Math.floor(statSync(path).size / 2)
    const byte = Buffer.alloc(1)
    readSync(file, byte, 0, 1, at)
    writeSync(file, Buffer.from([byte[0] ^ 255]), 0, 1, at)
    closeSync(file)
    const other = await machine.openEngine()
    const session = await read(info, {}, other)
    expect(session.reused).toBeLessThan(session.total)
    expect(await ask(info, other)).toMatchObject({ text: whole.text, inView: whole.inView })
  })

  test('a question while it is read is answered on what was read so far; news come at most ten times a second', async () => {
    const info = await add('live.txt', bookText(40_000, 2))
    const answers: Promise<Answer>[] = []
    const news: [number, ReadingProgress][] = []
    let isLive = false
    const session = await read(info, {
      onLive: () => void (isLive = true),
      onProgress(progress) {
        news.push([performance.now(), progress])
        if (isLive && progress.tokens > 1000 && answers.length === 0) answers.push(ask(info))
      }
    })
    const { inView } = await answers[0]
    expect(inView.tokens).toBeGreaterThan(1000)
    expect(inView.tokens).toBeLessThan(inView.total)
    expect(inView.total).toBe(session.total)
    const seconds = (news.at(-1)![0] - news[0][0]) / 1000
    expect(news.length).toBeLessThanOrEqual(seconds * 10 + 3)
    expect(news.at(-1)![1].tokens).toBe(session.total)
    expect((await ask(info)).inView.tokens).toBe(session.total)
  })

  test('a text that replaces an earlier one is read from its first change on; an earlier one that is gone is no harm', async () => {
    // As a log grows. A change further in is served from the carries between the pages, one in 20,000 tokens here.
    const earlier = await add('log.txt', `${bookText(9000, 6)} And then.`)
    await read(earlier)
    const changed = await add('log 2.txt', `${bookText(9000, 6)} And then. But everything changed.`)
    const found: Found[] = []
    const other = await machine.openEngine()
    const session = await read(
      { ...changed, replaces: earlier.id },
      { onFound: what => found.push(what) > 0 },
      other
    )
    expect(found[0].fromBase).toBeGreaterThan(1000)
    expect(session.reused).toBe(found[0].fromBase)
    const whole = await ask(changed, other)
    await machine.host.removeReading(changed.id, engine.modelKey)
    const anew = await read({ ...changed, replaces: '0000000000000000' })
    expect(anew.reused).toBe(0)
    expect(await ask(changed)).toMatchObject({ text: whole.text, inView: whole.inView })
  })

  test('two sessions stay open; the least recently used is closed, told, and says so when asked', async () => {
    const own = await machine.openEngine()
    const documents: DocumentInfo[] = []
    const closed: string[] = []
    own.onClosed(id => closed.push(id))
    for (const part of [3, 4, 5]) {
      const info = await add(`${part}.txt`, bookText(3000, part))
      documents.push(info)
      await read(info, {}, own)
      // The first one is used once more, so the second is the oldest.
      if (part === 4) await ask(documents[0], own, 2)
    }
    await vi.waitFor(() => expect(closed).toEqual([documents[1].id]), { timeout: 30_000 })
    await expect(ask(documents[1], own)).rejects.toMatchObject({ code: 'closed' })
    const { inView } = await ask(documents[0], own, 2)
    expect(inView.tokens).toBe(inView.total)
    own.closeDocument(documents[0].id)
    expect(closed.at(-1)).toBe(documents[0].id)
    await expect(ask(documents[0], own)).rejects.toMatchObject({ code: 'closed' })
  })

  test('an answer is stopped by its signal, and by whoever stops listening', async () => {
    const info = await add('whole.txt')
    await read(info)
    const stop = new AbortController()
    // Every token is nearly as likely as the others, so that the answer goes on to its 4,000th: half a minute, where a short
    // one was at its end before the signal had come to the worker of a busy computer.
    const sampling = { temperature: 1000, topK: 0, topP: 1, seed: 1 }
    const asked = { text: question, history: [], sampling, mostTokens: 4000 }
    const stops: string[] = []
    for await (const part of engine.ask(info.id, { ...asked, signal: stop.signal }))
      if (part.type === 'end') stops.push(part.stop)
      else stop.abort()
    expect(stops).toEqual(['aborted'])
    for await (const part of engine.ask(info.id, { ...asked, signal: never() }))
      if (part.type === 'text') break
    expect(await ask(info)).toMatchObject({ text: expected.text })
  })

  test('whatever is asked of an engine that was closed fails by name', async () => {
    const own = await machine.openEngine()
    const info = await add('whole.txt')
    const closed: string[] = []
    own.onClosed(id => closed.push(id))
    await read(info, {}, own)
    own.close()
    expect(closed).toEqual([info.id])
    await expect(ask(info, own)).rejects.toMatchObject({ code: 'closed' })
    await expect(own.probe()).rejects.toMatchObject({ code: 'closed' })
  })

  test('weights of 8 bits: offered, made, kept, and the model runs with them; without them it runs with its own', async () => {
    const model = { id: 'embedded', name: 'Readonce small' }
    const { bytes } = machine.host
    const offered = async () =>
      (await choicesOf(bytes, model, engineWorker())).weights.map(({ precision, made }) => [precision, made])
    expect(await offered()).toEqual([
      ['int8', false],
      ['int4', false]
    ])
    const lacking = await machine.openEngine({ weights: 'int8', pages: 'int8' })
    expect(lacking).toMatchObject({
      weightsMissing: true,
      model: { weights: 'f16', pages: 'int8', name: 'Readonce small (K/V int8)' }
    })

    const progress: number[] = []
    const make = (signal: AbortSignal) =>
      makeWeights(
        {
          ...{ bytes, model, precision: 'int8', drop: 'made-here', signal },
          onProgress: done => void progress.push(done)
        },
        engineWorker()
      )
    expect(await make(never())).toBe(true)
    await machine.host.keepWeights('embedded', 'made-here')
    const file = join(machine.library, 'models', '.made-embedded', 'model.int8.safetensors')
    expect(progress.at(-1)).toBe(statSync(file).size)
    expect(await offered()).toEqual([
      ['int8', true],
      ['int4', false]
    ])
    // What is there is not made again.
    expect(await make(never())).toBe(false)
    const info = await add('whole.txt')
    const own = await machine.openEngine({ weights: 'int8', pages: 'int8' })
    expect(own).toMatchObject({
      weightsMissing: false,
      model: { weights: 'int8', pages: 'int8', name: 'Readonce small (int8, K/V int8)' }
    })
    expect(own.modelKey).toMatch(/^readonce-small-[0-9a-f]{12}-int8$/)
    expect(own.modelKey.slice(0, 27)).not.toBe(engine.modelKey)
    await read(info, {}, own)
    expect((await ask(info, own)).inView).toEqual(expected.inView)
    // The reading of the model's own weights stands beside it, as it was.
    expect((await engine.open(toRead(info)))!.reused).toBe(expected.inView.total)

    const stopped = AbortSignal.abort()
    await expect(make(stopped)).rejects.toMatchObject({ code: 'cancelled' })
    await fetch(bytes.at + dropped('made-here'), { method: 'DELETE', headers: bytes.headers })
    await machine.host.removeWeights('embedded', 'int8')
    expect((await machine.openEngine({ weights: 'int8' })).weightsMissing).toBe(true)
  })

  test('a folder of model files is looked at where it lies', async () => {
    const files = readdirSync(modelFolder).map(name => ({
      name,
      file: new File([readFileSync(join(modelFolder, name))], name)
    }))
    const summary = await inspectModel('mine', files, engineWorker())
    expect(summary).toMatchObject({
      name: 'mine',
      prompted: engine.model.prompted,
      parameters: expect.any(Number)
    })
    const without = files.filter(({ name }) => name !== 'model.safetensors')
    await expect(inspectModel('mine', without, engineWorker())).rejects.toBeInstanceOf(EngineError)
  })
})
