/**
 * Random models of Gemma's family through the engine against float64: logits, answers, chunks and banks, and that mistakes in
 * the forward pass would be seen. That the float64 says what the official classes say is shown in handed.test.ts.
 */
import { expect, it, vi } from 'vitest'
import { decode } from '../decode'
import { filesWithWeights } from '../derived-weights'
import { chooseToken, greedy } from '../kernels/choose-token'
import { type PageKind, pageKinds } from '../kernels/page-format'
import type { Model } from '../model/model'
import { SerialQueue } from '../serial-queue'
import { describeGpu, device } from '../testing/gpu-testing'
import { inMemory, modelValues } from '../testing/made-weights'
import { bitsLeft, logitsOf, openModel, readWhole } from '../testing/open-model'
import { Random } from '../testing/random'
import { referenceGemma, type Rules } from '../testing/reference-gemma-model'
import { relativeError } from '../testing/relative-error'
import { type TinyGemma, tinyGemma, tinyGemmaConfig } from '../testing/tiny-gemma'
import { type GemmaConfig, ownersOf } from './config'

/** Keys and values rounded alike: what is left is f32 against f64, and values that it puts on the other side of a tie. */
const tolerance = { f32: 1e-4, f16: 5e-3, int8: 1e-2 } as const satisfies Record<PageKind, number>

/** More than a page, many windows. */
const length = 300
const tokensOf = ({ config }: TinyGemma, count = length): number[] =>
  new Random(config.dim).tokens(count, config.vocabSize)

const oneHead = (shape: GemmaConfig['sliding']) => ({ ...shape, heads: 8, kvHeads: 1 })
const models: [string, TinyGemma][] = [
  ['F32, flat', tinyGemma({ seed: 1 })],
  [
    'BF16, nested, in two files, with what is not used',
    tinyGemma({ seed: 2, dtype: 'BF16', flat: false, unused: true, shards: 2 })
  ],
  [
    'F16, a head of its own, eight heads on one, odd widths, no cap',
    tinyGemma(
      { seed: 3, dtype: 'F16', head: 'own' },
      {
        ...{ dim: 50, ffnDim: 46, sharedFfnDim: 46, perLayerDim: 12, logitCap: undefined },
        sliding: oneHead(tinyGemmaConfig.sliding),
        full: { ...tinyGemmaConfig.full, heads: 8, kvHeads: 1 }
      }
    )
  ],
  ['the last owner a sliding layer, the head stored twice', tinyGemma({ seed: 4, head: 'also' }, { own: 8 })]
]

const positions = [0, 1, 17, 18, 19, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 128, 255, 256, 257, 299]
const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap(row => [...row])

for (const [name, tiny] of models)
  describeGpu(`gemma, ${name}`, () => {
    const tokens = tokensOf(tiny)
    const loaded = new Map<PageKind, Promise<Model>>()
    const modelOf = (pages: PageKind): Promise<Model> => {
      const model = loaded.get(pages) ?? openModel(tiny.files, device, pages, 64)
      loaded.set(pages, model)
      return model
    }

    it.each(pageKinds)('%s pages: logits', async pages => {
      const { logits } = referenceGemma(tiny.config, tiny.tensor, tokens, { ...tiny, pages })
      const found = await logitsOf(await modelOf(pages), tokens, { positions, chunk: 50 })
      const error = relativeError(flat(found), flat(positions.map(at => logits[at]!)))
      expect(error).toBeLessThan(tolerance[pages])
    })

    // Chunks of one row take ten thousands of dispatches: one model shows it.
    it.each([...(tiny.dtype === 'BF16' ? [1] : []), 13, undefined])(
      'chunks of %s, banks of one page: the same bits',
      async chunk => {
        const model = await modelOf('f16')
        const once = await bitsLeft(model, await readWhole(model, tokens, { chunk: 64 }))
        const banks = { chunk, mostBankBytes: model.layout.pageBytes }
        expect((await bitsLeft(model, await readWhole(model, tokens, { chunk }))).equals(once)).toBe(true)
        expect((await bitsLeft(model, await readWhole(model, tokens, banks))).equals(once)).toBe(true)
      }
    )
  })

// In BF16, and a configuration that names no type: what the embedding's scale was rounded to is still seen.
describeGpu('weights made of gemma', () => {
  it.each(['int8', 'int4'] as const)('%s: logits of the values that the codes stand for', async made => {
    const tiny = models[1]![1]
    const tokens = tokensOf(tiny, 60)
    const coded = await filesWithWeights(tiny.files, made, inMemory)
    const { tensor } = await modelValues(coded)
    const { logits } = referenceGemma(tiny.config, tensor, tokens, tiny)
    const found = await logitsOf(await openModel(coded, device, 'f32', 64), tokens, { positions: [30, 59] })
    const expected = [30, 59].map(at => logits[at]!)
    expect(relativeError(flat(found), flat(expected))).toBeLessThan(tolerance.f32)
  })
})

describeGpu('answers of gemma', () => {
  const tiny = models[0]![1]
  const document = tokensOf(tiny)

  // In the middle of a page, at its end, with a question longer than a chunk.
  it.each([
    [290, 1],
    [256, 30],
    [150, 130]
  ])('%i tokens read, %i asked: what float64 says', async (rows, asked) => {
    const model = await openModel(tiny.files, device, 'f32', 64)
    const choose = await chooseToken(device, tiny.config.vocabSize)
    const { carry, pages } = await readWhole(model, document.slice(0, rows))
    const question = document.slice(rows, rows + asked)
    const said: number[] = []
    const fetched = vi.spyOn(model.tokenRows!.answering, 'rows')
    const options = { mostTokens: 12, stopIds: new Set<number>(), suppressed: [], sampling: greedy }
    const timeline = { pages, carry, rows, prefix: 0 }
    const answer = decode(
      { model, choose, queue: new SerialQueue() },
      timeline,
      Uint32Array.from(question),
      options
    )
    let next = await answer.next()
    for (; !next.done; next = await answer.next()) said.push(...next.value)
    expect(said).toHaveLength(12)
    // Once for the question's last token and once for each that another one follows.
    expect(fetched).toHaveBeenCalledTimes(12)
    const before = [...document.slice(0, rows), ...question]
    const { logits } = referenceGemma(tiny.config, tiny.tensor, [...before, ...said], tiny)
    let sure = 0
    for (const [i, id] of said.entries()) {
      const row = logits[before.length - 1 + i]!
      const [best, second] = [...row.keys()].sort((a, b) => row[b]! - row[a]!)
      // A token that wins by less than rounding may lose.
      if (row[best!]! - row[second!]! < 0.01) break
      expect(id, `token ${i}`).toBe(best)
      sure++
    }
    expect(sure).toBeGreaterThan(4)
    // Five full layers look at the document; twelve tokens of four heads each.
    const { mass } = next.value
    expect(mass).toHaveLength(Math.ceil(rows / 16))
    expect(mass.every(each => each > 0)).toBe(true)
    const upper = tiny.config.layers.filter((kind, i) => kind === 'full' && i >= tiny.config.own - 1).length
    expect(mass.reduce((a, b) => a + b, 0)).toBeLessThan(12 * 4 * upper + 1e-3)
    carry.free()
    pages.free()
  })
})

describeGpu('mistakes that the engine’s logits would show', () => {
  const mistakes: [string, Partial<Rules>][] = [
    ['scores divided by the root of the head size', { attentionScale: headDim => headDim ** -0.5 }],
    ['the embedding scale unrounded', { embeddingScale: dim => Math.sqrt(dim) }],
    ['norm weights that count from one', { normWeight: weight => weight + 1 }],
    [
      'the wrong donor',
      { donor: (config, i) => (i < config.own ? i : ownersOf(config, config.layers[i]!)[0]!) }
    ],
    ['exponents over what turns alone', { turnedOver: (_, turned) => 2 * turned }],
    ['the per-layer table unscaled', { tableScale: () => 1 }],
    ['the per-layer product unscaled', { productScale: () => 1 }],
    ['per-layer inputs not divided by the root of two', { joined: 1 }],
    ['values without their norm', { valueNorm: false }],
    ['a gate that reads the normed stream', { gateInput: 'normed' }],
    ['no layer scalar', { scalar: false }]
  ]
  const tiny = models[1]![1]
  const tokens = tokensOf(tiny, 60)
  const at = [30, 59]
  let found: Promise<Float64Array[]> | undefined

  it.each([['nothing wrong', {}] as [string, Partial<Rules>], ...mistakes])('%s', async (name, mistake) => {
    found ??= openModel(tiny.files, device, 'f32', 64).then(model =>
      logitsOf(model, tokens, { positions: at })
    )
    const { logits } = referenceGemma(tiny.config, tiny.tensor, tokens, { ...tiny, rules: mistake })
    const error = relativeError(flat(await found), flat(at.map(each => logits[each]!)))
    if (name === 'nothing wrong') expect(error).toBeLessThan(tolerance.f32)
    else expect(error).toBeGreaterThan(3 * tolerance.f32)
  })
})
