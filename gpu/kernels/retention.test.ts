import { expect, it } from 'vitest'
import { type Tensor, up4 } from '../device/tensor'
import {
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { logDecay, parallelRetention, type RetentionInput } from '../testing/reference-retention'
import type { RetentionConfig } from '../yoco/config'
import { retention } from './retention'

const configOf = (heads: number, headDim: number): RetentionConfig => ({
  ...{ kind: 'gated-retention', heads, headDim, gateNormalizer: 16, bias: false },
  rope: { theta: 10000, exponents: 'yoco', pairs: 'interleaved' }
})

interface Sample {
  readonly exact: RetentionInput
  /** q | k | v | g | gate logits, each padded; g is poison, for this kernel must not read it. */
  readonly rows: Float64Array
  readonly width: number
}

function sample(heads: number, headDim: number, tokens: number, r: (t: number) => number): Sample {
  const random = new Random(tokens + headDim)
  const part = () => random.normals(tokens * heads * headDim).map(Math.fround)
  const [q, k, v] = [part(), part(), part()]
  const logits = Float64Array.from({ length: tokens * heads }, (_, i) => Math.fround(r(i)))
  const inner = heads * up4(headDim)
  const width = 4 * inner + up4(heads)
  const rows = new Float64Array(tokens * width).fill(NaN)
  for (let t = 0; t < tokens; t++) {
    const row = (values: Float64Array) =>
      padded(values.subarray(t * heads * headDim, (t + 1) * heads * headDim), headDim)
    for (const [i, values] of [q, k, v].entries()) rows.set(row(values), t * width + i * inner)
    rows.set(logits.subarray(t * heads, (t + 1) * heads), t * width + 4 * inner)
  }
  const state = random.normals(heads * headDim * headDim).map(Math.fround)
  return { rows, width, exact: { q, k, v, a: logDecay(logits, 16), heads, headDim, state } }
}

const stateTensor = ({ state, heads, headDim }: RetentionInput): Tensor =>
  tensorOf(padded(state!, headDim), up4(headDim), heads * headDim + 1)

describeGpu('retention', () => {
  it.each(
    workgroups.flatMap(shape =>
      [
        [1, 6],
        [3, 20],
        [2, 32],
        [5, 64],
        [2, 128]
      ].map(([heads, headDim]) => [shape, heads!, headDim!] as const)
    )
  )('%s workgroups, %i heads of %i: outputs and state', async (shape, heads, headDim) => {
    const device = deviceWith(shape)
    const retain = await retention(device, configOf(heads, headDim))
    for (const tokens of [1, 2, 70]) {
      const random = new Random(tokens)
      const { rows, width, exact } = sample(heads, headDim, tokens, () => 4 * random.normal())
      const [state, y] = [stateTensor(exact), poisoned(tokens + 1, heads * up4(headDim))]
      await run(batch => retain(batch, tensorOf(rows, width, tokens + 1), state, y, tokens), device)
      const expected = parallelRetention(exact)
      await expectRows(y, padded(expected.out, headDim), 3e-6, `${tokens} tokens`)
      await expectRows(state, padded(expected.state, headDim), 3e-6, `state after ${tokens} tokens`)
    }
  })

  it.each([
    ['open', () => 30],
    ['shut', () => -30],
    ['in turn open and shut', (i: number) => (i % 3 === 1 ? -30 : 30)],
    ['so far from zero that exp overflows', (i: number) => (i % 2 ? -200 : 200)]
  ])('gates %s', async (_name, r) => {
    const device = deviceWith('software')
    const retain = await retention(device, configOf(3, 20))
    const { rows, width, exact } = sample(3, 20, 50, r)
    const [state, y] = [stateTensor(exact), poisoned(50, 60)]
    await run(batch => retain(batch, tensorOf(rows, width), state, y, 50), device)
    const expected = parallelRetention(exact)
    await expectRows(y, padded(expected.out, 20), 3e-6)
    await expectRows(state, padded(expected.state, 20), 3e-6)
  })

  it('forgets at the right rate over two thousand tokens', async () => {
    // Only the first token brings something; what is left of it later is the decay alone, exp(sum of a).
    const [device, tokens] = [deviceWith('software'), 2000]
    const retain = await retention(device, configOf(1, 6))
    const { rows, width, exact } = sample(1, 6, tokens, () => 5)
    for (let t = 1; t < tokens; t++) rows.fill(0, t * width + 16, t * width + 24)
    const only = { ...exact, v: exact.v.map((value, i) => (i < 6 ? value : 0)), state: undefined }
    const [state, y] = [tensorOf(new Float64Array(48), 8), poisoned(tokens, 8)]
    await run(batch => retain(batch, tensorOf(rows, width), state, y, tokens), device)
    const expected = padded(parallelRetention(only).state, 6)
    // Two thousand roundings of the decay: each adds half an ulp at most.
    await expectRows(state, expected, 2e-4)
  })

  it('any cut into chunks gives the same bits', async () => {
    const [device, tokens] = [deviceWith('software'), 61]
    const retain = await retention(device, configOf(3, 20))
    const random = new Random(3)
    const { rows, width, exact } = sample(3, 20, tokens, () => 4 * random.normal())
    const results: number[][] = []
    for (const chunks of [[61], [1], [7], [32, 29], [5, 1, 50, 3, 2]]) {
      const state = stateTensor(exact)
      const found: number[] = []
      for (let at = 0, n = 0; at < tokens; n++) {
        const count = Math.min(chunks[n % chunks.length]!, tokens - at)
        const y = poisoned(count, 60)
        await run(
          batch =>
            retain(batch, tensorOf(rows.subarray(at * width, (at + count) * width), width), state, y, count),
          device
        )
        found.push(...(await valuesOf(y)))
        at += count
      }
      results.push([...found, ...(await valuesOf(state))])
    }
    for (const other of results.slice(1)) expect(other).toEqual(results[0])
  })
})
