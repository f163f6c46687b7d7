/**
 * The operations of Gemma 4 that YOCO lacks, in plain float64 loops, written from the forward specification of the official
 * modules and not from any engine code. The model made of them is in reference-gemma-model.ts.
 */
import { rmsNorm, type Values } from './reference'

/** What GELU and the soft cap are tried with, of both signs: around zero, where they bend, and where nothing or all of it passes. */
const steps = [0, 1e-6, 1e-3, 0.05, 0.3, 0.7, 1, 1.7, 2.5, 3.3, 4, 5, 6, 9, 20, 300, 65504, 1e12]
export const bends = [...steps, ...steps.map(x => -x)]

/** GELU by its tanh form: z / 2 (1 + tanh u) = z e^2u / (e^2u + 1), which keeps its digits far below zero. */
export function gelu(z: number): number {
  const u = Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3)
  return u > 0 ? z / (1 + Math.exp(-2 * u)) : (z * Math.exp(2 * u)) / (1 + Math.exp(2 * u))
}

export const geglu = (gate: Values, up: Values): Float64Array =>
  Float64Array.from(gate, (z, i) => gelu(z) * up[i]!)

/** (x + norm(y) * weight) * scalar. */
export function normAdd(x: Values, y: Values, weight: Values, eps: number, scalar = 1): Float64Array {
  const normed = rmsNorm(y, weight, eps)
  return Float64Array.from(x, (value, i) => (value + normed[i]!) * scalar)
}

export interface PerLayerScales {
  readonly product: number
  readonly table: number
  readonly eps: number
}

/** (norm(p * product) * weight + t * table) / sqrt(2), the norm over the weight's length. */
export function perLayerInput(
  p: Values,
  t: Values,
  weight: Values,
  { product, table, eps }: PerLayerScales
): Float64Array {
  const normed = rmsNorm(
    Float64Array.from(p, x => x * product),
    weight,
    eps
  )
  return normed.map((x, i) => (x + t[i]! * table) * Math.SQRT1_2)
}

export const softcap = (x: Values, cap: number): Float64Array =>
  Float64Array.from(x, value => cap * Math.tanh(value / cap))
