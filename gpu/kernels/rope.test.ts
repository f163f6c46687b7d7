import { describe, expect, it } from 'vitest'
import { ropeTable } from '../testing/reference'
import { inverseFrequencies, type Rope, rotationTable } from './rope'

const conventions: Rope[] = [
  { theta: 10000, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 80e6, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 10000, exponents: 'llama', pairs: 'half' },
  { theta: 640000, exponents: 'llama', pairs: 'interleaved' }
]

describe('rotation tables', () => {
  it('agree with the specification’s golden numbers', () => {
    const rope = conventions[0]!
    const frequencies = inverseFrequencies(rope, 6)
    expect([...frequencies]).toEqual([1, 0.01, 0.0001].map(f => expect.closeTo(f, 12)))
    const [c0, s0, , , c2, s2] = rotationTable(frequencies, 3, 1)
    expect(1 * c0! - 2 * s0!).toBeCloseTo(-1.272232513, 6)
    expect(2 * c0! + 1 * s0!).toBeCloseTo(-1.838864985, 6)
    expect(5 * c2! - 6 * s2!).toBeCloseTo(4.998199775, 6)
  })

  it('keep every digit of f32 at position 1,000,000', () => {
    for (const rope of conventions) {
      const exact = ropeTable(rope, 64, [1_000_000])
      rotationTable(inverseFrequencies(rope, 64), 1_000_000, 1).forEach((value, i) => {
        expect(value).toBe(Math.fround((i % 2 ? exact.sin : exact.cos)[i >> 1]!))
      })
    }
  })
})
