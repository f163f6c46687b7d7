/** Random models with open windows against float64: a document read, and a question told behind it, at every position. */
import { beforeAll, describe, expect, it } from 'vitest'
import { Batch } from '../device/batch'
import { copyFromBuffer } from '../device/readback'
import { filesWithWeights } from '../derived-weights'
import { type PageKind, pageKinds } from '../kernels/page-format'
import { Pages } from '../kv/pages'
import { answerRows, type Model } from '../model/model'
import { describeGpu, device, deviceWith } from '../testing/gpu-testing'
import { inMemory, modelValues } from '../testing/made-weights'
import { bitsLeft, logitsOf, openGemma as open, readWhole, type Reading } from '../testing/open-gemma'
import { Random } from '../testing/random'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow, tinyOpenWindowConfig, type TinyOpenWindow } from '../testing/tiny-open-window'
import type { OpenWindowConfig } from './config'

/** Keys and values rounded alike: what is left is f32 against f64, and values that it puts on the other side of a tie. */
const tolerance = { f32: 1e-4, f16: 5e-3, int8: 1e-2 } as const satisfies Record<PageKind, number>

/** More than a page, many windows. */
const length = 300
const tokensOf = ({ config }: TinyOpenWindow, count = length): number[] =>
  new Random(config.dim).tokens(count, config.vocabSize)
const every = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap(row => [...row])

/** Logits of all tokens of a question behind a reading, which is moved on: chunk by chunk, its open heads looking at all pages. */
async function toldLogits(
  model: Model,
  { carry, pages: document }: Reading,
  question: readonly number[],
  chunk = model.longest
): Promise<Float64Array[]> {
  const { device } = model
  const pages = await Pages.allocate(device, question.length, model.layout.pageBytes)
  const start = carry.position
  const before = document.view(start, 0)
  const found: Float64Array[] = []
  for (let at = 0; at < question.length;) {
    const rows = Math.min(chunk, question.length - at, pages.roomAt(at))
    const tokens = Uint32Array.from(question.slice(at, at + rows))
    const batch = new Batch(device)
    model.read(batch, { start: start + at, rows, tokens, before, pages, row: at }, carry)
    batch.submit()
    for (let first = 0; first < rows; first += answerRows) {
      const count = Math.min(answerRows, rows - first)
      const answer = new Batch(device)
      await model.answer(answer, start + at + first, count, undefined as never)
      answer.submit()
      const width = model.logits.shape[1]
      const bytes = await copyFromBuffer(device, model.logits.buffer, 0, count * width * 4)
      for (let i = 0; i < count; i++)
        found.push(Float64Array.from(new Float32Array(bytes.buffer, i * width * 4, model.vocabSize)))
    }
    at += rows
  }
  pages.free()
  return found
}

const models: [string, TinyOpenWindow][] = [
  ['F32, heads of ten', tinyOpenWindow({ seed: 1 })],
  [
    'F16, in two files, six heads on three, the first and last open together, a head of its own',
    tinyOpenWindow(
      { seed: 2, dtype: 'F16', shards: 2, head: 'own' },
      {
        ...{ dim: 48, layers: 3, ffnDim: 64, opened: [[0, 2], [], [1]], distance: 40 },
        attention: { ...tinyOpenWindowConfig.attention, heads: 6, kvHeads: 3, headDim: 8, window: 16 }
      }
    )
  ],
  [
    'BF16, eight heads on one, the head stored twice, a distance of nothing',
    tinyOpenWindow(
      { seed: 3, dtype: 'BF16', head: 'also' },
      {
        ...{ dim: 32, layers: 2, opened: [[0], []], distance: 0 },
        attention: { ...tinyOpenWindowConfig.attention, heads: 8, kvHeads: 1, headDim: 4, window: 9 }
      }
    )
  ]
]

for (const [name, tiny] of models)
  describeGpu(`open windows, ${name}`, () => {
    const tokens = tokensOf(tiny)
    const told = 270
    const loaded = new Map<PageKind, Promise<Model>>()
    const modelOf = (pages: PageKind): Promise<Model> => {
      const model = loaded.get(pages) ?? open(tiny.files, device, pages, 64)
      loaded.set(pages, model)
      return model
    }

    it('a document: logits at all positions, whatever the precision of pages', async () => {
      const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, tokens)
      for (const pages of pageKinds) {
        const found = await logitsOf(await modelOf(pages), tokens, { positions: every(length), chunk: 50 })
        expect(relativeError(flat(found), flat(logits)), pages).toBeLessThan(tolerance.f32)
      }
    })

    it.each(pageKinds)('%s pages: logits of all tokens of a question', async pages => {
      const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, tokens, { told, pages })
      const model = await modelOf(pages)
      const reading = await readWhole(model, tokens.slice(0, told))
      const found = await toldLogits(model, reading, tokens.slice(told))
      reading.carry.free()
      reading.pages.free()
      expect(relativeError(flat(found), flat(logits.slice(told)))).toBeLessThan(tolerance[pages])
    })

    it.each([1, 13, 64])('a document in chunks of %i, banks of one page: the same bits', async chunk => {
      const model = await modelOf('f16')
      const once = await bitsLeft(model, await readWhole(model, tokens, { chunk: 50 }))
      expect((await bitsLeft(model, await readWhole(model, tokens, { chunk }))).equals(once)).toBe(true)
      const banks = { chunk, mostBankBytes: model.layout.pageBytes }
      expect((await bitsLeft(model, await readWhole(model, tokens, banks))).equals(once)).toBe(true)
    })

    it('a question in any chunks, behind any banks: the same bits', async () => {
      const model = await modelOf('f16')
      const asked = async (chunk: number, mostBankBytes?: number) => {
        const reading = await readWhole(model, tokens.slice(0, told), { mostBankBytes })
        const logits = await toldLogits(model, reading, tokens.slice(told), chunk)
        reading.carry.free()
        reading.pages.free()
        return logits
      }
      const once = await asked(30)
      for (const chunk of [1, 7, 16]) expect(await asked(chunk), `chunks of ${chunk}`).toEqual(once)
      expect(await asked(30, model.layout.pageBytes), 'banks of one page').toEqual(once)
    })
  })

describeGpu('open windows by kernels for hardware', () => {
  it.each(['tiles', 'subgroups'] as const)(
    '%s: documents and questions, in any chunks the same bits',
    async kernels => {
      const tiny = models[0]![1]
      const [tokens, told] = [tokensOf(tiny, 150), 110]
      const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, tokens, { told })
      const model = await open(tiny.files, deviceWith(kernels), 'f32', 64)
      const positions = [0, 11, 12, 63, 64, 109]
      const read = await logitsOf(model, tokens.slice(0, told), { positions })
      expect(relativeError(flat(read), flat(positions.map(at => logits[at]!)))).toBeLessThan(tolerance.f32)
      const found: Float64Array[][] = []
      // The head of a single row takes a kernel of its own: neither leaves a row over.
      for (const chunk of [64, 20]) {
        const reading = await readWhole(model, tokens.slice(0, told), { chunk: chunk - 7 })
        found.push(await toldLogits(model, reading, tokens.slice(told), chunk))
      }
      expect(relativeError(flat(found[0]!), flat(logits.slice(told)))).toBeLessThan(tolerance.f32)
      expect(found[1]).toEqual(found[0])
    }
  )
})

describeGpu('weights made of a model with open windows', () => {
  const tiny = models[1]![1]
  const tokens = tokensOf(tiny, 60)

  it.each(['int8', 'int4'] as const)('%s: logits of the values that the codes stand for', async made => {
    const coded = await filesWithWeights(tiny.files, made, inMemory)
    const { tensor } = await modelValues(coded)
    expect(tensor('layer.0.q')).not.toEqual(tiny.tensor('layer.0.q'))
    for (const role of ['layer.0.sink', 'layer.2.sinkValues', 'norm'])
      expect(tensor(role), role).toEqual(tiny.tensor(role))
    const { logits } = referenceOpenWindow(tiny.config, tensor, tokens, { told: 30 })
    const model = await open(coded, device, 'f32', 64)
    const reading = await readWhole(model, tokens.slice(0, 30))
    const found = await toldLogits(model, reading, tokens.slice(30))
    expect(relativeError(flat(found), flat(logits.slice(30)))).toBeLessThan(tolerance.f32)
  })
})

describeGpu('mistakes that the engine’s logits would show', () => {
  const tiny = models[0]![1]
  const { config, tensor } = tiny
  const [tokens, told] = [tokensOf(tiny, 60), 40]
  let read: Float64Array[]
  let asked: Float64Array[]
  beforeAll(async () => {
    const model = await open(tiny.files, device, 'f32', 64)
    read = await logitsOf(model, tokens, { positions: [...every(told)] })
    asked = await toldLogits(model, await readWhole(model, tokens.slice(0, told)), tokens.slice(told))
  })

  const spoilt =
    (part: string, change: (value: number, i: number) => number) =>
    (role: string): Float64Array =>
      role.endsWith(part) ? tensor(role).map(change) : tensor(role)
  /** By far more than the engine may err: where the document is read, and where the question is. */
  const errors = (otherConfig: OpenWindowConfig, other: typeof tensor, first = told) => {
    const { logits } = referenceOpenWindow(otherConfig, other, tokens, { told: first })
    return [
      relativeError(flat(read), flat(logits.slice(0, told))),
      relativeError(flat(asked), flat(logits.slice(told)))
    ] as const
  }
  const least = 3 * tolerance.f32

  it('nothing wrong', () => {
    expect(Math.max(...errors(config, tensor))).toBeLessThan(tolerance.f32)
  })

  describe('in reading and asking', () => {
    it.each([
      ['no score of the sinks', config, spoilt('.sink', () => 0)],
      ['no values of the sinks', config, spoilt('.sinkValues', () => 0)],
      ['a wider window', { ...config, attention: { ...config.attention, window: 13 } }, tensor]
    ] as [string, OpenWindowConfig, typeof tensor][])('%s', (_, otherConfig, other) => {
      expect(Math.min(...errors(otherConfig, other))).toBeGreaterThan(least)
    })
  })

  describe('in asking alone', () => {
    it.each([
      ['another distance', { ...config, distance: 8 }],
      ['the other K/V head open', { ...config, opened: [[], [0], [0, 1], [0]] }],
      ['one of two open', { ...config, opened: [[], [1], [1], [0]] }],
      ['none open', { ...config, opened: [[], [], [], []] }]
    ] as [string, OpenWindowConfig][])('%s', (_, otherConfig) => {
      const [reading, asking] = errors(otherConfig, tensor)
      expect(reading).toBeLessThan(tolerance.f32)
      expect(asking).toBeGreaterThan(least)
    })

    it('told a token too late', () => {
      expect(errors(config, tensor, told + 1)[1]).toBeGreaterThan(least)
    })
  })
})
