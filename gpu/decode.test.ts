/** Answers are forks of the document: each continues it exactly, and nothing that one does is seen by another. */
import { afterEach, beforeAll, expect, it } from 'vitest'
import { spanTokens } from './kernels/page-attention'
import { ReadTimeline } from './timeline'
import { describeGpu, device } from './testing/gpu-testing'
import { MemoryStore } from './testing/memory-store'
import { bothDecoders, collect, type Opened, openTiny, read, say, textOf } from './testing/readings'
import { softmax } from './testing/reference'
import { ReferenceModel } from './testing/reference-model'
import { ReferenceReading } from './testing/reference-reading'
import { relativeError } from './testing/relative-error'
import { tinyModel } from './testing/tiny-model'

const question = [40, 41, 42, 7, 99]
const other = Array.from({ length: 130 }, (_, i) => (i * 31 + 8) % 250)
const draws = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 1 }

for (const kind of bothDecoders)
  describeGpu(`answers, ${kind}`, () => {
    let opened: Opened
    let ids: Uint32Array
    let document: ReadTimeline
    let live = 0
    const alone = (asked: readonly number[], options = {}) => collect(say(opened, document, asked, options))

    beforeAll(async () => {
      opened = await openTiny(kind, device)
      ids = textOf(600, opened.vocabulary)
      document = await read(opened, ids)
      live = device.liveBuffers
    })
    afterEach(() => expect(device.liveBuffers, 'buffers left behind').toBe(live))

    it('the reference in double precision says the same 24 tokens', async () => {
      const { config, tensor } = tinyModel(kind, { seed: 11 })
      const reference = new ReferenceReading(config, tensor, { roundKv: 'f16' })
      reference.read(Array.from(ids))
      reference.read(question)
      const { ids: said, end } = await alone(question)
      expect(said).toEqual(reference.greedy(24))
      expect(end.stop).toBe('length')
    })

    it('a refusal whose first two tokens are likely enough is the answer', async () => {
      const { config, tensor } = tinyModel(kind, { seed: 11 })
      const reference = new ReferenceReading(config, tensor, { roundKv: 'f16' })
      reference.read(Array.from(ids))
      reference.read(question)
      const shares = Array.from(softmax(reference.lastLogits()))
      const [first, , third] = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!)
      reference.read([third!])
      const then = softmax(reference.lastLogits())
      const both = shares[third!]! * then[5]!
      const plain = await alone(question)
      const refusing = (refusal: readonly number[], from: number, more = {}) =>
        alone(question, { refusal: { ids: refusal, from }, ...more })
      const refused = await refusing([third!, 5, 9], both * 0.99)
      expect([refused.ids, refused.end.stop]).toEqual([[third, 5, 9], 'end'])
      expect(Array.from(refused.end.probabilities)).toEqual([expect.closeTo(both, 5), 1, 1, 1])
      // It came from nowhere in the text.
      expect(refused.end.mass.every(value => value === 0)).toBe(true)
      const short = await refusing([third!, 5, 9], both * 0.99, { mostTokens: 2 })
      expect([short.ids, short.end.stop]).toEqual([[third, 5], 'length'])
      expect((await refusing([third!], shares[third!]! * 0.99)).ids).toEqual([third])
      // Less likely it leaves no trace, but for an answer that begins as it does: that takes the next token.
      const [begun, second] = [await refusing([third!, 5, 9], both * 1.01), await refusing([first!, 5], 1)]
      expect(begun.ids).toEqual(plain.ids)
      expect(begun.end.probabilities[0]).toBeCloseTo(shares[first!]! / (1 - shares[third!]!), 4)
      expect(begun.end.probabilities.slice(1)).toEqual(plain.end.probabilities.slice(1))
      const other = new ReferenceReading(config, tensor, { roundKv: 'f16' })
      other.read(Array.from(ids))
      other.read(question)
      const next = [...shares.keys()].sort((a, b) => shares[b]! - shares[a]!)[1]!
      other.read([next])
      expect(second.ids).toEqual([next, ...other.greedy(23)])
      // What may never be said has no share in it.
      const most = both / (1 - shares[first!]!) / (1 - then[first!]!)
      const more = { suppressed: [first!] }
      expect((await refusing([third!, 5], most * 0.99, more)).ids).toEqual([third, 5])
      expect((await refusing([third!, 5], most * 1.01, more)).ids[0]).toBe(next)
      // And stays so where it is a refusal's first token, too.
      expect(await refusing([first!, 5], 1, more)).toEqual(await alone(question, more))
    })

    it('every token comes with the probability that the reference gives it, the stop token too', async () => {
      const { config, tensor } = tinyModel(kind, { seed: 11 })
      const { ids: long, end } = await alone(question)
      const at = long.findIndex((id, i) => i > 8 && long.indexOf(id) === i)
      const reference = new ReferenceReading(config, tensor, { roundKv: 'f16' })
      reference.read(Array.from(ids))
      reference.read(question)
      const expected = long.map(id => {
        const share = softmax(reference.lastLogits())[id]!
        reference.read([id])
        return share
      })
      expect(relativeError(end.probabilities, Float32Array.from(expected))).toBeLessThan(2e-3)
      const ended = await alone(question, { stopIds: new Set([long[at]]) })
      expect(ended.ids).toHaveLength(at)
      expect(ended.end.probabilities).toEqual(end.probabilities.slice(0, at + 1))
    })

    it('fresh starts while reading and at the question: the reference whose lower half does the same', async () => {
      const { config, tensor } = tinyModel(kind, { seed: 11 })
      const reference = new ReferenceReading(config, tensor, { roundKv: 'f16' })
      for (let at = 0; at < ids.length; at += 170) {
        reference.startFresh()
        reference.read(Array.from(ids.subarray(at, at + 170)))
      }
      reference.startFresh()
      reference.read(question)
      const apart = await read(opened, ids, undefined, { freshEvery: 170 })
      const { ids: said } = await collect(say(opened, apart, question))
      apart.free()
      expect(said).toEqual(reference.greedy(24))
      expect(said).not.toEqual((await alone(question)).ids)
    })

    it('a reading with fresh starts is not saved', async () => {
      const saving = read(opened, ids, new MemoryStore(), { freshEvery: 170 })
      await expect(saving).rejects.toThrow('cannot be saved')
    })

    it('a question is reading on: long ones, over chunks and pages of its own', async () => {
      const longest = textOf(700, opened.vocabulary, 77)
      const whole = await read(opened, Uint32Array.from([...ids, ...longest.subarray(0, -1)]))
      const expected = await collect(say(opened, whole, [longest.at(-1)!]))
      whole.free()
      expect((await alone(Array.from(longest))).ids).toEqual(expected.ids)
    })

    it('two questions at once say what each says alone, whatever the interleaving', async () => {
      const expected = [await alone(question), await alone(other, { sampling: draws })]
      expect(expected[0].ids).not.toEqual(expected[1].ids)
      expect(await Promise.all([alone(question), alone(other, { sampling: draws })])).toEqual(expected)
      const [first, second] = [
        say(opened, document, question),
        say(opened, document, other, { sampling: draws })
      ]
      const said: number[][] = [[], []]
      // The second one rests while the first goes on, and the other way round.
      for (const who of [0, 0, 1, 0, 1, 1]) {
        const next = await [first, second][who].next()
        if (!next.done) said[who].push(...next.value)
      }
      said[1].push(...(await collect(second)).ids)
      said[0].push(...(await collect(first)).ids)
      expect(said).toEqual([expected[0].ids, expected[1].ids])
    })

    it('a question while another document is being read', async () => {
      const expected = await alone(question)
      const reading = read(opened, textOf(900, opened.vocabulary, 3), undefined, { chunk: 16 })
      expect(await alone(question)).toEqual(expected)
      const second = await reading
      const beside = await collect(say(opened, second, question))
      second.free()
      const again = await read(opened, textOf(900, opened.vocabulary, 3))
      expect((await collect(say(opened, again, question))).ids).toEqual(beside.ids)
      again.free()
    })

    it('exactly as many tokens as allowed, each a beginning of the longer answer', async () => {
      const { ids: long } = await alone(question, { mostTokens: 33 })
      expect(long).toHaveLength(33)
      for (const mostTokens of [0, 1, 2, 7, 8, 9, 17])
        expect((await alone(question, { mostTokens })).ids).toEqual(long.slice(0, mostTokens))
    })

    it('a stop token ends the answer at any place in a batch and is not said', async () => {
      const { ids: long } = await alone(question, { sampling: draws })
      for (const at of [0, 1, 4, 11, 23]) {
        const first = long.indexOf(long[at])
        const { ids: said, end } = await alone(question, { sampling: draws, stopIds: new Set([long[at]]) })
        expect([said, end.stop]).toEqual([long.slice(0, first), 'end'])
      }
    })

    it('steps computed behind a stop token leave no trace in the attention', async () => {
      const { ids: long } = await alone(question, { sampling: draws })
      const at = long.findIndex((id, i) => i > 8 && long.indexOf(id) === i)
      // An answer that may not be longer computes nothing ahead.
      const stopIds = new Set([long[at]])
      const slow = await alone(question, { sampling: draws, mostTokens: at + 1 })
      const fast = await alone(question, { sampling: draws, stopIds, mostTokens: 200 })
      expect(fast.ids).toEqual(slow.ids.slice(0, -1))
      expect(relativeError(fast.end.mass, slow.end.mass)).toBeLessThan(1e-6)
    })

    it('ended where it only repeats itself, if that is asked for, and counts no attention of later steps', async () => {
      // With one token left to say there is nothing but a loop.
      const suppressed = Array.from({ length: opened.vocabulary }, (_, id) => id).filter(id => id !== 5)
      const whole = await alone(question, { suppressed, mostTokens: 100 })
      expect([whole.ids, whole.end.stop]).toEqual([new Array(100).fill(5), 'length'])
      const ended = await alone(question, { suppressed, mostTokens: 100, endLoops: true })
      expect([ended.ids, ended.end.stop]).toEqual([new Array(64).fill(5), 'loop'])
      const exact = await alone(question, { suppressed, mostTokens: 64 })
      expect(relativeError(ended.end.mass, exact.end.mass)).toBeLessThan(1e-6)
    })

    it('aborted: before the question, between batches and within one, at most one batch more', async () => {
      const before = await alone(question, { signal: AbortSignal.abort() })
      expect([before.ids, before.end.stop]).toEqual([[], 'aborted'])
      for (const during of [false, true]) {
        const stop = new AbortController()
        const answer = say(opened, document, question, { signal: stop.signal, mostTokens: 200 })
        let [said, batches] = [0, 0]
        for (;;) {
          const pending = answer.next()
          if (during && batches === 2) setTimeout(() => stop.abort())
          const next = await pending
          if (next.done) {
            expect(next.value.stop).toBe('aborted')
            break
          }
          said += next.value.length
          if (++batches === 2 && !during) stop.abort()
        }
        expect(batches).toBeLessThanOrEqual(during ? 4 : 2)
        expect(said).toBeLessThanOrEqual(8 * batches)
      }
    })

    it('given up by its reader: its memory comes back', async () => {
      for await (const part of say(opened, document, question)) {
        expect(part.length).toBeGreaterThan(0)
        break
      }
    })

    it('draws: the same seed says the same, another seed and a penalty something else', async () => {
      const of = async (sampling: object) =>
        (await alone(question, { sampling: { ...draws, ...sampling } })).ids
      const first = await of({})
      expect(await of({})).toEqual(first)
      expect(await of({ seed: 2 })).not.toEqual(first)
      expect(await of({ topK: 1 })).toEqual((await alone(question)).ids)
      const plain = (await alone(question, { mostTokens: 60 })).ids
      const varied = await alone(question, {
        mostTokens: 60,
        sampling: { ...draws, temperature: 0, repetitionPenalty: 1e6 }
      })
      expect(new Set(varied.ids).size).toBe(60)
      expect(new Set(plain).size).toBeLessThan(60)
    })

    it('suppressed tokens are not chosen', async () => {
      const { ids: free } = await alone(question)
      const { ids: said } = await alone(question, { suppressed: free })
      expect(said.filter(id => free.includes(id))).toEqual([])
      expect(said).toHaveLength(24)
    })

    it('attention by span agrees with the reference and leaves the prompt out', async () => {
      const short = ids.subarray(0, 90)
      const prefix = 5
      const timeline = await ReadTimeline.open(opened.model, opened.queue, short, prefix, undefined, {})
      const { end } = await collect(say(opened, timeline, question, { mostTokens: 1 }))
      timeline.free()
      const { config, tensor } = tinyModel(kind, { seed: 11 })
      const all = [...short, ...question]
      const seen = new ReferenceModel(config, tensor, { roundKv: 'f16' }).run(all).get('mass')!
      const last = seen.subarray((all.length - 1) * all.length)
      const expected = new Float64Array(Math.ceil(short.length / spanTokens))
      for (let at = prefix; at < short.length; at++) expected[Math.floor(at / spanTokens)] += last[at]
      expect(relativeError(end.mass, expected)).toBeLessThan(5e-3)
    })
  })
