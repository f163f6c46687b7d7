import { expect, it } from 'vitest'
import { up4 } from '../device/tensor'
import {
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
import { Random } from '../testing/random'
import { windowAttention as reference } from '../testing/reference-attention'
import type { WindowConfig } from '../yoco/config'
import { type Ring, windowAttention } from './window-attention'

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
}

/** Reads the tokens chunk by chunk through one ring; returns what was found and what is right, padded. */
async function read({ config, tokens, chunks, ringRows, start = 0, shape = 'software' }: Case) {
  const { heads, kvHeads, headDim } = config
  const device = deviceWith(shape)
  const head = up4(headDim)
  const [inner, kv] = [heads * head, kvHeads * head]
  const random = new Random(tokens + headDim)
  const part = (h: number) => random.normals(tokens * h * headDim, 1.5).map(Math.fround)
  const [q, k, v] = [part(heads), part(kvHeads), part(kvHeads)]
  const rowOf = (values: Float64Array, h: number, t: number) =>
    padded(values.subarray(t * h * headDim, (t + 1) * h * headDim), headDim)
  const attention = await windowAttention(device, config)
  const ring = ringOf(ringRows, kv)
  const found: number[] = []
  for (let at = 0, n = 0; at < tokens; n++) {
    const rows = Math.min(chunks[n % chunks.length]!, tokens - at)
    const qkv = Array.from({ length: rows }, (_, i) => [
      ...rowOf(q, heads, at + i),
      ...rowOf(k, kvHeads, at + i),
      ...rowOf(v, kvHeads, at + i)
    ]).flat()
    const [input, y] = [tensorOf(qkv, inner + 2 * kv, rows + 1), poisoned(rows + 1, inner)]
    await run(batch => {
      attention.write(batch, input, ring, start + at, rows)
      attention.attend(batch, input, ring, y, start + at, rows)
    }, device)
    const values = await valuesOf(y)
    expect(values.subarray(rows * inner).every(Number.isNaN), 'rows behind the chunk are untouched').toBe(
      true
    )
    found.push(...values.subarray(0, rows * inner))
    at += rows
  }
  return { found, expected: padded(reference(q, k, v, config).out, headDim), inner, ring }
}

async function check(testCase: Case, label: string) {
  const { found, expected, inner } = await read(testCase)
  await expectRows(tensorOf(found, inner), expected, 3e-6, label)
}

describeGpu('window-attention', () => {
  // Groups of query heads per kv head: 1, 3, 8; 68 is two slices of value columns. lavapipe takes half a minute to
  // compile heads of 64 and more, and hardware's workgroups longer still, so those sizes are few here.
  it.each([
    ['software', 2, 2, 6],
    ['software', 3, 1, 20],
    ['software', 8, 1, 32],
    ['software', 6, 2, 68],
    ['hardware', 3, 1, 20]
  ] as const)(
    '%s workgroups, %i heads on %i of %i: rows below, at and above a workgroup',
    async (shape, heads, kvHeads, headDim) => {
      const config = configOf(heads, kvHeads, headDim, 9)
      for (const rows of shape === 'software' ? [1, 15, 16, 17, 40] : [1, 63, 64, 65]) {
        await check({ config, tokens: rows, chunks: [rows], ringRows: rows + 8, shape }, `${rows} rows`)
      }
    }
  )

  it.each([1, 2, 3, 4, 5, 8, 33, 1000])(
    'a window of %i, chunks longer and shorter than it, the ring around several times',
    async window => {
      const config = configOf(3, 1, 20, window)
      for (const chunks of [[1], [7], [24], [3, 1, 24, 10]]) {
        // The least ring there may be, so that every chunk overwrites what its first row just does not see any more.
        const ringRows = Math.min(window, 200) - 1 + Math.max(...chunks)
        await check({ config, tokens: 90, chunks, ringRows }, `chunks of ${chunks}`)
      }
    }
  )

  it('far into a long text', async () => {
    // As if 3,000,001 tokens had been read: the first rows here see only what this test wrote.
    const config = configOf(2, 2, 6, 5)
    const start = 3_000_001
    const { found, expected, inner } = await read({ config, tokens: 60, chunks: [9], ringRows: 13, start })
    const seenWhole = 4 * inner
    await expectRows(tensorOf(found.slice(seenWhole), inner), expected.subarray(seenWhole), 3e-6)
  })

  it('scores that overflow a plain exponential', async () => {
    const device = deviceWith('software')
    const config = configOf(1, 1, 20, 100)
    const random = new Random(4)
    const [q, k, v] = [random.normals(40 * 20, 30), random.normals(40 * 20, 30), random.normals(40 * 20)].map(
      x => x.map(Math.fround)
    )
    const attention = await windowAttention(device, config)
    const qkv = Array.from({ length: 40 }, (_, t) =>
      [q!, k!, v!].flatMap(x => [...x.subarray(t * 20, t * 20 + 20)])
    ).flat()
    const [input, ring, y] = [tensorOf(qkv, 60), ringOf(139, 20), poisoned(40, 20)]
    await run(batch => {
      attention.write(batch, input, ring, 0, 40)
      attention.attend(batch, input, ring, y, 0, 40)
    }, device)
    await expectRows(y, reference(q!, k!, v!, config).out, 2e-4)
  })

  it('any cut into chunks gives nearly the same values', async () => {
    const config = configOf(3, 1, 20, 9)
    const { found: once } = await read({ config, tokens: 64, chunks: [64], ringRows: 72 })
    for (const chunks of [[1], [7], [16], [5, 30]]) {
      const { found, inner } = await read({ config, tokens: 64, chunks, ringRows: 8 + Math.max(...chunks) })
      await expectRows(tensorOf(found, inner), once, 1e-6, `chunks of ${chunks}`)
    }
  })

  it('writes its rows into the ring and nothing else', async () => {
    const device = deviceWith('software')
    const attention = await windowAttention(device, configOf(2, 1, 4, 3))
    const ring = ringOf(6, 4)
    const rows = Float64Array.from({ length: 4 * 16 }, (_, i) => i)
    await run(batch => attention.write(batch, tensorOf(rows, 16), ring, 16, 4), device)
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
    const attention = await windowAttention(deviceWith('software'), configOf(2, 1, 4, 3))
    await run(batch => {
      expect(() => attention.write(batch, poisoned(7, 16), ringOf(6, 4), 0, 7)).toThrow(
        'a ring of 6 rows cannot take 7 rows at once'
      )
    })
  })
})
