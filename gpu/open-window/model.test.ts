/** Random models with open windows against float64: a document read, and a question told behind it, at every position. */
import { expect, it } from 'vitest'
import { type PageKind, pageKinds } from '../kernels/page-format'
import { Pages } from '../kv/pages'
import { type Model, newCarry } from '../model/model'
import { readChunk } from '../prefill'
import { describeGpu, device, deviceWith } from '../testing/gpu-testing'
import { bitsLeft, logitsOf, openModel as open, readWhole } from '../testing/open-model'
import { Random } from '../testing/random'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow, tinyOpenWindowConfig, type TinyOpenWindow } from '../testing/tiny-open-window'
import { toldLogits } from '../testing/told-logits'

/** Keys and values rounded alike: what is left is f32 against f64, and values that it puts on the other side of a tie. */
const tolerance = { f32: 1e-4, f16: 5e-3, int8: 1e-2 } as const satisfies Record<PageKind, number>

/** More than a page, many windows. */
const length = 300
const tokensOf = ({ config }: TinyOpenWindow, count = length): number[] =>
  new Random(config.dim).tokens(count, config.vocabSize)
const every = (count: number): number[] => Array.from({ length: count }, (_, i) => i)
const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap(row => [...row])

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

    it('windows that begin anew in the document: behind a fresh start its first token is seen', async () => {
      const fresh = [100, 200]
      const { logits } = referenceOpenWindow(tiny.config, tiny.tensor, tokens, { fresh })
      for (const chunk of [13, 64]) {
        const options = { positions: every(length), chunk, freshEvery: 100 }
        const found = await logitsOf(await modelOf('f32'), tokens, options)
        expect(relativeError(flat(found), flat(logits))).toBeLessThan(tolerance.f32)
      }
    })

    it.each([1, 13, 64])('a document in chunks of %i, banks of one page: the same bits', async chunk => {
      const model = await modelOf('f16')
      const once = await bitsLeft(model, await readWhole(model, tokens, { chunk: 50 }))
      expect((await bitsLeft(model, await readWhole(model, tokens, { chunk }))).equals(once)).toBe(true)
      const banks = { chunk, mostBankBytes: model.layout.pageBytes }
      expect((await bitsLeft(model, await readWhole(model, tokens, banks))).equals(once)).toBe(true)
    })

    it('a chunk spread over several submits: the same bits', async () => {
      const model = await modelOf('f16')
      const [ids, rows] = [Uint32Array.from(tokens.slice(0, 48)), 24]
      const bits: Buffer[] = []
      for (const submits of [1, 2, 5]) {
        const reading = {
          carry: newCarry(model),
          pages: await Pages.allocate(device, ids.length, model.layout.pageBytes)
        }
        for (const at of [0, rows]) await readChunk(model, { ids, at, rows, ...reading }, submits)
        expect(reading.carry.position).toBe(48)
        bits.push(await bitsLeft(model, reading))
      }
      for (const each of bits) expect(each.equals(bits[0]!)).toBe(true)
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
