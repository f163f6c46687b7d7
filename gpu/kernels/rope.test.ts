import { describe, expect, it } from 'vitest'
import { up4 } from '../device/tensor'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  run,
  tensorOf,
  valuesOf
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { applyRope, ropeTable } from '../testing/reference'
import { inverseFrequencies, type Rope } from './rope'
import { rotate, rotationTable } from './rope'

const conventions: Rope[] = [
  { theta: 10000, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 80e6, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 10000, exponents: 'llama', pairs: 'half' },
  { theta: 640000, exponents: 'llama', pairs: 'interleaved' }
]

describeGpu('rope', () => {
  it.each(
    conventions.flatMap(rope =>
      [2, 6, 20, 64, 128].map(headDim => [rope.exponents, rope.pairs, headDim, rope] as const)
    )
  )(
    '%s exponents, %s pairs, heads of %i, at position 0 and at 1,000,000',
    async (_exponents, pairs, headDim, rope) => {
      const device = deviceWith('software')
      const turn = await rotate(device, headDim, pairs)
      const head = up4(headDim)
      for (const [start, rows, heads] of [
        [0, 1, 1],
        [3, 5, 7],
        [1_000_000, 9, 3],
        [1_048_570, 6, 33]
      ] as const) {
        // One head before and one behind the rotated ones must stay as they are.
        const x = new Random(headDim).normals(rows * (heads + 2) * headDim).map(Math.fround)
        const tensor = tensorOf(padded(x, headDim), (heads + 2) * head, rows + 1, 'x', 7)
        // The table starts two rows early, as it does for a question's last token.
        const table = bufferOf(
          rotationTable(inverseFrequencies(rope, headDim), Math.max(0, start - 2), rows + 2)
        )
        await run(
          batch => turn(batch, tensor, { first: head, heads, rows, table, tableRow: start === 0 ? 0 : 2 }),
          device
        )
        const exact = applyRope(
          x,
          ropeTable(
            rope,
            headDim,
            Array.from({ length: rows }, (_, i) => start + i)
          ),
          headDim,
          pairs
        )
        const width = (heads + 2) * headDim
        const expected = x.map((value, i) => {
          const column = i % width
          return column < headDim || column >= width - headDim ? value : exact[i]!
        })
        await expectRows(tensor, padded(expected, headDim), 1e-6, `position ${start}`, 7)
      }
    }
  )

  // Gemma 4's full layers: a quarter of a head turns, by exponents over the whole head, the rest stays bit for bit.
  it.each([
    [16, 2],
    [32, 4],
    [512, 64]
  ])('heads of %i of which %i pairs turn', async (headDim, turned) => {
    const device = deviceWith('software')
    const rope: Rope = { theta: 1e6, exponents: 'llama', pairs: 'half', turned }
    const turn = await rotate(device, headDim, 'half', turned)
    const frequencies = inverseFrequencies(rope, headDim)
    expect(frequencies).toHaveLength(turned)
    const [heads, rows, start] = [3, 5, 131_000]
    const x = new Random(headDim).normals(rows * heads * headDim).map(Math.fround)
    const tensor = tensorOf(x, heads * headDim, rows + 1, 'x', 7)
    const table = bufferOf(rotationTable(frequencies, start, rows))
    await run(batch => turn(batch, tensor, { heads, rows, table, tableRow: 0 }), device)
    const expected = x.map((value, at) => {
      const j = at % headDim
      const pair = j % (headDim / 2)
      if (pair >= turned) return value
      const angle = (start + Math.floor(at / (heads * headDim))) * 1e6 ** ((-2 * pair) / headDim)
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      return pair === j ? value * cos - x[at + headDim / 2]! * sin : value * cos + x[at - headDim / 2]! * sin
    })
    await expectRows(tensor, expected, 1e-6, '', 7)
    const found = await valuesOf(tensor)
    x.forEach((value, at) => {
      if ((at % headDim) % (headDim / 2) >= turned) expect(found[at]).toBe(value)
    })
  })
})

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
