/** Questions behind a document: the tokens, probabilities and sources that float64 gives. */
import { expect, it } from 'vitest'
import type { DecodeOptions } from '../answering'
import { decode, type DecodeEnd } from '../decode'
import { chooseToken, greedy } from '../kernels/choose-token'
import { type PageKind, pageKinds } from '../kernels/page-format'
import { pageRows } from '../kernels/page-layout'
import { spanTokens } from '../kernels/page-attention'
import type { Model } from '../model/model'
import { SerialQueue } from '../serial-queue'
import { describeGpu, device } from '../testing/gpu-testing'
import { openModel as open, readWhole, type Reading } from '../testing/open-model'
import { Random } from '../testing/random'
import { softmax } from '../testing/reference'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow } from '../testing/tiny-open-window'

const tiny = tinyOpenWindow({ seed: 11 })
const tokens = new Random(4).tokens(3 * pageRows + 200, tiny.config.vocabSize)
/** Rows of the document that are no text of it. */
const prefix = 5

interface Said {
  readonly ids: number[]
  readonly end: DecodeEnd
}

async function say(
  model: Model,
  { carry, pages }: Reading,
  question: readonly number[],
  options: Partial<DecodeOptions> = {}
): Promise<Said> {
  const choose = await chooseToken(device, tiny.config.vocabSize)
  const answer = decode(
    { model, choose, queue: new SerialQueue() },
    { carry, pages, prefix },
    Uint32Array.from(question),
    { mostTokens: 12, stopIds: new Set(), suppressed: [], sampling: greedy, ...options }
  )
  const ids: number[] = []
  for (;;) {
    const next = await answer.next()
    if (next.done) return { ids, end: next.value }
    ids.push(...next.value)
  }
}

/** Opens a model, reads a document, asks and frees what was read. */
async function answered(
  rows: number,
  asked: number,
  options: { readonly pages?: PageKind; readonly longest?: number; readonly bankPages?: number } = {}
): Promise<Said> {
  const { pages = 'f32', longest = 64, bankPages = Infinity } = options
  const model = await open(tiny.files, device, pages, longest)
  const mostBankBytes = bankPages === Infinity ? undefined : bankPages * model.layout.pageBytes
  const reading = await readWhole(model, tokens.slice(0, rows), { mostBankBytes })
  const said = await say(model, reading, tokens.slice(rows, rows + asked))
  expect(reading.carry.position, 'the document stands where it was').toBe(rows)
  reading.carry.free()
  reading.pages.free()
  return said
}

/** What float64 says of these tokens behind the question: how far each is from the likeliest one, its probability, and the sources. */
function expected(rows: number, asked: number, said: readonly number[], pages: PageKind) {
  const all = [...tokens.slice(0, rows + asked), ...said]
  const { logits, mass } = referenceOpenWindow(tiny.config, tiny.tensor, all, { told: rows, pages })
  const first = rows + asked - 1
  const missed = said.map((id, i) => Math.max(...logits[first + i]!) - logits[first + i]![id]!)
  const shares = said.map((id, i) => softmax(logits[first + i]!)[id]!)
  const sources = new Float64Array(Math.ceil(rows / spanTokens))
  // The token said last is not read any more.
  for (let t = first; t < first + said.length; t++)
    for (let at = prefix; at < rows; at++)
      sources[Math.floor(at / spanTokens)]! += mass[(t - rows) * all.length + at]!
  return { missed: Math.max(...missed), shares, sources }
}

describeGpu('answers of a model with open windows', () => {
  it.each([
    [290, 1, undefined],
    [40, 2, undefined],
    // At the end of a page, then on pages in banks of their own.
    [pageRows, 5, undefined],
    [700, 130, 1],
    // The question has more than a page of its own.
    [90, 300, undefined]
  ])('%i tokens read, %i asked: what float64 says', async (rows, asked, bankPages) => {
    const { ids, end } = await answered(rows, asked, { bankPages })
    expect([ids.length, end.stop, end.rows]).toEqual([12, 'length', rows])
    const { missed, shares, sources } = expected(rows, asked, ids, 'f32')
    // A token that wins by less than rounding may lose.
    expect(missed).toBeLessThan(1e-3)
    expect(relativeError(end.probabilities, shares)).toBeLessThan(1e-3)
    expect(relativeError(end.mass, sources)).toBeLessThan(1e-3)
  })

  it.each([
    ['f16', 5e-3],
    ['int8', 2e-2]
  ] as const)('%s pages: float64 that rounds its rows alike', async (pages, most) => {
    expect(pageKinds).toContain(pages)
    const { ids, end } = await answered(600, 30, { pages })
    const { missed, shares, sources } = expected(600, 30, ids, pages)
    expect(missed).toBeLessThan(most)
    expect(relativeError(end.probabilities, shares)).toBeLessThan(most)
    expect(relativeError(end.mass, sources)).toBeLessThan(most)
  })

  it('questions in any chunks, documents in any banks: the same bits', async () => {
    const once = await answered(600, 130)
    expect(await answered(600, 130, { longest: 8 })).toEqual(once)
    expect(await answered(600, 130, { longest: 200, bankPages: 1 })).toEqual(once)
  })

  it('what is asked sees more than what is read: another answer than that of a document read on', async () => {
    const model = await open(tiny.files, device, 'f32', 64)
    const [document, longer] = [
      await readWhole(model, tokens.slice(0, 200)),
      await readWhole(model, tokens.slice(0, 229))
    ]
    const asked = await say(model, document, tokens.slice(200, 230))
    const readOn = await say(model, longer, tokens.slice(229, 230))
    expect(asked.end.probabilities).not.toEqual(readOn.end.probabilities)
    // An answer leaves no trace in what the next one sees.
    expect(await say(model, document, tokens.slice(200, 230))).toEqual(asked)
    for (const { carry, pages } of [document, longer]) {
      carry.free()
      pages.free()
    }
  })

  it('steps computed behind a stop token leave no trace in the sources', async () => {
    const model = await open(tiny.files, device, 'f32', 64)
    const reading = await readWhole(model, tokens.slice(0, 200))
    const question = tokens.slice(200, 230)
    const sampling = { ...greedy, temperature: 1.5, topK: 0, topP: 1, seed: 3 }
    const { ids: long } = await say(model, reading, question, { sampling, mostTokens: 24 })
    let stopped = 0
    for (const at of long.keys()) {
      if (long.indexOf(long[at]!) < at || at % 2 !== 0) continue
      const stopIds = new Set([long[at]!])
      // An answer that may not be longer computes nothing ahead.
      const slow = await say(model, reading, question, { sampling, mostTokens: at + 1 })
      const fast = await say(model, reading, question, { sampling, stopIds, mostTokens: 200 })
      expect([fast.ids, fast.end.stop]).toEqual([slow.ids.slice(0, -1), 'end'])
      expect(fast.end.probabilities).toEqual(slow.end.probabilities)
      expect(fast.end.mass, `stopped at ${at}`).toEqual(slow.end.mass)
      stopped++
    }
    expect(stopped).toBeGreaterThan(4)
    reading.carry.free()
    reading.pages.free()
  })
})
