/**
 * Weights that were trained for codes of four bits, as the "q4_0 unquantized" checkpoints of Gemma are: every block of 32 neighbouring
 * inputs holds whole levels from -8 to 7 times a step of its own, each rounded to BF16. With that step codes stand for them
 * exactly; the largest magnitude divided by 8 is another step wherever a block does not reach level -8.
 */
import { roundEven } from './tensor-values'

export const leastLevel = -8
export const mostLevel = 7

/** BF16 rounds a value, and the largest one, that the others are compared with, by 2^-9 of itself each: eight levels by a 32nd of a step. */
const tolerance = 0.035

/** The step of a block; undefined where its values lie on no such grid. */
export function trainedStep(values: Float32Array): number | undefined {
  let largest = 0
  for (const value of values) largest = Math.max(largest, Math.abs(value))
  if (!(largest > 0)) return undefined
  for (let level = 1; level <= -leastLevel; level++)
    if (isOnLevels(values, largest / level)) return throughLevels(values, largest / level)
  return undefined
}

function isOnLevels(values: Float32Array, step: number): boolean {
  for (const value of values) {
    const level = roundEven(value / step)
    if (level < leastLevel || level > mostLevel || Math.abs(value / step - level) > tolerance) return false
  }
  return true
}

/** The step with the least squares of errors, the levels being as they are. */
function throughLevels(values: Float32Array, step: number): number {
  let [levels, products] = [0, 0]
  for (const value of values) {
    const level = roundEven(value / step)
    levels += level * level
    products += level * value
  }
  return products / levels
}
