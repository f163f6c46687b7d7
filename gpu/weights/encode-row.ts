/**
 * A row of floats as codes: by blocks of inputs, each with the scale (and minimum) that leaves the least error. The step that weights
 * were trained with is found again.
 */
import { halfBits, halfToFloat, roundEven } from './tensor-values'
import { leastLevel, mostLevel, trainedStep } from './trained-step'

export interface Coding {
  readonly bits: 4 | 8
  readonly block: number
  readonly minimum: boolean
}

interface CodedRow {
  /** From 0 to 2^bits - 1. */
  readonly codes: Uint8Array
  /** Bits of halves, by block. */
  readonly scale: Uint16Array
  readonly minimum: Uint16Array
}

export const blocksIn = (inputs: number, { block }: Coding): number => Math.ceil(inputs / block)

/** Room for the codes of a row, used again and again. */
export function rowCoder(inputs: number, coding: Coding): (values: Float32Array) => CodedRow {
  const blocks = blocksIn(inputs, coding)
  const row = {
    codes: new Uint8Array(inputs),
    scale: new Uint16Array(blocks),
    minimum: new Uint16Array(blocks)
  }
  return values => {
    for (let b = 0; b < blocks; b++) {
      const [from, to] = [b * coding.block, Math.min(inputs, (b + 1) * coding.block)]
      const fit = coding.minimum ? withMinimum : symmetric
      const [scale, minimum] = fit(
        values.subarray(from, to),
        2 ** coding.bits - 1,
        row.codes.subarray(from, to)
      )
      row.scale[b] = scale
      row.minimum[b] = minimum
    }
    return row
  }
}

type Fit = (
  values: Float32Array,
  most: number,
  codes: Uint8Array
) => readonly [scale: number, minimum: number]

/** Codes about the middle; the largest value is (most - 1) / 2 steps away from it, or as many as it was trained to be. */
const symmetric: Fit = (values, most, codes) => {
  const zero = (most + 1) / 2
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  const widest = scaleBits(largest / (zero - 1))
  const trained = scaleBits(trainedStep(values) ?? 0)
  const errorBy = (bits: number) => errorOf(values, most, halfToFloat(bits), halfToFloat(bits) * -zero)
  const bits = trained > 0 && errorBy(trained) < errorBy(widest) ? trained : widest
  const scale = halfToFloat(bits)
  for (let k = 0; k < codes.length; k++)
    codes[k] = scale === 0 ? zero : clamp(roundEven(values[k] / scale) + zero, most)
  return [bits, 0]
}

/** Steps tried between the least and the largest value: fewer steps than there are cut off the ends for finer ones. */
const narrower = [0, 0.6, 1.2, 1.8]

/** The least squares line through values by codes, from several first guesses. */
const withMinimum: Fit = (values, most, codes) => {
  let [low, high] = [Infinity, -Infinity]
  for (const value of values) {
    low = Math.min(low, value)
    high = Math.max(high, value)
  }
  let best: readonly [number, number] = [scaleBits((high - low) / most), halfBits(low)]
  const errorBy = (bits: readonly [number, number]) =>
    errorOf(values, most, halfToFloat(bits[0]), halfToFloat(bits[1]))
  let least = errorBy(best)
  const take = (guess: readonly [scale: number, minimum: number]): void => {
    const rounded = [scaleBits(guess[0]), halfBits(guess[1])] as const
    const error = errorBy(rounded)
    if (error < least) [best, least] = [rounded, error]
  }
  for (const cut of narrower) {
    const scale = (high - low) / (most - cut)
    if (!(scale > 0)) break
    take(lineThrough(values, most, scale, (low + high - most * scale) / 2))
  }
  const step = most === mostLevel - leastLevel ? trainedStep(values) : undefined
  // Both ends are the same half times a power of two, so that levels are exact.
  if (step !== undefined) {
    const half = halfToFloat(scaleBits(step))
    take([half, half * leastLevel])
  }
  const [scale, minimum] = best.map(halfToFloat) as [number, number]
  for (let k = 0; k < codes.length; k++) codes[k] = codeOf(values[k], scale, minimum, most)
  return best
}

function lineThrough(
  values: Float32Array,
  most: number,
  scale: number,
  minimum: number
): readonly [scale: number, minimum: number] {
  let [c, cc, v, cv] = [0, 0, 0, 0]
  for (const value of values) {
    const code = codeOf(value, scale, minimum, most)
    c += code
    cc += code * code
    v += value
    cv += code * value
  }
  const n = values.length
  const slope = (n * cv - c * v) / (n * cc - c * c)
  return slope > 0 ? [slope, (v - slope * c) / n] : [scale, minimum]
}

function errorOf(values: Float32Array, most: number, scale: number, minimum: number): number {
  let sum = 0
  for (const value of values) sum += (value - (scale * codeOf(value, scale, minimum, most) + minimum)) ** 2
  return sum
}

const codeOf = (value: number, scale: number, minimum: number, most: number): number =>
  scale === 0 ? 0 : clamp(roundEven((value - minimum) / scale), most)

const clamp = (code: number, most: number): number => Math.min(most, Math.max(0, code))

/** A positive scale as half precision. It is never rounded to zero: that would lose the block. */
const scaleBits = (scale: number): number => (scale > 0 ? Math.max(1, halfBits(scale)) : 0)
