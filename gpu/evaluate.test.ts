/**
 * The whole model against the reference in double precision: every kind, type and layout of the files, at every
 * position; then the same text in every cut, over several chunks, pages and banks.
 */
import { beforeAll, expect, it } from 'vitest'
import { evaluate } from './evaluate'
import type { PageKind } from './kernels/page-format'
import { pageRows } from './kernels/page-layout'
import type { LoadOptions } from './model/family'
import type { Model } from './model/model'
import { openModelFolder } from './model-folder'
import type { CodedAs } from './testing/codes'
import { describeGpu, device } from './testing/gpu-testing'
import { Random } from './testing/random'
import { ReferenceModel } from './testing/reference-model'
import { ReferenceReading } from './testing/reference-reading'
import { relativeError } from './testing/relative-error'
import { type RandomModel, tinyKinds, tinyModel } from './testing/tiny-model'

const most = { f32: 1e-4, f16: 5e-3 } as const

async function open(random: RandomModel, pages: PageKind, options: LoadOptions = {}): Promise<Model> {
  const folder = await openModelFolder(random.files)
  return folder.family.load(device, folder.config, folder.tensors, { pages, longest: 64, ...options })
}

interface Reading {
  readonly chunk?: number
  readonly positions: readonly number[]
  readonly mostBankBytes?: number
  readonly freshEvery?: number
}

async function logitsOf(model: Model, ids: number[], reading: Reading): Promise<Float32Array[]> {
  const rows: Float32Array[] = []
  await evaluate(model, Uint32Array.from(ids), reading, (_, logits) => rows.push(logits.slice()))
  return rows
}

const every = (n: number): number[] => Array.from({ length: n }, (_, i) => i)
const worst = (rows: readonly Float32Array[], exact: readonly Float64Array[]) =>
  Math.max(...rows.map((row, i) => relativeError(row, exact[i]!)))

for (const kind of tinyKinds)
  describeGpu(kind, () => {
    it.each(['F32', 'F16', 'BF16', 'mixed'] as const)('%s weights: logits at every position', async dtype => {
      const random = tinyModel(kind, { seed: 7, dtype })
      const ids = new Random(1).tokens(70, random.config.vocabSize)
      const exact = new ReferenceModel(random.config, random.tensor).logits(ids)
      for (const pages of ['f32', 'f16'] as const) {
        const rows = await logitsOf(await open(random, pages), ids, { chunk: 24, positions: every(70) })
        expect(rows).toHaveLength(70)
        expect(worst(rows, exact), `${pages} pages`).toBeLessThan(most[pages])
      }
    })

    it('keys and values of 8 bits: logits of the reference that rounds its rows alike, far from exact ones', async () => {
      const random = tinyModel(kind, { seed: 7, dtype: 'F16' })
      const ids = new Random(1).tokens(70, random.config.vocabSize)
      const rows = await logitsOf(await open(random, 'int8'), ids, { chunk: 24, positions: every(70) })
      const alike = new ReferenceModel(random.config, random.tensor, { roundKv: 'int8' }).logits(ids)
      const exact = new ReferenceModel(random.config, random.tensor).logits(ids)
      const [near, far] = [worst(rows, alike), worst(rows, exact)]
      expect(far).toBeLessThan(0.05)
      // A value beside a tie may get the other code: a 254th of the largest of its head.
      expect(near).toBeLessThan(far / 4)
    })

    it('weights of 8, 4 and 2 bits: logits at every position', async () => {
      const forms: CodedAs[] = [
        { bits: 4, block: 32, minimum: true },
        { bits: 8, type: 'I8', scale: 'F32' },
        { bits: 4, type: 'U32', block: 16 },
        { bits: 2, scale: 'F32' }
      ]
      let next = 0
      const random = tinyModel(kind, { seed: 7, dtype: 'F16', coded: () => forms[next++ % forms.length] })
      const ids = new Random(1).tokens(70, random.config.vocabSize)
      const exact = new ReferenceModel(random.config, random.tensor).logits(ids)
      const rows = await logitsOf(await open(random, 'f32'), ids, { chunk: 24, positions: every(70) })
      expect(worst(rows, exact)).toBeLessThan(most.f32)
    })

    it('queries with a temperature by their position, in any chunks', async () => {
      const random = tinyModel(kind, { seed: 7, dtype: 'F16' })
      const ids = new Random(1).tokens(70, random.config.vocabSize)
      const attentionTemperature = { floorScale: 16, scale: 0.7 }
      const model = await open(random, 'f32', { attentionTemperature })
      const logits = (chunk: number) => logitsOf(model, ids, { chunk, positions: every(70) })
      const exact = new ReferenceModel(random.config, random.tensor, { attentionTemperature }).logits(ids)
      const rows = await logits(24)
      expect(worst(rows, exact)).toBeLessThan(most.f32)
      expect(await logits(7)).toEqual(rows)
      const without = await logitsOf(await open(random, 'f32'), ids, { chunk: 24, positions: every(70) })
      // The first 15 rows are those of a model without it, and of those behind them none is.
      expect(rows.slice(0, 15)).toEqual(without.slice(0, 15))
      expect(
        rows
          .slice(15)
          .filter((row, i) => relativeError(row, exact[15 + i]!) >= relativeError(row, without[15 + i]!))
      ).toEqual([])
    })

    it.each([
      ['tied', { tied: true }],
      ['untied', { tied: false }],
      ['under a prefix', { prefix: 'decoder.model.' }],
      ['in three shards', { shards: 3 }],
      ['in shards, tied, under a prefix', { shards: 2, tied: true, prefix: 'model.' }]
    ])('%s', async (_name, options) => {
      const random = tinyModel(kind, { seed: 8, dtype: 'F16', ...options })
      const ids = new Random(2).tokens(30, random.config.vocabSize)
      const exact = new ReferenceModel(random.config, random.tensor).logits(ids)
      const rows = await logitsOf(await open(random, 'f32'), ids, { chunk: 13, positions: every(30) })
      expect(worst(rows, exact)).toBeLessThan(most.f32)
    })
  })

/** More than two pages, and a last one that is not full. */
const length = 2 * pageRows + 130
/**
 * At and beside every border. No two are neighbours: those go through the cross-decoder together where a chunk holds
 * both, by other kernels than a single one on hardware.
 */
const asked = [1, 63, 65, 254, 256, 258, 400, 511, 513, 600, length - 1]

for (const kind of ['official-retention', 'official-window', 'fla-window'] as const)
  describeGpu(`${kind}, a text of several pages`, () => {
    const random = tinyModel(kind, { seed: 9, dtype: 'F16' })
    const ids = new Random(3).tokens(length, random.config.vocabSize)
    let model: Model
    let once: Float32Array[]
    let exact: Float64Array[]

    beforeAll(async () => {
      const all = new ReferenceModel(random.config, random.tensor, { roundKv: 'f16' }).logits(ids)
      exact = asked.map(position => all[position]!)
      model = await open(random, 'f16', { longest: 256 })
      once = await logitsOf(model, ids, { chunk: 256, positions: asked })
    })

    it('agrees with the reference that rounds its rows alike', () => {
      expect(worst(once, exact)).toBeLessThan(1e-3)
    })

    it.each([1, 7, 24, 64, 100, 255, undefined])('chunks of %s: the same bits', async chunk => {
      const counted = countChunks(model)
      const rows = await logitsOf(model, ids, { chunk, positions: asked })
      expect(counted.chunks()).toBeGreaterThan(2)
      rows.forEach((row, i) => expect(row, `position ${asked[i]}`).toEqual(once[i]))
    })

    it.each([1, 2])('banks of %i pages: the same values', async pages => {
      const before = device.memory().pages
      const counted = countChunks(model)
      const rows = await logitsOf(model, ids, {
        chunk: 100,
        positions: asked,
        mostBankBytes: pages * model.layout.pageBytes
      })
      expect(counted.banks()).toBe(Math.ceil(3 / pages))
      // Tiles and splits begin anew in a bank, at page borders where they begin anyway: even the bits agree.
      rows.forEach((row, i) => expect(row, `position ${asked[i]}`).toEqual(once[i]))
      expect(device.memory().pages).toBe(before)
    })

    it('fresh starts every 100 tokens, in any chunks: the reference that starts fresh there', async () => {
      const reference = new ReferenceReading(random.config, random.tensor, { roundKv: 'f16' })
      const fresh = ids.slice(0, asked[6]! + 1).map((id, at) => {
        if (at % 100 === 0) reference.startFresh()
        reference.read([id])
        return asked.includes(at) ? reference.lastLogits() : undefined
      })
      for (const chunk of [64, 256]) {
        const rows = await logitsOf(model, ids, { chunk, positions: asked.slice(0, 7), freshEvery: 100 })
        expect(
          worst(
            rows,
            fresh.filter(row => row !== undefined)
          )
        ).toBeLessThan(1e-3)
      }
    })

    it('single positions and runs of them agree', async () => {
      const runs = await logitsOf(model, ids, { chunk: 64, positions: every(length).slice(500, 520) })
      for (const [i, row] of runs.entries()) {
        const [alone] = await logitsOf(model, ids.slice(0, 501 + i), { chunk: 64, positions: [500 + i] })
        expect(relativeError(alone!, row)).toBeLessThan(1e-5)
      }
    })

    it('asking for nothing reads all the same', async () => {
      expect(await logitsOf(model, ids, { chunk: 100, positions: [] })).toEqual([])
    })
  })

/** Counts chunks and the banks they went to, by watching the model's own calls. */
function countChunks(model: Model): { chunks(): number; banks(): number } {
  const { read } = model
  const seen = { chunks: 0, banks: new Set<GPUBuffer>() }
  Object.assign(model, {
    read: (...call: Parameters<Model['read']>) => {
      seen.chunks++
      seen.banks.add(call[1].pages.locate(call[1].row).bank.buffer)
      read(...call)
    }
  })
  const done = <T>(value: T): T => {
    Object.assign(model, { read })
    return value
  }
  return { chunks: () => done(seen.chunks), banks: () => done(seen.banks.size) }
}
