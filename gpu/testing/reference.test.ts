import { describe, expect, it } from 'vitest'
import { Random } from './random'
import {
  applyRope,
  inverseFrequencies,
  linear,
  rmsNorm,
  ropeTable,
  softmax,
  swiglu,
  headNormGate
} from './reference'
import { crossAttention, windowAttention } from './reference-attention'
import {
  chunkwiseRetention,
  logDecay,
  parallelRetention,
  recurrentRetention,
  type RetentionInput
} from './reference-retention'
import { relativeError } from './relative-error'

function expectClose(actual: ArrayLike<number>, expected: number[], tolerance = 1e-8): void {
  expect(actual.length).toBe(expected.length)
  expected.forEach((x, i) => expect(Math.abs(actual[i]! - x), `value ${i}`).toBeLessThan(tolerance))
}

describe('rotary embedding', () => {
  const yoco = { theta: 1e4, exponents: 'yoco', pairs: 'interleaved' } as const

  it('has the published frequencies and rotation', () => {
    expectClose(inverseFrequencies(yoco, 6), [1, 0.01, 0.0001], 1e-17)
    expectClose(
      applyRope(Float64Array.of(1, 2, 3, 4, 5, 6), ropeTable(yoco, 6, [3]), 6, 'interleaved'),
      [-1.272232513, -1.838864985, 2.8786681, 4.088186636, 4.998199775, 6.00149973]
    )
  })

  it('ends at exactly 1/theta, where the usual exponents stop short', () => {
    expect(inverseFrequencies(yoco, 128)[63]).toBe(1e-4)
    expect(inverseFrequencies({ ...yoco, exponents: 'llama' }, 128)[63]).toBeCloseTo(1.154782e-4, 10)
  })

  it('rotates half pairs as interleaved pairs of permuted values', () => {
    const x = new Random(1).normals(2 * 8)
    const table = ropeTable(yoco, 8, [5, 9])
    const order = [0, 4, 1, 5, 2, 6, 3, 7]
    const permuted = Float64Array.from(x, (_, i) => x[i - (i % 8) + order[i % 8]!]!)
    const half = applyRope(x, table, 8, 'half')
    const interleaved = applyRope(permuted, table, 8, 'interleaved')
    expectClose(
      interleaved,
      Array.from(half, (_, i) => half[i - (i % 8) + order[i % 8]!]!),
      1e-15
    )
  })
})

describe('gated retention', () => {
  const a = logDecay(Float64Array.of(0, 1, -2, 3), 16)
  const golden: RetentionInput = {
    q: Float64Array.of(1, 0, 0, 1, 1, 1, 0.5, -1),
    k: Float64Array.of(1, 2, 0, 1, -1, 1, 2, 0),
    v: Float64Array.of(1, 0, 0, 1, 2, 2, -1, 3),
    a,
    heads: 1,
    headDim: 2
  }
  const forms = {
    recurrent: recurrentRetention,
    parallel: parallelRetention,
    'chunks of 1': (input: RetentionInput) => chunkwiseRetention(input, 1),
    'chunks of 3': (input: RetentionInput) => chunkwiseRetention(input, 3),
    'one chunk': (input: RetentionInput) => chunkwiseRetention(input, 256)
  }

  it('has the published decays', () => {
    expectClose(a, [-0.043321699, -0.019578855, -0.132933001, -0.003036709])
  })

  it.each(Object.entries(forms))('has the published output and state: %s', (_, form) => {
    const { out, state } = form(golden)
    expectClose(
      out,
      [0.707106781, 0, 1.386794175, 0.707106781, 1.821256855, 0.61908878, -3.72986237, -0.610779577]
    )
    expectClose(state, [-2.218894211, 2.832715166, 2.620415264, 2.02713716])
    expectClose(
      rmsNorm(out, undefined, 1e-5, 2),
      [1.414185279, 0, 1.259884567, 0.642397363, 1.338966278, 0.455146674, -1.395624287, -0.228538945]
    )
  })

  it.each(Object.entries(forms))(
    'agrees with the recurrence on random input with a state before it: %s',
    (_, form) => {
      const random = new Random(7)
      const [heads, headDim, tokens] = [3, 6, 41]
      const rows = () => random.normals(tokens * heads * headDim)
      const input = {
        q: rows(),
        k: rows(),
        v: rows(),
        a: logDecay(random.normals(tokens * heads, 6), 16),
        state: random.normals(heads * headDim * headDim),
        heads,
        headDim
      }
      const expected = recurrentRetention(input)
      const actual = form(input)
      expect(relativeError(actual.out, expected.out)).toBeLessThan(1e-12)
      expect(relativeError(actual.state, expected.state)).toBeLessThan(1e-12)
    }
  )

  it('stays finite where the gates are nearly shut', () => {
    const rows = new Float64Array(600 * 2).fill(1)
    const shut = logDecay(new Float64Array(600).fill(-1e4), 16)
    const { out } = chunkwiseRetention({ q: rows, k: rows, v: rows, a: shut, heads: 1, headDim: 2 }, 256)
    expect(out.every(Number.isFinite)).toBe(true)
  })
})

describe('attention', () => {
  const random = new Random(3)
  const sizes = { heads: 4, kvHeads: 2, headDim: 3 }
  const q = random.normals(9 * 12)
  const k = random.normals(9 * 6)
  const v = random.normals(9 * 6)
  const positions = Array.from({ length: 9 }, (_, t) => t)

  it('over a window that holds everything is causal attention', () => {
    const whole = windowAttention(q, k, v, { ...sizes, window: 9 })
    expect(relativeError(whole.out, crossAttention(q, k, v, sizes, positions).out)).toBe(0)
  })

  it('sees the window and nothing before it', () => {
    const { mass } = windowAttention(q, k, v, { ...sizes, window: 3 })
    for (let m = 0; m < 9; m++) {
      for (let n = 0; n < 9; n++) expect(mass[m * 9 + n]! > 0, `${m} sees ${n}`).toBe(n <= m && n > m - 3)
    }
  })

  it('gives every query as much mass as there are heads', () => {
    const { mass } = crossAttention(q, k, v, sizes, positions)
    for (let m = 0; m < 9; m++) {
      expect(mass.subarray(m * 9, (m + 1) * 9).reduce((a, b) => a + b)).toBeCloseTo(4, 12)
    }
  })

  it('puts earlier rows before the queries', () => {
    const tail = windowAttention(q.subarray(6 * 12), k, v, { ...sizes, window: 5 })
    const whole = windowAttention(q, k, v, { ...sizes, window: 5 })
    expect(relativeError(tail.out, whole.out.subarray(6 * 12))).toBe(0)
  })

  it('lets neighbouring query heads share a key head', () => {
    const alone = new Float64Array(6)
    alone.set([1, 2, 3])
    const { out } = crossAttention(q.subarray(0, 12), k.subarray(0, 6), alone, sizes, [0])
    expectClose(out, [1, 2, 3, 1, 2, 3, 0, 0, 0, 0, 0, 0], 1e-15)
  })
})

describe('small operations', () => {
  it('multiply by the transpose and add the bias', () => {
    expectClose(
      linear(Float64Array.of(1, 2, 3, 4), Float64Array.of(5, 6, 7, 8, 9, 10), 2, Float64Array.of(1, 0, -1)),
      [18, 23, 28, 40, 53, 66]
    )
  })

  it('apply SiLU to the gate alone', () => {
    expectClose(swiglu(Float64Array.of(1, -2), Float64Array.of(3, 5)), [2.193175736, -1.19202922])
    expectClose(
      headNormGate(Float64Array.of(3, 4), Float64Array.of(1, -2), 2, 0),
      [0.620323774, -0.269725422]
    )
  })

  it('survive large logits in a softmax', () => {
    expectClose(softmax(Float64Array.of(1000, 1000, -1000)), [0.5, 0.5, 0])
  })
})
