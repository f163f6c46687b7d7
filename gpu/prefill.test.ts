import { describe, expect, it } from 'vitest'
import { Batch } from './device/batch'
import { copyFromBuffer, Staging } from './device/readback'
import { EngineFailure } from './failure'
import { Pages } from './kv/pages'
import { pageRows } from './kernels/page-layout'
import { openModelFolder } from './model-folder'
import { type Model, newCarry } from './model/model'
import { ChunkSizer, prefill, readChunk, type ReadingOptions } from './prefill'
import { describeGpu, device } from './testing/gpu-testing'
import { Random } from './testing/random'
import { tinyModel } from './testing/tiny-model'
import { SerialQueue } from './serial-queue'
import type { Carry } from './kv/carry'

describe('the length of chunks', () => {
  /** Runs chunks on an adapter that takes `ms` per row and `fixed` per chunk; returns every chunk's rows and submits. */
  function simulate(
    sizer: ChunkSizer,
    ms: number,
    fixed = 0,
    chunks = 30
  ): { rows: number; submits: number; took: number }[] {
    return Array.from({ length: chunks }, () => {
      const chunk = { rows: sizer.rows, submits: sizer.submits, took: fixed + sizer.rows * ms }
      sizer.learn(chunk.rows, chunk.took)
      return chunk
    })
  }

  it('grows to the longest chunk on a fast adapter, never beyond', () => {
    const chunks = simulate(new ChunkSizer(1000, 13), 0.001)
    expect(chunks.map(c => c.rows).slice(0, 7)).toEqual([32, 64, 128, 256, 512, 1000, 1000])
    expect(Math.max(...chunks.map(c => c.rows))).toBe(1000)
    expect(chunks.every(c => c.submits === 1)).toBe(true)
  })

  it.each([0.06, 0.2, 0.5, 1, 2.5])('settles where a submit takes 45 to 90 ms, at %f ms a row', ms => {
    const settled = simulate(new ChunkSizer(1024, 13), ms).slice(10)
    for (const { took, submits, rows } of settled) {
      expect(submits).toBe(1)
      expect(took).toBeLessThanOrEqual(90)
      if (rows < 1024) expect(took).toBeGreaterThanOrEqual(35)
    }
  })

  it('spreads the layers over submits when even a short chunk is too slow', () => {
    const settled = simulate(new ChunkSizer(1024, 13), 20).slice(5)
    for (const { rows, took, submits } of settled) {
      expect(rows).toBe(32)
      expect(took / submits).toBeLessThanOrEqual(90)
    }
    expect(simulate(new ChunkSizer(1024, 4), 100).at(-1)).toMatchObject({ rows: 32, submits: 4 })
  })

  it('joins the submits again when the adapter has become faster', () => {
    const sizer = new ChunkSizer(1024, 13)
    simulate(sizer, 20)
    expect(sizer.submits).toBeGreaterThan(1)
    const later = simulate(sizer, 0.5, 0, 40)
    expect(later.at(-1)).toMatchObject({ submits: 1 })
    expect(later.at(-1)!.rows).toBeGreaterThan(32)
  })

  it('shrinks after one slow chunk and keeps to multiples of eight', () => {
    const sizer = new ChunkSizer(1024, 13)
    simulate(sizer, 0.06)
    sizer.learn(sizer.rows, 700)
    expect(sizer.rows % 8).toBe(0)
    expect(sizer.rows).toBeLessThan(200)
    expect(sizer.rows).toBeGreaterThanOrEqual(32)
  })

  it('learns nothing from a text’s short last chunk, and nothing at all when fixed', () => {
    const sizer = new ChunkSizer(1024, 13)
    sizer.learn(5, 0.1)
    sizer.learn(5, 5000)
    expect([sizer.rows, sizer.submits]).toEqual([32, 1])
    const fixed = new ChunkSizer(1024, 13, 7)
    simulate(fixed, 100)
    expect([fixed.rows, fixed.submits]).toEqual([7, 1])
  })

  it('takes a model whose longest chunk is short', () => {
    expect(new ChunkSizer(8, 13).rows).toBe(8)
    expect(simulate(new ChunkSizer(8, 13), 0.001).at(-1)!.rows).toBe(8)
    expect(simulate(new ChunkSizer(8, 13), 100).at(-1)).toMatchObject({ rows: 8, submits: 9 })
  })
})

const length = 2 * pageRows + 88

for (const kind of ['official-window', 'fla-window', 'official-retention'] as const)
  describeGpu(`reading, ${kind}`, () => {
    const random = tinyModel(kind, { seed: 4, dtype: 'F16' })
    const ids = Uint32Array.from(new Random(6).tokens(length, random.config.vocabSize))
    const opening = (longest = 64): Promise<Model> =>
      openModelFolder(random.files).then(folder =>
        folder.family.load(device, folder.config, folder.tensors, { pages: 'f16', longest })
      )
    let model: Model | undefined
    const opened = async (): Promise<Model> => (model ??= await opening())

    interface State {
      readonly carry: Carry
      readonly pages: Pages
    }

    const fresh = async (): Promise<State> => ({
      carry: newCarry(await opened()),
      pages: await Pages.allocate(device, length, (await opened()).layout.pageBytes)
    })

    async function savedCarry(carry: Carry): Promise<Uint8Array<ArrayBuffer>> {
      const staging = new Staging(device, carry.savedBytes)
      const batch = new Batch(device)
      carry.save(batch, staging)
      batch.submit()
      try {
        return await staging.read(bytes => bytes.slice())
      } finally {
        staging.free()
      }
    }

    /** Every bit that a reading leaves: pages, carry, and the last row of the lower half. */
    async function bitsOf({
      carry,
      pages
    }: State): Promise<{ pages: Uint8Array[]; carry: Uint8Array; position: number; rows: number }> {
      const banks = await Promise.all(
        pages.banks.map(bank => copyFromBuffer(device, bank.buffer, 0, bank.buffer.size))
      )
      return { pages: banks, carry: await savedCarry(carry), position: carry.position, rows: pages.rows }
    }

    async function readAll(
      options: ReadingOptions = {},
      state?: State
    ): Promise<Awaited<ReturnType<typeof bitsOf>>> {
      const into = state ?? (await fresh())
      await prefill(await opened(), { ids, from: into.carry.position, ...into }, options)
      const bits = await bitsOf(into)
      into.carry.free()
      into.pages.free()
      return bits
    }

    let whole: Awaited<ReturnType<typeof bitsOf>> | undefined
    const uninterrupted = async () => (whole ??= await readAll({ chunk: 64 }))

    it.each([1, 7, 50, 1000, undefined])(
      'chunks of %s leave the same bits in pages and carry',
      async chunk => {
        const expected = await uninterrupted()
        const ends: number[] = []
        const bits = await readAll({ chunk, onChunk: position => void ends.push(position) })
        expect(bits).toEqual(expected)
        expect(bits).toMatchObject({ position: length, rows: length })
        expect(ends.at(-1)).toBe(length)
        if (chunk !== undefined) expect(ends).toHaveLength(Math.ceil(length / Math.min(chunk, 64)))
      }
    )

    it('layers spread over several submits leave the same bits', async () => {
      const state = await fresh()
      for (let at = 0; at < length; at += 64)
        await readChunk(
          await opened(),
          { ids, at, rows: Math.min(64, length - at), ...state },
          1 + ((at / 64) % 3)
        )
      expect(await bitsOf(state)).toEqual(await uninterrupted())
    })

    it('cancelled between chunks: whole up to there, and going on gives the same bits', async () => {
      const state = await fresh()
      const stop = new AbortController()
      const reading = prefill(
        await opened(),
        { ids, from: 0, ...state },
        {
          chunk: 50,
          signal: stop.signal,
          onChunk: position => {
            if (position >= 300) stop.abort()
          }
        }
      )
      await expect(reading).rejects.toEqual(
        new EngineFailure('cancelled', `Reading stopped at token 300 of ${length}.`)
      )
      expect([state.carry.position, state.pages.rows]).toEqual([300, 300])
      expect(await readAll({ chunk: 33 }, state)).toEqual(await uninterrupted())
    })

    it('cancelled before it began: nothing is read', async () => {
      const state = await fresh()
      const reading = prefill(
        await opened(),
        { ids, from: 0, ...state },
        {
          signal: AbortSignal.abort()
        }
      )
      await expect(reading).rejects.toMatchObject({ code: 'cancelled' })
      expect(state.carry.position).toBe(0)
    })

    it('a carry saved and restored at page borders and odd places goes on with the same bits', async () => {
      const expected = await uninterrupted()
      for (const stop of [1, 2, 5, 100, 255, pageRows, 257, 2 * pageRows, length - 1]) {
        const state = await fresh()
        await prefill(await opened(), { ids: ids.subarray(0, stop), from: 0, ...state }, { chunk: 37 })
        const bytes = await savedCarry(state.carry)
        // A new carry, its buffers full of something else.
        const other = newCarry(await opened())
        const pages = await Pages.allocate(device, 256, (await opened()).layout.pageBytes)
        await prefill(await opened(), { ids: ids.subarray(40, 200), from: 0, carry: other, pages })
        other.restore(bytes, stop)
        state.carry.free()
        expect(
          await readAll({ chunk: 64 }, { carry: other, pages: state.pages }),
          `stopped at ${stop}`
        ).toEqual(expected)
      }
    })

    it('a copied carry goes on with the same bits, in a ring of another length too', async () => {
      const expected = await uninterrupted()
      const narrow = await opening(16)
      for (const stop of [3, 130, pageRows]) {
        const state = await fresh()
        await prefill(await opened(), { ids: ids.subarray(0, stop), from: 0, ...state }, { chunk: 37 })
        const copy = newCarry(narrow)
        const batch = new Batch(device)
        state.carry.copyTo(batch, copy)
        batch.submit()
        state.carry.free()
        await prefill(narrow, { ids, from: stop, carry: copy, pages: state.pages }, { chunk: 16 })
        expect(await bitsOf({ carry: copy, pages: state.pages }), `copied at ${stop}`).toEqual(expected)
      }
    })

    it('keeps to borders and takes turns', async () => {
      const ends: number[] = []
      const queue = new SerialQueue()
      let others = 0
      const bits = await readAll({
        chunk: 64,
        queue,
        border: at => (Math.floor(at / 100) + 1) * 100,
        onChunk: position => {
          ends.push(position)
          void queue.run(async () => others++)
        }
      })
      expect(ends).toEqual([64, 100, 164, 200, 264, 300, 364, 400, 464, 500, 564, 600])
      expect(others).toBeGreaterThan(8)
      expect(bits).toEqual(await uninterrupted())
    })
  })
