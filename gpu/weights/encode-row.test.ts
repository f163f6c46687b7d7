import { expect, it } from 'vitest'
import { Random } from '../testing/random'
import { f16Bits, f16Value, round } from '../testing/rounding'
import { type Coding, rowCoder } from './encode-row'
import { halfBits } from './tensor-values'

const int8: Coding = { bits: 8, block: 32, minimum: false }
const int4: Coding = { bits: 4, block: 32, minimum: true }

/** What the codes stand for, by the definition in docs/weights.md. */
function decoded(values: Float32Array, coding: Coding): Float64Array {
  const { codes, scale, minimum } = rowCoder(values.length, coding)(values)
  return Float64Array.from(codes, (code, k) => {
    const b = Math.floor(k / coding.block)
    const zero = coding.minimum ? 0 : 2 ** (coding.bits - 1)
    return f16Value(scale[b]!) * (code - zero) + f16Value(minimum[b]!)
  })
}

const rootMeanSquare = (values: ArrayLike<number>): number =>
  Math.sqrt(Array.from(values).reduce((sum, value) => sum + value * value, 0) / values.length)

it('halves are rounded to the nearest, ties to even', () => {
  const random = new Random(1)
  const values = [
    0,
    -0,
    1,
    65504,
    65519,
    65520,
    -1e9,
    2 ** -24,
    2 ** -25,
    3 * 2 ** -25,
    2 ** -14,
    2 ** -14 - 2 ** -25
  ]
  for (let i = 0; i < 20_000; i++) values.push(random.normal() * 2 ** (random.integer(45) - 28))
  for (const value of values) expect(halfBits(value), `${value}`).toBe(f16Bits(value))
})

it.each([
  ['int8', int8, 0.006],
  ['int4', int4, 0.075]
] as const)('%s: a row of normal weights keeps all but that part of its size', (_, coding, most) => {
  const values = Float32Array.from(new Random(2).normals(4096 + 20, 0.02))
  const after = decoded(values, coding)
  const error = rootMeanSquare(after.map((value, k) => value - values[k]!)) / rootMeanSquare(values)
  expect(error).toBeLessThan(most)
  // What cannot be better: steps of a 2^bits-th of the range, evenly spread errors.
  expect(error).toBeGreaterThan(most / 3)
})

it('no value is further off than a step, none of int8 than half of one', () => {
  const values = Float32Array.from(new Random(3).normals(320, 3))
  for (const [coding, share] of [
    [int8, 0.51],
    [int4, 1.6]
  ] as const) {
    const after = decoded(values, coding)
    for (let first = 0; first < values.length; first += 32) {
      const block = values.slice(first, first + 32)
      const range = coding.minimum
        ? (Math.max(...block) - Math.min(...block)) / 15
        : Math.max(...block.map(Math.abs)) / 127
      block.forEach((value, k) => expect(Math.abs(value - after[first + k]!)).toBeLessThan(share * range))
    }
  }
})

it('a minimum serves weights that are all of one sign, and constants are exact', () => {
  const values = Float32Array.from({ length: 64 }, (_, k) => (k < 32 ? 0.5 + k / 62 : -0.375))
  const after = decoded(values, int4)
  expect(Math.max(...after.slice(0, 32).map((value, k) => Math.abs(value - values[k]!)))).toBeLessThan(0.02)
  expect([...after.slice(32)]).toEqual([...values.slice(32)])
})

it('zeros stay zeros and the smallest weights do not vanish', () => {
  for (const coding of [int8, int4]) {
    expect([...decoded(new Float32Array(40), coding)].every(value => value === 0)).toBe(true)
    const tiny = Float32Array.from({ length: 32 }, (_, k) => (k - 16) * 1e-8)
    expect(rootMeanSquare(decoded(tiny, coding))).toBeGreaterThan(5e-8)
  }
})

/** Blocks of whole levels times a step of their own, the largest one at a level from 1 to 8 in turn, as after training for q4_0. */
function trained(stepOf: (random: Random) => number): Float32Array {
  const random = new Random(9)
  const values: number[] = []
  for (let block = 0; block < 64; block++) {
    const reach = (block % 8) + 1
    const step = stepOf(random)
    for (let k = 0; k < 32; k++) {
      const level = k === block % 32 ? -reach : random.integer(2 * reach + 1) - reach
      values.push(round(Math.min(7, level) * step, 'BF16'))
    }
  }
  return Float32Array.from(values)
}

it.each([
  ['int8', int8],
  ['int4', int4]
] as const)('%s: weights that were trained for levels of four bits stay as they are', (_, coding) => {
  // Steps of five bits and levels of three: products that BF16 holds whole.
  const exact = trained(random => (1 + random.integer(16) / 16) * 2 ** -random.integer(9))
  expect([...decoded(exact, coding)]).toEqual([...exact])
  const rounded = trained(random => (1 + random.uniform()) * 2 ** -random.integer(9))
  const after = decoded(rounded, coding)
  let same = 0
  for (const [k, value] of rounded.entries()) {
    expect(Math.abs(after[k]! - value)).toBeLessThanOrEqual(Math.abs(value) * 2 ** -7)
    if (round(after[k]!, 'BF16') === value) same++
  }
  expect(same / rounded.length).toBeGreaterThan(0.9)
})

it.each([int8, int4])('a block that only looks so is no worse off than another', coding => {
  const random = new Random(4)
  for (let i = 0; i < 2000; i++) {
    // Short ends of rows now and then lie near some grid.
    const block = Float32Array.from(random.normals(1 + random.integer(4)))
    const far = Math.max(...decoded(block, coding).map((value, k) => Math.abs(value - block[k]!)))
    const largest = Math.max(...block.map(Math.abs))
    expect(far).toBeLessThanOrEqual(largest * (coding === int8 ? 0.0041 : 0.14))
  }
})
