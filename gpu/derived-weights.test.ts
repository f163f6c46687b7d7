/** Weights made of a model's own: what they stand for, that they are made once, and what they are told apart by. */
import { expect, it } from 'vitest'
import { filesWithWeights, type WeightsStore } from './derived-weights'
import { openEngine } from './index'
import { openModelFolder } from './model-folder'
import { openDawn } from './node/dawn'
import { describeGpu } from './testing/gpu-testing'
import { byteSource, memoryFiles } from './testing/memory-files'
import { Random } from './testing/random'
import { relativeError } from './testing/relative-error'
import { randomModel, tinyKinds, tinyModel } from './testing/tiny-model'
import { sha256 } from './text/sha256'
import type { DerivedPrecision } from './weights/derive-weights'
import { valueRows } from './weights/row-reader'
import { precisionOf } from './weights/precision'
import type { TensorLocation } from './weights/tensor-location'

function memoryWeights() {
  const files = new Map<string, Uint8Array>()
  const seen = { kept: 0, files }
  const store: WeightsStore = {
    open: async name => files.get(name) && byteSource(files.get(name)!),
    async keep(name, weights) {
      seen.kept++
      const parts: Uint8Array[] = []
      for await (const piece of weights.pieces()) parts.push(piece.slice())
      const bytes = Buffer.concat(parts)
      expect(bytes.length).toBe(weights.bytes)
      files.set(name, bytes)
      return byteSource(bytes)
    }
  }
  return { seen, store }
}

async function valuesIn(tensor: TensorLocation): Promise<Float32Array> {
  const [rows, width = 1] = tensor.shape
  const all = new Float32Array(rows! * width)
  const values = valueRows(tensor.codes ? tensor : { ...tensor, shape: [rows!, width] })
  for (let row = 0; row < rows!; row++) all.set(await values(row), row * width)
  return all
}

const rms = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length)

const most: Record<DerivedPrecision, number> = { f16: 3e-4, int8: 0.006, int4: 0.08 }
/** Embedding and output projection keep 8 bits. */
const mostOf = (role: string, precision: DerivedPrecision): number =>
  most[precision === 'int4' && (role === 'embed' || role === 'head') ? 'int8' : precision]

for (const precision of ['f16', 'int8', 'int4'] as const) {
  it.each(tinyKinds)(`${precision} of %s: every matrix near its own, vectors the same`, async kind => {
    const model = tinyModel(kind, { seed: 5, dtype: 'F32', prefix: 'decoder.model.', shards: 2 })
    const { store } = memoryWeights()
    const files = await filesWithWeights(model.files, precision, store)
    const { tensors } = await openModelFolder(files)
    expect(precisionOf(tensors)).toBe(precision)
    for (const [role, tensor] of tensors) {
      const [found, own] = [await valuesIn(tensor), model.tensor(role)]
      if (tensor.shape.length === 1) expect([...found]).toEqual([...own])
      else
        expect(rms(found.map((value, i) => value - own[i]!)) / rms(own), role).toBeLessThan(
          mostOf(role, precision)
        )
    }
  })
}

it('are made once, made again when the weights are others, and not used when damaged', async () => {
  const { seen, store } = memoryWeights()
  const model = tinyModel('fla-window', { seed: 5, dtype: 'F16' })
  const first = await filesWithWeights(model.files, 'int4', store)
  expect([...seen.files.keys()]).toEqual(['model.int4.safetensors'])
  const again = await filesWithWeights(model.files, 'int4', store)
  expect(seen.kept).toBe(1)
  expect(await again.digest('model.safetensors')).toBe(await first.digest('model.safetensors'))

  const other = tinyModel('fla-window', { seed: 6, dtype: 'F16' })
  const others = await filesWithWeights(other.files, 'int4', store)
  expect(seen.kept).toBe(2)
  expect(await others.digest('model.safetensors')).not.toBe(await first.digest('model.safetensors'))

  seen.files.set('model.int4.safetensors', seen.files.get('model.int4.safetensors')!.subarray(0, 5000))
  await filesWithWeights(other.files, 'int4', store)
  expect(seen.kept).toBe(3)
})

it('what a reading belongs to: the same for the own precision, another for each other one', async () => {
  const { seen, store } = memoryWeights()
  const model = tinyModel('official-window', { seed: 5, dtype: 'F16' })
  const digests = async (precision: DerivedPrecision) =>
    (await openModelFolder(await filesWithWeights(model.files, precision, store))).digests()
  const own = await (await openModelFolder(model.files)).digests()
  expect(await digests('f16')).toEqual(own)
  expect(seen.kept).toBe(0)
  const [int8, int4] = [await digests('int8'), await digests('int4')]
  expect(new Set([own.weights, int8.weights, int4.weights]).size).toBe(3)
  expect(int4).toEqual({ ...own, weights: int4.weights })

  const coded = tinyModel('official-window', { seed: 5, coded: () => ({ bits: 4, block: 32 }) })
  expect(await filesWithWeights(coded.files, 'int4', store)).toBe(coded.files)
  const brain = tinyModel('official-window', { seed: 5, dtype: 'BF16' })
  expect(await filesWithWeights(brain.files, 'f16', store)).toBe(brain.files)
})

// Halves are written as they were at first: what was read with them stays read.
it('halves belong to the readings of earlier versions', async () => {
  const { files } = tinyModel('official-window', { seed: 5, dtype: 'F32' })
  const { weights } = await (await openModelFolder(files)).digests()
  const made = await filesWithWeights(files, 'f16', memoryWeights().store)
  expect(await made.digest('model.safetensors')).toBe(await sha256(`${weights} f16 2`))
})

it('weights beside a model do not hide its own', async () => {
  const model = tinyModel('official-window', { seed: 5, dtype: 'F16' })
  const { seen, store } = memoryWeights()
  await filesWithWeights(model.files, 'int4', store)
  const bytes = new Map([...model.bytes, ...seen.files])
  bytes.set('weights.safetensors', bytes.get('model.safetensors')!)
  bytes.delete('model.safetensors')
  expect(precisionOf((await openModelFolder(memoryFiles('beside', bytes))).tensors)).toBe('f16')
})

it.each([
  [
    'a value beyond half precision',
    1e6,
    'f16',
    /holds 1000000 in row 3, which no half precision number can be/
  ],
  ['no number', NaN, 'int4', /holds NaN in row 3/],
  ['an infinite one', -Infinity, 'int8', /holds -Infinity in row 3/],
  ['steps beyond half precision', 1e7, 'int4', /holds 10000000 in row 3/]
] as const)('%s is refused by name', async (_what, value, precision, message) => {
  const model = tinyModel('official-window', { seed: 5, dtype: 'F32' })
  const { tensors } = await openModelFolder(model.files)
  const { start, shape } = tensors.get('embed')!
  const weights = Uint8Array.from(model.bytes.get('model.safetensors')!)
  new DataView(weights.buffer).setFloat32(start + 4 * 3 * shape[1]!, value, true)
  const files = memoryFiles('spoilt', new Map(model.bytes).set('model.safetensors', weights))
  const { seen, store } = memoryWeights()
  await expect(filesWithWeights(files, precision, store)).rejects.toThrow(message)
  expect(seen.files.size).toBe(0)
})

describeGpu('an engine with made weights', () => {
  it('answers nearly as with the own ones, the nearer the more bits', async () => {
    const sizes = { dim: 64, layers: 4, ffn: 128, heads: 4, kvHeads: 2, vocab: 320, window: 16 }
    const model = randomModel(sizes)
    const ids = Uint32Array.from(new Random(3).tokens(40, model.config.vocabSize))
    const { store } = memoryWeights()
    const logitsOf = async (precision: DerivedPrecision) => {
      const engine = await openEngine({
        gpu: openDawn(),
        model: await filesWithWeights(model.files, precision, store)
      })
      try {
        const rows: Float32Array[] = []
        await engine.evaluate(ids, { positions: [0, 20, 39] }, (_, row) => rows.push(row.slice()))
        return { rows, weights: engine.model.weights, bytes: engine.memory().weights }
      } finally {
        engine.close()
      }
    }
    const [own, int8, int4] = [await logitsOf('f16'), await logitsOf('int8'), await logitsOf('int4')]
    expect([own.weights, int8.weights, int4.weights]).toEqual(['f16', 'int8', 'int4'])
    const worst = (rows: readonly Float32Array[]) =>
      Math.max(...rows.map((row, i) => relativeError(row, own.rows[i]!)))
    expect(worst(int8.rows)).toBeLessThan(0.05)
    expect(worst(int4.rows)).toBeLessThan(0.5)
    expect(worst(int8.rows)).toBeLessThan(worst(int4.rows) / 2)
    expect(int4.bytes).toBeLessThan(int8.bytes)
    expect(int8.bytes).toBeLessThan(own.bytes)
  })
})
