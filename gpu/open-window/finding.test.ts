/** A question about a long document: what float64 finds in the layer that finds, and says of these passages alone. */
import { expect, it } from 'vitest'
import type { DecodeOptions } from '../answering'
import { decode, type DecodeEnd } from '../decode'
import {
  askingTokens,
  type Choice,
  passagesToSee,
  type RowRange,
  seenWhole,
  toAnswer,
  toRefuse
} from '../focus'
import { openEngine, type Session } from '../index'
import { chooseToken, greedy } from '../kernels/choose-token'
import { spanTokens } from '../kernels/page-attention'
import type { PageKind } from '../kernels/page-format'
import { pageRows } from '../kernels/page-layout'
import { openDawn } from '../node/dawn'
import { SerialQueue } from '../serial-queue'
import { describeGpu, device } from '../testing/gpu-testing'
import { openModel, readWhole } from '../testing/open-model'
import { Random } from '../testing/random'
import { softmax } from '../testing/reference'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow } from '../testing/tiny-open-window'

const tiny = tinyOpenWindow({ seed: 11, keenness: 6 }, { findingLayer: 2 })
const tokens = new Random(4).tokens(9 * pageRows, tiny.config.vocabSize)

async function answered(
  rows: number,
  asked: number,
  options: {
    readonly pages?: PageKind
    readonly longest?: number
    readonly bankPages?: number
    readonly prefix?: number
    readonly whole?: boolean
    readonly refusal?: DecodeOptions['refusal']
    readonly signal?: AbortSignal
  } = {}
): Promise<{ readonly ids: number[]; readonly end: DecodeEnd }> {
  const { pages = 'f32', longest = 64, bankPages = Infinity, prefix = 2, whole, refusal, signal } = options
  const model = await openModel(tiny.files, device, pages, longest)
  const mostBankBytes = bankPages === Infinity ? undefined : bankPages * model.layout.pageBytes
  const reading = await readWhole(model, tokens.slice(0, rows), { mostBankBytes })
  const answer = decode(
    { model, choose: await chooseToken(device, tiny.config.vocabSize), queue: new SerialQueue() },
    { ...reading, prefix },
    Uint32Array.from(tokens.slice(rows, rows + asked)),
    { mostTokens: 6, stopIds: new Set(), suppressed: [], sampling: greedy, whole, refusal, signal }
  )
  const live = device.liveBuffers
  const ids: number[] = []
  for (;;) {
    const next = await answer.next()
    if (!next.done) {
      ids.push(...next.value)
      continue
    }
    expect(device.liveBuffers, 'buffers left behind').toBe(live)
    reading.carry.free()
    reading.pages.free()
    return { ids, end: next.value }
  }
}

const rowsOf = (ranges: readonly RowRange[]): number[] =>
  ranges.flatMap(({ first, end }) => Array.from({ length: end - first }, (_, i) => first + i))

/** Attention of told tokens, from the one numbered `from` on, by span; to rows behind the `prefix` first. */
function spansOf(
  mass: Float64Array,
  rows: number,
  all: number,
  [from, until]: readonly [number, number],
  prefix: number
): Float32Array {
  const spans = new Float32Array(Math.ceil(rows / spanTokens))
  for (let t = from; t < until; t++)
    for (let at = prefix; at < rows; at++) spans[Math.floor(at / spanTokens)]! += mass[t * all + at]!
  return spans
}

function found(
  rows: number,
  asked: number,
  pages: PageKind,
  prefix: number,
  choice: Choice = toAnswer
): RowRange[] {
  const ids = tokens.slice(0, rows + asked)
  const { mass } = referenceOpenWindow(tiny.config, tiny.tensor, ids, { told: rows, pages, massOf: 2 })
  const asking = [Math.max(0, asked - askingTokens), asked] as const
  return passagesToSee(spansOf(mass, rows, ids.length, asking, prefix), rows, prefix, choice)
}

describeGpu('questions that look for their passages', () => {
  it.each([
    [900, 20, 'f32', undefined, 1e-3, 2],
    // More than a chunk and than what is looked for by; banks of a page each; a last block of a few rows.
    [1003, 90, 'f32', 1, 1e-3, 2],
    // What is said before the text is longer than a span.
    [2100, 20, 'f32', undefined, 1e-3, 60],
    [1100, 7, 'f16', undefined, 5e-3, 2],
    [1100, 7, 'int8', 2, 2e-2, 2]
  ] as const)(
    '%i tokens read, %i asked, %s: what float64 says',
    async (rows, asked, pages, bankPages, most, prefix) => {
      const { ids, end } = await answered(rows, asked, { pages, bankPages, prefix })
      const ranges = found(rows, asked, pages, prefix)
      const seen = rowsOf(ranges)
      expect(seen.length).toBeLessThan(rows)
      expect(end.answeredFrom).toBe(seen.length)
      const all = [...tokens.slice(0, rows + asked), ...ids]
      const { logits, mass } = referenceOpenWindow(tiny.config, tiny.tensor, all, { told: rows, pages, seen })
      const first = rows + asked - 1
      const shares = ids.map((id, i) => softmax(logits[first + i]!)[id]!)
      expect(relativeError(end.probabilities, shares)).toBeLessThan(most)
      const sources = spansOf(mass, rows, all.length, [asked - 1, asked - 1 + ids.length], prefix)
      expect(relativeError(end.mass, sources)).toBeLessThan(most)
      // Seen whole, it says something else.
      const whole = referenceOpenWindow(tiny.config, tiny.tensor, all, { told: rows, pages })
      expect(
        relativeError(
          end.probabilities,
          ids.map((id, i) => softmax(whole.logits[first + i]!)[id]!)
        )
      ).toBeGreaterThan(most)
    }
  )

  it.each([
    ['a short document', seenWhole, undefined],
    ['a text that is continued', 900, true]
  ])('%s is seen whole', async (_, rows, whole) => {
    const { ids, end } = await answered(rows, 20, { whole })
    const all = [...tokens.slice(0, rows + 20), ...ids]
    const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, all, { told: rows, pages: 'f32' })
    const shares = ids.map((id, i) => softmax(logits[rows + 19 + i]!)[id]!)
    expect(relativeError(end.probabilities, shares)).toBeLessThan(1e-3)
    expect(end.answeredFrom).toBeUndefined()
  })

  it('refuses by what a refusal has where more passages are seen', async () => {
    const [rows, asked] = [900, 20]
    const refusal = [77, 5, 9]
    const ids = [...tokens.slice(0, rows + asked), refusal[0]!]
    const shareOf = (choice: Choice): number => {
      const seen = rowsOf(found(rows, asked, 'f32', 2, choice))
      const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, ids, {
        told: rows,
        pages: 'f32',
        seen
      })
      const [first, second] = [0, 1].map(i => softmax(logits[rows + asked - 1 + i]!)[refusal[i]!]!)
      return first! * second!
    }
    const [wide, narrow] = [shareOf(toRefuse), shareOf(toAnswer)]
    expect(Math.abs(wide / narrow - 1)).toBeGreaterThan(0.05)
    const refusing = (from: number) => answered(rows, asked, { refusal: { ids: refusal, from } })
    const refused = await refusing(wide * 0.99)
    expect(refused.ids).toEqual(refusal)
    expect(refused.end.probabilities[0]).toBeCloseTo(wide, 6)
    expect(refused.end.answeredFrom).toBe(rowsOf(found(rows, asked, 'f32', 2, toRefuse)).length)
    expect(refused.end.mass.every(value => value === 0)).toBe(true)
    const [kept, plain] = [await refusing(wide * 1.01), await answered(rows, asked)]
    expect(kept.ids).toEqual(plain.ids)
    expect(relativeError(kept.end.probabilities, plain.end.probabilities)).toBeLessThan(1e-3)
    expect(kept.end.mass).toEqual(plain.end.mass)
  })

  it('stopped anywhere, it leaves nothing behind and has seen nothing', async () => {
    const stops = new Set<string>()
    for (let looks = 0; looks < 9; looks++) {
      let left = looks
      const signal = {
        get aborted() {
          return left-- <= 0
        }
      } as AbortSignal
      const { ids, end } = await answered(900, 100, {
        refusal: { ids: [77, 5], from: 1e-9 },
        longest: 64,
        signal
      })
      stops.add(end.stop)
      if (end.stop !== 'aborted') continue
      expect(ids).toEqual([])
      expect(end.mass.every(value => value === 0)).toBe(true)
    }
    expect([...stops]).toEqual(['aborted'])
  })

  it('without memory for copies of the passages an answer looks at all of the document', async () => {
    const text = Array.from({ length: 3000 }, (_, i) =>
      String.fromCharCode(97 + ((i * i * 7 + i * 3) % 26))
    ).join('')
    const [free, length] = [await openEngine({ gpu: openDawn(), model: tiny.files }), text.length]
    const resting = await free.read({ text, digest: '' })
    const { weights, pages, carry, scratch, staging } = free.memory()
    const held = weights + pages + carry + scratch + staging
    const answeredFrom = async (session: Session): Promise<number | undefined> => {
      for await (const part of session.ask({ text: 'What?', mostTokens: 24 }))
        if (part.type === 'end') return part.inView.answeredFrom
      throw new Error('no end')
    }
    expect(await answeredFrom(resting)).toBeLessThan(length)
    free.close()
    // Enough for an answer's own pages, and no more.
    const memoryLimit = held + 4 * pageRows * free.model.memoryBytesPerToken
    const engine = await openEngine({ gpu: openDawn(), model: tiny.files, memoryLimit })
    expect(await answeredFrom(await engine.read({ text, digest: '' }))).toBeUndefined()
    engine.close()
  })

  it('questions in any chunks, documents in any banks: the same bits', async () => {
    for (const refusal of [undefined, { ids: [77, 5], from: 1 }, { ids: [77, 5], from: 1e-9 }]) {
      const once = await answered(900, 130, { refusal })
      expect(await answered(900, 130, { refusal, longest: 8 })).toEqual(once)
      expect(await answered(900, 130, { refusal, longest: 200, bankPages: 1 })).toEqual(once)
    }
  })
})
