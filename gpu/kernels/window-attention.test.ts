import { describe, expect, it } from 'vitest'
import { up4 } from '../device/tensor'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  type Workgroups
} from '../testing/gpu-testing'
import { ringWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { type Sinks, windowAttention as reference } from '../testing/reference-attention'
import type { WindowConfig } from '../yoco/config'
import { type Ring, ringRowsFor, windowAttention, windowScratch } from './window-attention'

const configOf = (heads: number, kvHeads: number, headDim: number, window: number): WindowConfig => ({
  ...{ kind: 'window', heads, kvHeads, headDim, window, bias: false },
  rope: { theta: 10000, exponents: 'yoco', pairs: 'interleaved' }
})

/** What a ring holds before anything is written: finite, but so large that a single leak shows. */
const stale = 1e30
const ringOf = (rows: number, width: number): Ring => ({
  keys: tensorOf(new Float32Array(rows * width).fill(stale), width, rows, 'keys'),
  values: tensorOf(new Float32Array(rows * width).fill(stale), width, rows, 'values')
})

interface Case {
  readonly config: WindowConfig
  readonly tokens: number
  /** Chunk lengths, repeated. */
  readonly chunks: number[]
  readonly ringRows: number
  readonly start?: number
  readonly shape?: Workgroups
  /** What stands behind the chunk's rows, up to the end of its tile. */
  readonly rest?: number
  readonly sinks?: Sinks
}

/** Reads the tokens chunk by chunk through one ring; returns what was found and what is right, padded. */
async function read(testCase: Case) {
  const { config, tokens, chunks, ringRows, start = 0, shape = 'software', rest = 7, sinks } = testCase
  const { heads, kvHeads, headDim } = config
  const device = deviceWith(shape)
  const head = up4(headDim)
  const [inner, kv] = [heads * head, kvHeads * head]
  const random = new Random(tokens + headDim)
  const part = (h: number) => random.normals(tokens * h * headDim, 1.5).map(Math.fround)
  const [q, k, v] = [part(heads), part(kvHeads), part(kvHeads)]
  const rowOf = (values: Float64Array, h: number, t: number) =>
    padded(values.subarray(t * h * headDim, (t + 1) * h * headDim), headDim)
  const sized = { ...config, sinks: sinks !== undefined }
  const attend = await windowAttention(device, sized)
  const write = await ringWriter(device, config)
  const ring = ringOf(ringRows, kv)
  const room = Math.ceil(Math.max(...chunks) / 8) * 8
  const scratch = windowScratch(device, sized, room)
  const own = sinks && {
    scores: bufferOf(Float32Array.from(sinks.scores), 'sinks'),
    values: bufferOf(Float32Array.from(padded(sinks.values, headDim)), 'sink values')
  }
  for (const buffer of Object.values(scratch)) {
    device.raw.queue.writeBuffer(buffer, 0, new Float32Array(buffer.size / 4).fill(NaN))
  }
  const found: number[] = []
  for (let at = 0, n = 0; at < tokens; n++) {
    const rows = Math.min(chunks[n % chunks.length]!, tokens - at)
    const qkv = Array.from({ length: rows }, (_, i) => [
      ...rowOf(q, heads, at + i),
      ...rowOf(k, kvHeads, at + i),
      ...rowOf(v, kvHeads, at + i)
    ]).flat()
    // Rows that fill up a tile are numbers, so that one that is let out shows.
    const input = tensorOf(qkv, inner + 2 * kv, room + 1, 'qkv', rest)
    const y = poisoned(rows + 8, inner)
    await run(batch => {
      write(batch, input, ring, start + at, rows)
      attend(batch, { q: input, ring, y, start: start + at, rows, scratch, sinks: own })
    }, device)
    const values = await valuesOf(y)
    expect(values.subarray(rows * inner).every(Number.isNaN), 'rows behind the chunk are untouched').toBe(
      true
    )
    found.push(...values.subarray(0, rows * inner))
    at += rows
  }
  return { found, expected: padded(reference(q, k, v, config, sinks).out, headDim), inner, ring }
}

async function check(testCase: Case, label: string) {
  const { found, expected, inner } = await read(testCase)
  await expectRows(tensorOf(found, inner), expected, 3e-6, label)
}

describeGpu('window-attention', () => {
  // Groups of query heads per kv head: 1, 3, 8.
  it.each([
    ['software', 2, 2, 6],
    ['software', 3, 1, 20],
    ['software', 8, 1, 32],
    ['software', 6, 2, 64],
    ['software', 2, 2, 128],
    ['hardware', 3, 1, 20],
    ['hardware', 2, 2, 132]
  ] as const)(
    '%s workgroups, %i heads on %i of %i: below, at and above a workgroup',
    async (shape, heads, kvHeads, headDim) => {
      for (const window of [9, 50]) {
        const config = configOf(heads, kvHeads, headDim, window)
        for (const rows of [1, 2, 3, 4, 5, 6, 7, 8, 9, 16, 17, 40]) {
          const ringRows = ringRowsFor(window, rows)
          for (const rest of [7, NaN]) {
            await check(
              { config, tokens: rows, chunks: [rows], ringRows, shape, rest },
              `${rows} rows, ${rest} behind`
            )
          }
        }
      }
    }
  )

  it.each([1, 2, 3, 4, 5, 8, 33, 1000])(
    'a window of %i, chunks longer and shorter than it, the ring around several times',
    async window => {
      const config = configOf(3, 1, 20, window)
      for (const chunks of [[1], [7], [8], [24], [3, 1, 24, 10]]) {
        // The least ring there may be, so that every chunk overwrites what its first row just does not see any more.
        const ringRows = ringRowsFor(window, Math.max(...chunks))
        await check({ config, tokens: 90, chunks, ringRows }, `chunks of ${chunks}`)
      }
    }
  )

  it('rings of every length above the least', async () => {
    const config = configOf(3, 1, 20, 6)
    for (let more = 0; more < 20; more++) {
      await check(
        { config, tokens: 70, chunks: [8], ringRows: ringRowsFor(6, 8) + more },
        `${more} rows more`
      )
    }
  })

  it('far into a long text', async () => {
    // As if 3,000,001 tokens had been read: the first rows here see what this test did not write.
    const config = configOf(2, 2, 6, 5)
    const start = 3_000_001
    const { found, expected, inner } = await read({
      config,
      tokens: 60,
      chunks: [9],
      ringRows: 15,
      start
    })
    const seenWhole = 4 * inner
    await expectRows(tensorOf(found.slice(seenWhole), inner), expected.subarray(seenWhole), 3e-6)
  })

  it('scores that overflow a plain exponential', async () => {
    const device = deviceWith('software')
    const config = configOf(3, 1, 20, 100)
    const random = new Random(4)
    const part = (heads: number, size: number) => random.normals(40 * heads * 20, size).map(Math.fround)
    const [q, k, v] = [part(3, 30), part(1, 30), part(1, 1)]
    const attend = await windowAttention(device, config)
    const write = await ringWriter(device, config)
    const row = (x: Float64Array, t: number) => [
      ...x.subarray((t * x.length) / 40, ((t + 1) * x.length) / 40)
    ]
    const qkv = Array.from({ length: 40 }, (_, t) => [q, k, v].flatMap(x => row(x, t))).flat()
    const [input, ring, y] = [tensorOf(qkv, 100), ringOf(139, 20), poisoned(40, 60)]
    await run(batch => {
      write(batch, input, ring, 0, 40)
      attend(batch, { q: input, ring, y, start: 0, rows: 40, scratch: windowScratch(device, config, 40) })
    }, device)
    await expectRows(y, reference(q, k, v, config).out, 2e-4)
  })

  it('any cut into chunks gives the same bits', async () => {
    const config = configOf(3, 1, 20, 9)
    const { found: once } = await read({ config, tokens: 64, chunks: [64], ringRows: 72 })
    for (const chunks of [[1], [7], [16], [5, 30]]) {
      const { found } = await read({
        config,
        tokens: 64,
        chunks,
        ringRows: ringRowsFor(9, Math.max(...chunks))
      })
      expect(found, `chunks of ${chunks}`).toEqual(once)
    }
  })

  describe('with sinks', () => {
    const sinksOf = ({ heads, kvHeads, headDim }: WindowConfig): Sinks => ({
      // Beside scores of deviation 2.25 from a sink that hardly counts to one that takes nearly all.
      scores: Float64Array.from({ length: heads }, (_, h) => [-1.5, 2, 6, 0.5][h % 4]!),
      values: new Random(heads).normals(kvHeads * headDim, 2).map(Math.fround)
    })

    it.each([
      ['software', 2, 2, 6],
      ['software', 6, 2, 64],
      ['software', 8, 1, 32],
      ['hardware', 9, 3, 64],
      ['hardware', 2, 2, 132]
    ] as const)(
      '%s workgroups, %i heads on %i of %i: a score per head, values per K/V head',
      async (shape, heads, kvHeads, headDim) => {
        for (const window of [1, 9, 50]) {
          const config = configOf(heads, kvHeads, headDim, window)
          for (const rows of [1, 2, 7, 8, 9, 17, 40])
            for (const rest of [7, NaN])
              await check(
                {
                  ...{ config, tokens: rows, chunks: [rows], ringRows: ringRowsFor(window, rows) },
                  ...{ shape, rest, sinks: sinksOf(config) }
                },
                `${rows} rows, a window of ${window}, ${rest} behind`
              )
        }
      }
    )

    it.each([1, 2, 5, 8, 33, 1000])('a window of %i, chunks longer and shorter than it', async window => {
      const config = configOf(6, 2, 20, window)
      for (const chunks of [[1], [7], [24], [3, 1, 24, 10]]) {
        const ringRows = ringRowsFor(window, Math.max(...chunks))
        await check({ config, tokens: 90, chunks, ringRows, sinks: sinksOf(config) }, `chunks of ${chunks}`)
      }
    })

    it('any cut into chunks gives the same bits', async () => {
      const config = configOf(6, 2, 20, 9)
      const sinks = sinksOf(config)
      const { found: once } = await read({ config, tokens: 64, chunks: [64], ringRows: 72, sinks })
      for (const chunks of [[1], [7], [16], [5, 30]]) {
        const ringRows = ringRowsFor(9, Math.max(...chunks))
        const { found } = await read({ config, tokens: 64, chunks, ringRows, sinks })
        expect(found, `chunks of ${chunks}`).toEqual(once)
      }
    })

    it('the first row is the values of the sink exactly, whatever the scores', async () => {
      const config = configOf(4, 2, 8, 5)
      const sinks = { ...sinksOf(config), scores: Float64Array.of(-90, 0, 90, 3) }
      const { found, inner } = await read({ config, tokens: 9, chunks: [9], ringRows: 20, sinks })
      const values = (kvHead: number) => [...sinks.values.subarray(kvHead * 8, kvHead * 8 + 8)]
      expect(found.slice(0, inner)).toEqual([0, 0, 1, 1].flatMap(values))
    })

    it('a score far above or below all others overflows nothing', async () => {
      const config = configOf(4, 2, 8, 5)
      const sinks = { ...sinksOf(config), scores: Float64Array.of(-1e4, 1e4, 200, -200) }
      await check({ config, tokens: 40, chunks: [9], ringRows: 20, sinks }, 'scores of ten thousand')
    })

    it('refused where the shape has none, and missed where it has some', async () => {
      const config = configOf(2, 1, 4, 3)
      const device = deviceWith('software')
      const own = { scores: bufferOf(new Float32Array(2)), values: bufferOf(new Float32Array(4)) }
      for (const [has, sinks] of [
        [false, own],
        [true, undefined]
      ] as const) {
        const attend = await windowAttention(device, { ...config, sinks: has })
        const scratch = windowScratch(device, { ...config, sinks: true }, 8)
        const queries = { q: poisoned(8, 16), ring: ringOf(16, 4), y: poisoned(8, 8), start: 0, rows: 8 }
        await run(batch => {
          expect(() => attend(batch, { ...queries, scratch, sinks })).toThrow('window-attention: sinks')
        })
      }
    })
  })

  it('writes its rows into the ring and nothing else', async () => {
    const device = deviceWith('software')
    const write = await ringWriter(device, configOf(2, 1, 4, 3))
    const ring = ringOf(6, 4)
    const rows = Float64Array.from({ length: 4 * 16 }, (_, i) => i)
    await run(batch => write(batch, tensorOf(rows, 16), ring, 16, 4), device)
    const [keys, values] = [await valuesOf(ring.keys), await valuesOf(ring.values)]
    // Positions 16 ... 19 in a ring of 6: rows 4, 5, 0, 1.
    const rowOf = (t: number, first: number) => [0, 1, 2, 3].map(i => t * 16 + first + i)
    const untouched = Array(8).fill(Math.fround(stale))
    expect([...keys]).toEqual([...rowOf(2, 8), ...rowOf(3, 8), ...untouched, ...rowOf(0, 8), ...rowOf(1, 8)])
    expect([...values]).toEqual([
      ...rowOf(2, 12),
      ...rowOf(3, 12),
      ...untouched,
      ...rowOf(0, 12),
      ...rowOf(1, 12)
    ])
  })

  it('refuses more rows than the ring has', async () => {
    const window = await windowAttention(deviceWith('software'), configOf(2, 1, 4, 3))
    const write = await ringWriter(deviceWith('software'), configOf(2, 1, 4, 3))
    await run(batch => {
      expect(() => write(batch, poisoned(7, 16), ringOf(6, 4), 0, 7)).toThrow(
        'a ring of 6 rows cannot take 7 rows at once'
      )
      const attend = () =>
        window(batch, {
          q: poisoned(8, 16),
          ring: ringOf(12, 4),
          y: poisoned(8, 8),
          start: 0,
          rows: 8,
          scratch: windowScratch(deviceWith('software'), configOf(2, 1, 4, 3), 8)
        })
      expect(attend).toThrow('a ring of 12 rows, tiles need 13 for a window of 3')
    })
  })
})
