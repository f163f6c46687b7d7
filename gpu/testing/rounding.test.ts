import { expect, it } from 'vitest'
import { Random } from './random'
import { bf16Bits, bf16Value, decode, encode, f16Bits, f16Value, roundToBf16, roundToF16 } from './rounding'

it('every half survives the way through its value', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = f16Value(bits)
    if (Number.isNaN(value)) continue
    expect(f16Bits(value), `bits ${bits}`).toBe(bits)
    expect(Object.is(roundToF16(value), value), `bits ${bits}`).toBe(true)
  }
})

it('every bfloat16 survives the way through its value', () => {
  for (let bits = 0; bits < 0x10000; bits++) {
    const value = bf16Value(bits)
    if (!Number.isNaN(value)) expect(bf16Bits(value), `bits ${bits}`).toBe(bits)
  }
})

it('halves round to the nearest, ties to even', () => {
  expect(roundToF16(1 + 2 ** -11)).toBe(1)
  expect(roundToF16(1 + 3 * 2 ** -11)).toBe(1 + 2 ** -9)
  expect(roundToF16(1 + 2 ** -11 + 2 ** -40)).toBe(1 + 2 ** -10)
  expect(roundToF16(0.1)).toBe(0.0999755859375)
  expect(roundToF16(2 ** -25)).toBe(0)
  expect(roundToF16(2 ** -25 * 1.01)).toBe(2 ** -24)
  expect(roundToF16(65519.99)).toBe(65504)
  expect(roundToF16(65520)).toBe(Infinity)
  expect(roundToF16(-1e9)).toBe(-Infinity)
  expect(roundToF16(2048 * (1 - 2 ** -53))).toBe(2048)
})

it('bfloat16 rounds to the nearest, ties to even', () => {
  expect(roundToBf16(1 + 2 ** -8)).toBe(1)
  expect(roundToBf16(1 + 3 * 2 ** -8)).toBe(1 + 2 ** -6)
  expect(roundToBf16(Math.PI)).toBe(3.140625)
  expect(roundToBf16(3.4e38)).toBe(Infinity)
})

it('lies between its neighbours for random numbers', () => {
  const random = new Random(11)
  for (let n = 0; n < 20_000; n++) {
    const x = random.normal() * 2 ** (random.integer(36) - 22)
    const nearest = roundToF16(x)
    if (!Number.isFinite(nearest)) continue
    const bits = f16Bits(nearest)
    const neighbours = [f16Value(bits), f16Value(bits - 1), f16Value(bits + 1)].filter(Number.isFinite)
    const best = Math.min(...neighbours.map(value => Math.abs(value - x)))
    expect(Math.abs(nearest - x)).toBe(best)
  }
})

it('encodes and decodes little-endian', () => {
  expect([...encode([1, -2], 'F16')]).toEqual([0x00, 0x3c, 0x00, 0xc0])
  expect([...encode([1, -2], 'BF16')]).toEqual([0x80, 0x3f, 0x00, 0xc0])
  expect([...encode([1], 'F32')]).toEqual([0, 0, 0x80, 0x3f])
  // A view into the middle of a larger buffer, as a file's bytes are.
  expect([...decode(new Uint8Array([9, 0x00, 0xbc]).subarray(1), 'F16')]).toEqual([-1])
})
