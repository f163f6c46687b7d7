/** A model folder looked at before it is loaded: what it says must be what loading finds, and what it refuses too. */
import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { filesWithWeights, inspectModel, openEngine, precisionChoices } from './index'
import { openDawn } from './node/dawn'
import { gemmaFolder } from './testing/gemma-folder'
import { describeGpu } from './testing/gpu-testing'
import { byteSource, memoryFiles } from './testing/memory-files'
import { tinyGemma } from './testing/tiny-gemma'
import { tinyMobile } from './testing/tiny-mobile'
import { tinyKinds, tinyModel } from './testing/tiny-model'
import { tinyOpenWindow } from './testing/tiny-open-window'

const folder = join(import.meta.dirname, '..', 'assets', 'models', 'small')
const embedded = new Map(readdirSync(folder).map(name => [name, readFileSync(join(folder, name))]))

/** The same files; `largest` is the most that was read of the weights at once, `digested` what was hashed. */
function watched(name: string, files: ReadonlyMap<string, Uint8Array>) {
  const seen = { weightBytes: 0, digested: 0 }
  const plain = memoryFiles(name, files)
  return {
    seen,
    files: {
      ...plain,
      open: async (file: string) => {
        const source = byteSource(files.get(file)!)
        return {
          size: source.size,
          read: (offset: number, into: Uint8Array) => {
            if (file.endsWith('.safetensors')) seen.weightBytes += into.length
            return source.read(offset, into)
          }
        }
      },
      digest: (file: string) => {
        seen.digested++
        return plain.digest(file)
      }
    }
  }
}

describe('inspectModel', () => {
  it('tells the embedded model, from headers alone', async () => {
    const { files, seen } = watched('embedded', embedded)
    const weights = embedded.get('model.safetensors')!
    const header = Number(weights.readBigUInt64LE(0))
    expect(await inspectModel(files)).toEqual({
      name: 'embedded',
      // 8192 x 192 for the embedding, which is the head too, and six layers.
      parameters: (weights.length - 8 - header) / 2,
      weightBytes: weights.length - 8 - header,
      weightMemoryBytes: weights.length - 8 - header,
      // Keys and values, the id, and a carry of 193,536 bytes every 16 pages of 256 tokens.
      bytesPerToken: 2 * 96 * 2 + 4 + 193_536 / (16 * 256),
      memoryBytesPerToken: 2 * 96 * 2,
      bytesPerDocument: 2 * (2 * 2 * 63 * 192 * 4) + 4096,
      streams: true,
      trainedLength: expect.any(Number),
      selfDecoder: 'sliding-window',
      layers: 6,
      dim: 192,
      prompted: true,
      weights: 'f16',
      choices: {
        own: {
          ...{ weights: 'f16', weightBytes: weights.length - 8 - header },
          ...{ pages: 'f16', onGrids: false }
        },
        weights: [
          { precision: 'int8', bytes: expect.any(Number), made: false },
          { precision: 'int4', bytes: expect.any(Number), made: false }
        ],
        // Two layers of the self-decoder, and the shared keys and values.
        readingWork: 2 * (4 * 192 * 192 + 3 * 512 * 192) + 2 * 96 * 192,
        pages: [
          { kind: 'f32', bytesPerToken: 768, onGrid: false },
          { kind: 'f16', bytesPerToken: 384, onGrid: false },
          { kind: 'int8', bytesPerToken: 208, onGrid: false }
        ]
      }
    })
    expect(seen).toEqual({ weightBytes: 8 + header, digested: 0 })
  })

  it('offers weights of fewer bits than its own, in the bytes that making them takes', async () => {
    for (const [dtype, offered] of [
      ['F32', ['f16', 'int8', 'int4']],
      ['BF16', ['int8', 'int4']]
    ] as const) {
      const { files } = tinyModel('fla-window', { seed: 1, dtype })
      const { weights } = (await inspectModel(files)).choices
      expect(weights.map(({ precision }) => precision)).toEqual(offered)
      const kept: Record<string, number> = {}
      for (const { precision } of weights)
        await filesWithWeights(files, precision, {
          open: async () => undefined,
          keep: async (_name, made) => {
            kept[precision] = 0
            for await (const piece of made.pieces()) kept[precision] += piece.length
            return byteSource(new Uint8Array())
          }
        })
      for (const { precision, bytes } of weights) {
        // What the file says of where it is from is not counted.
        expect(kept[precision]).toBeGreaterThan(bytes)
        expect(kept[precision]).toBeLessThan(bytes + 200)
      }
    }
    const coded = tinyModel('official-window', { seed: 5, coded: () => ({ bits: 4, block: 32 }) })
    expect((await inspectModel(coded.files)).choices.weights).toEqual([])
  })

  it.each(tinyKinds)('sums over the tensors of %s', async kind => {
    const model = tinyModel(kind, { seed: 1, dtype: 'mixed' })
    const summary = await inspectModel(model.files)
    expect(summary.selfDecoder).toBe(kind.includes('window') ? 'sliding-window' : 'gated-retention')
    expect(summary.dim).toBe(model.config.dim)
    expect(summary.weightBytes).toBeGreaterThan(2 * summary.parameters)
    expect(summary.weightBytes).toBeLessThan(4 * summary.parameters)
  })

  it('tells of gemma what comes onto the GPU: not the table of which every token takes a row', async () => {
    const { config, files } = tinyGemma({ seed: 1, dtype: 'F16', flat: false })
    const summary = await inspectModel(files)
    const table = config.vocabSize * config.layers.length * config.perLayerDim * 2
    expect(summary.weightBytes).toBe(2 * summary.parameters)
    expect(summary.weightMemoryBytes).toBe(summary.weightBytes - table)
    // Three sets of two heads of 32 keys and values, as halves.
    expect(summary.memoryBytesPerToken).toBe(3 * 2 * 2 * 32 * 2)
    expect(summary).toMatchObject({ layers: 12, weights: 'f16', selfDecoder: 'sliding-window' })
    // Nine layers own keys and values: eight run whole while reading, six sliding ones and two full ones, and the ninth, a full
    // one, only to those. Outputs of q, out, k and v, of three matrices of the feed-forward, of gate and output of the token's.
    const outputs = 6 * 192 + 2 * 384 + 8 * (3 * 72 + 2 * 8) + 2 * 64
    const project = config.layers.length * config.perLayerDim
    expect(summary.choices.readingWork).toBe((outputs + project) * config.dim)
  })

  it('tells of a model with open windows that all layers are read, and that its open heads alone keep a text', async () => {
    const { config, files } = tinyOpenWindow({ seed: 1, dtype: 'F16', head: 'own' })
    const summary = await inspectModel(files)
    expect(summary).toMatchObject({ layers: 4, dim: 40, weights: 'f16', selfDecoder: 'sliding-window' })
    expect([summary.title, summary.streams, summary.prompted]).toEqual([undefined, false, true])
    expect(summary.weightMemoryBytes).toBe(summary.weightBytes)
    // Keys and values of four open heads of 10, padded to 12, as halves.
    expect(summary.memoryBytesPerToken).toBe(2 * 4 * 12 * 2)
    // Windows of every layer: keys and values of two heads in f32.
    expect(summary.bytesPerDocument).toBe(2 * (4 * 2 * 11 * 2 * 12 * 4) + 4096)
    // Outputs of q, k, v and out, of two matrices of the feed-forward, and its third; neither embedding nor head.
    expect(summary.choices.readingWork).toBe(4 * (40 + 20 + 20 + 40 + 3 * config.ffnDim) * config.dim)
    expect(summary.choices.weights.map(({ precision }) => precision)).toEqual(['int8', 'int4'])
  })

  it('tells of a mobile folder of gemma that no weights are made of it, and what the grid of its files takes', async () => {
    const summary = await inspectModel(memoryFiles('mobile', gemmaFolder('mobile')))
    expect(summary).toMatchObject({ title: 'Gemma 4, mobile', layers: 12, prompted: true })
    const { own, weights, pages } = summary.choices
    expect([own.onGrids, own.pages, weights]).toEqual([true, 'f16', []])
    // Three sets of two heads of 32 keys and values, a byte each: without scales.
    expect(pages).toEqual([
      { kind: 'f32', bytesPerToken: 1536, onGrid: false },
      { kind: 'f16', bytesPerToken: 768, onGrid: false },
      { kind: 'int8', bytesPerToken: 384, onGrid: true }
    ])
    // Where most codes have eight bits fewer could be made of them, and are not.
    const { configJson, weights: bytes } = tinyMobile(4, { vocabSize: 24, perLayerDim: 512 })
    const wide = new Map([
      ['config.json', new TextEncoder().encode(JSON.stringify(configJson))],
      ['model.safetensors', bytes]
    ])
    const choices = await precisionChoices(memoryFiles('wide', wide))
    expect([choices.own.weights, choices.weights]).toEqual(['int8', []])
  })

  it('refuses what opening would refuse, in the same words, and a folder that could never read text', async () => {
    const without = (name: string) => new Map([...embedded].filter(([each]) => each !== name))
    const cut = new Map(embedded).set(
      'model.safetensors',
      embedded.get('model.safetensors')!.subarray(0, 9000)
    )
    const cases: [Map<string, Uint8Array>, string, RegExp][] = [
      [new Map(), 'unsupported-model', /no config\.json and no params\.json/],
      [without('model.safetensors'), 'broken-model', /safetensors/],
      [cut, 'broken-model', /model\.safetensors/],
      [new Map(embedded).set('tokenizer.json', Buffer.from('{')), 'broken-model', /tokenizer\.json/],
      [without('tokenizer.json'), 'unsupported-model', /has no tokenizer\.json/],
      [
        new Map(embedded).set('params.json', Buffer.from('{"n_self_heads":6}')),
        'broken-model',
        /params\.json/
      ]
    ]
    for (const [files, code, message] of cases)
      await expect(inspectModel(memoryFiles('refused', files))).rejects.toMatchObject({
        code,
        message: expect.stringMatching(message)
      })
  })
})

describeGpu('an engine of the embedded model', () => {
  it('says the same of itself, counts tokens and knows what fits', async () => {
    const files = memoryFiles('embedded', embedded)
    const summary = await inspectModel(files)
    const engine = await openEngine({ gpu: openDawn(), model: files })
    const { name, prompted, bytesPerToken, bytesPerDocument } = summary
    expect(engine.model).toMatchObject({ name, prompted, bytesPerToken, bytesPerDocument })
    expect(engine.memory().weights).toBeGreaterThanOrEqual(summary.weightBytes)
    expect(engine.memory().weights).toBeLessThan(1.2 * summary.weightBytes)

    const samples = join(folder, '..', '..', 'samples')
    for (const file of readdirSync(samples)) {
      const text = readFileSync(join(samples, file), 'utf8')
      const { tokens, exact } = await engine.countTokens(text)
      const counted = engine.tokenize(text).length
      expect(exact, file).toBe(text.length <= 300_000)
      if (exact) expect(tokens, file).toBe(counted)
      else expect(Math.abs(tokens / counted - 1), file).toBeLessThan(0.03)
    }
    expect(await engine.countTokens('')).toEqual({ tokens: engine.tokenize('').length, exact: true })

    const need = Math.ceil(100_000 / 256) * 256 * summary.memoryBytesPerToken
    const whole = { bytes: need, most: need, kept: 'resident', streamingSecondsPerToken: 0 }
    expect(await engine.fitsMemory(100_000)).toEqual(whole)
    engine.close()
  })
})
