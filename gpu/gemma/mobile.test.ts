/**
 * Whole mobile checkpoints against a float64 reference: logits, keys and values, and the same bits however a text is cut.
 * A code that falls to the other side of a tie moves logits by a hundredth or more, so what agrees to 1e-4 has all codes.
 */
import { expect, it } from 'vitest'
import { copyFromBuffer } from '../device/readback'
import { pageConstants } from '../kernels/page-layout'
import type { Ring } from '../kernels/window-attention'
import type { Model } from '../model/model'
import { describeGpu, device, valuesOf } from '../testing/gpu-testing'
import {
  goldenConfig,
  goldenFiles,
  goldenRun,
  goldenState,
  missingGoldens,
  type MobileGolden,
  mobileGoldens
} from '../testing/mobile-goldens'
import { bitsLeft, logitsOf, openModel, type Reading, readWhole } from '../testing/open-model'
import { memoryFiles } from '../testing/memory-files'
import { relativeError } from '../testing/relative-error'
import { writeSafetensors } from '../testing/safetensors-writer'
import { tinyMobile } from '../testing/tiny-mobile'
import { type GemmaConfig, ownersOf } from './config'
import { readGemmaConfig } from './read-config'

/** More than any golden has tokens: rings hold every row then. */
const longest = 192
const modes = ['f32', 'int8'] as const
type Mode = (typeof modes)[number]
const gridOf = (mode: Mode) => (mode === 'int8' ? 'kv8' : undefined)

const models = new Map<string, Promise<Model>>()
function modelOf(name: MobileGolden, mode: Mode): Promise<Model> {
  const key = `${name} ${mode}`
  const model = models.get(key) ?? openModel(goldenFiles(name), device, mode, longest)
  models.set(key, model)
  return model
}

/** Keys and values of a row in pages of one bank: as they lie there, codes or f32. */
async function inPages({ layout }: Model, { pages }: Reading, set: number, row: number) {
  const { buffer } = pages.banks[0]!
  const { buffer: bytes } = await copyFromBuffer(device, buffer, 0, buffer.size)
  const values = layout.format.bytes === 16 ? new Float32Array(bytes) : new Int8Array(bytes)
  const { HEAD4, KV_HEADS, PAGE_ROWS, FIRST } = pageConstants(layout, set)
  const lines = Array.from({ length: KV_HEADS * HEAD4 }, (_, i) => i)
  const four = (element: number): number[] => [...values.subarray(element * 4, element * 4 + 4)]
  const behindKeys = FIRST + PAGE_ROWS * KV_HEADS * HEAD4
  return {
    keys: lines.flatMap(i => four(FIRST + i * PAGE_ROWS + row)),
    values: lines.flatMap(i =>
      four(behindKeys + (Math.floor(i / HEAD4) * PAGE_ROWS + row) * HEAD4 + (i % HEAD4))
    )
  }
}

async function inRing({ keys, values }: Ring, row: number) {
  const of = async (tensor: Ring['keys']): Promise<number[]> => {
    const [rows, width] = tensor.shape
    expect(row).toBeLessThan(rows)
    return [...(await valuesOf(tensor)).subarray(row * width, (row + 1) * width)]
  }
  return { keys: await of(keys), values: await of(values) }
}

/** Of a layer that owns them; of a ring on the grid divided by its steps. */
async function keptOf(config: GemmaConfig, model: Model, reading: Reading, layer: number, row: number) {
  const kind = config.layers[layer]!
  const place = ownersOf(config, kind).indexOf(layer)
  return kind === 'full' ? inPages(model, reading, place, row) : inRing(reading.carry.rings[place]!, row)
}

describeGpu('mobile checkpoints', () => {
  const each = it
    .skipIf(missingGoldens !== undefined)
    .each(mobileGoldens.flatMap(name => modes.map(mode => [name, mode] as const)))

  each('%s, %s keys and values: logits within 1e-4 of the largest', async (name, mode) => {
    const model = await modelOf(name, mode)
    const { tokens, positions, logits } = goldenRun(name, gridOf(mode))
    const found = await logitsOf(model, tokens, { positions })
    const errors = found.map((row, i) => relativeError(row, logits[i]!))
    console.info(`${name}, ${mode}: ${errors.map(error => error.toExponential(1)).join(' ')}`)
    expect(Math.max(...errors)).toBeLessThan(1e-4)
  })

  each('%s, %s keys and values: those of every owner', async (name, mode) => {
    const [config, model] = [readGemmaConfig(goldenConfig(name)), await modelOf(name, mode)]
    const { tokens } = goldenRun(name, gridOf(mode))
    const { rows, layers } = goldenState(name, gridOf(mode))
    const reading = await readWhole(model, tokens)
    expect(Object.keys(layers)).toHaveLength(config.own)
    for (const [layer, expected] of Object.entries(layers)) {
      for (const [i, row] of rows.entries()) {
        const found = await keptOf(config, model, reading, Number(layer), row)
        const label = `layer ${layer}, row ${row}`
        if (mode === 'f32') {
          expect(relativeError(found.keys, expected.keys![i]!), label).toBeLessThan(1e-5)
          expect(relativeError(found.values, expected.values![i]!), label).toBeLessThan(1e-5)
          continue
        }
        const paged = config.layers[Number(layer)] === 'full'
        const codes = (values: readonly number[], step: number) =>
          values.map(value => (paged ? value : Math.round(value / step) + 0))
        expect(codes(found.keys, expected.k!), label).toEqual(expected.key_codes![i])
        expect(codes(found.values, expected.v!), label).toEqual(expected.value_codes![i])
      }
    }
  })

  each('%s, %s keys and values: any chunking, the same bits', async (name, mode) => {
    const model = await modelOf(name, mode)
    const { tokens, positions } = goldenRun(name, gridOf(mode))
    const whole = {
      logits: await logitsOf(model, tokens, { positions }),
      bits: await bitsLeft(model, await readWhole(model, tokens))
    }
    for (const chunk of [64, 13, 1]) {
      expect(await logitsOf(model, tokens, { positions, chunk }), `chunks of ${chunk}`).toEqual(whole.logits)
      const bits = await bitsLeft(model, await readWhole(model, tokens, { chunk }))
      expect(bits.equals(whole.bits), `what chunks of ${chunk} leave`).toBe(true)
    }
  })

  it.skipIf(missingGoldens !== undefined)('8 bits take a byte a value and no scales', async () => {
    const { layout, plan } = await modelOf('gemma4-mobile-e2b', 'int8')
    expect(layout.format.name).toBe('kv8')
    const values = plan.kept.reduce((sum, { kvHeads, headDim }) => sum + 2 * kvHeads * headDim, 0)
    expect(layout.rowBytes).toBe(values)
  })
})

describeGpu('a mobile checkpoint of random codes', () => {
  const { configJson, tensors } = tinyMobile(31)
  const tokens = Array.from({ length: 40 }, (_, i) => (i * 37 + 5) % 271)
  const logits = async (stored: typeof tensors, config: object = configJson) => {
    const files = new Map([
      ['config.json', new TextEncoder().encode(JSON.stringify(config))],
      ['model.safetensors', writeSafetensors(stored)]
    ])
    const model = await openModel(memoryFiles('tiny mobile', files), device, 'int8', 64)
    return logitsOf(model, tokens, { positions: [0, 39] })
  }

  it('gives the same logits wherever its codes begin', async () => {
    const padding = (bytes: number) => ({
      ...{ name: 'model.vision_tower.padding', type: 'U8' as const },
      ...{ shape: [bytes], bytes: new Uint8Array(bytes) }
    })
    const first = tensors.findIndex(({ type }) => type === 'U8' || type === 'I8')
    const at = (bytes: number) => [...tensors.slice(0, first), padding(bytes), ...tensors.slice(first)]
    const published = await logits(tensors)
    for (const bytes of [1, 2, 3]) expect(await logits(at(bytes)), `${bytes} bytes before`).toEqual(published)
  })

  // Of a plain checkpoint the root of the width is rounded as the file's type holds it.
  it('is scaled by the same root whatever type its files name', async () => {
    const [bf16, f32] = ['bfloat16', 'float32'].map(dtype => ({ ...configJson, dtype }))
    expect(await logits(tensors, bf16)).toEqual(await logits(tensors, f32))
  })

  it('rounds nothing where a sliding layer has no step, and refuses codes where a full one has none', async () => {
    const named = (layer: number) => `model.language_model.layers.${layer}.self_attn.k_cache_scale`
    const without = (layer: number) => tensors.filter(({ name }) => name !== named(layer))
    const zero = (layer: number) =>
      tensors.map(each => (each.name === named(layer) ? { ...each, bytes: new Uint8Array(4) } : each))
    const published = await logits(tensors)
    expect(await logits(zero(0))).toEqual(await logits(without(0)))
    expect(await logits(zero(0))).not.toEqual(published)
    for (const stored of [zero(2), without(2)])
      await expect(logits(stored)).rejects.toThrow(
        /no steps for keys and values of layer 2 .*Choose f16 keys and values/
      )
  })
})
