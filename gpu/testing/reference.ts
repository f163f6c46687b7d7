/**
 * The operations of YOCO in plain float64 loops, written from the paper (arXiv 2405.05254) and the official
 * module's mathematics, not from any engine code: what every kernel is compared with. Slow on purpose, one
 * formula per loop. Matrices are row-major; a row of heads is [heads * headDim].
 * Attention is in reference-attention.ts, gated retention in reference-retention.ts, the model in
 * reference-model.ts, sampling in reference-sampling.ts.
 */
import type { Rope } from '../kernels/rope'

export type Values = Float64Array | Float32Array

/** Rows of the table scaled by sqrt(dim). */
export function embed(tokens: ArrayLike<number>, table: Values, dim: number): Float64Array {
  const out = new Float64Array(tokens.length * dim)
  for (let t = 0; t < tokens.length; t++) {
    const row = tokens[t]! * dim
    if (row + dim > table.length) throw new RangeError(`token ${tokens[t]} is outside the table`)
    for (let i = 0; i < dim; i++) out[t * dim + i] = table[row + i]! * Math.sqrt(dim)
  }
  return out
}

/** y = x / sqrt(mean(x^2) + eps) * weight, over rows of `width` (the weight's length where there is one). */
export function rmsNorm(x: Values, weight: Values | undefined, eps: number, width?: number): Float64Array {
  const n = width ?? weight!.length
  const out = new Float64Array(x.length)
  for (let row = 0; row < x.length; row += n) {
    let squares = 0
    for (let i = 0; i < n; i++) squares += x[row + i]! * x[row + i]!
    const scale = 1 / Math.sqrt(squares / n + eps)
    for (let i = 0; i < n; i++) out[row + i] = x[row + i]! * scale * (weight ? weight[i]! : 1)
  }
  return out
}

/** x [M, K] times the transpose of w [N, K], plus bias [N]. K follows from `inputs`. */
export function linear(x: Values, w: Values, inputs: number, bias?: Values): Float64Array {
  const rows = x.length / inputs
  const outputs = w.length / inputs
  const out = new Float64Array(rows * outputs)
  for (let m = 0; m < rows; m++) {
    for (let n = 0; n < outputs; n++) {
      let sum = bias ? bias[n]! : 0
      for (let k = 0; k < inputs; k++) sum += x[m * inputs + k]! * w[n * inputs + k]!
      out[m * outputs + n] = sum
    }
  }
  return out
}

export function add(a: Values, b: Values): Float64Array {
  return Float64Array.from(a, (x, i) => x + b[i]!)
}

export function silu(x: number): number {
  return x / (1 + Math.exp(-x))
}

/** silu(gate) * up. The gate is official `fc1` and FLA `gate_proj`; official `gate` is the other one. */
export function swiglu(gate: Values, up: Values): Float64Array {
  return Float64Array.from(gate, (x, i) => silu(x) * up[i]!)
}

/** Per head an RMSNorm without weight, then times silu(g). */
export function headNormGate(x: Values, g: Values, headDim: number, eps: number): Float64Array {
  const normed = rmsNorm(x, undefined, eps, headDim)
  return normed.map((y, i) => y * silu(g[i]!))
}

export function inverseFrequencies(rope: Rope, headDim: number): Float64Array {
  const pairs = headDim / 2
  return Float64Array.from({ length: pairs }, (_, i) => {
    if (rope.exponents === 'llama') return rope.theta ** -((2 * i) / headDim)
    // linspace(0, 1, pairs), whose only point is 0 when there is one pair.
    return pairs === 1 ? 1 : rope.theta ** -(i / (pairs - 1))
  })
}

export interface RopeTable {
  /** [positions, headDim / 2] */
  readonly cos: Float64Array
  readonly sin: Float64Array
}

export function ropeTable(rope: Rope, headDim: number, positions: ArrayLike<number>): RopeTable {
  const frequencies = inverseFrequencies(rope, headDim)
  const pairs = frequencies.length
  const cos = new Float64Array(positions.length * pairs)
  const sin = new Float64Array(positions.length * pairs)
  for (let t = 0; t < positions.length; t++) {
    for (let i = 0; i < pairs; i++) {
      const angle = positions[t]! * frequencies[i]!
      cos[t * pairs + i] = Math.cos(angle)
      sin[t * pairs + i] = Math.sin(angle)
    }
  }
  return { cos, sin }
}

/** Rotates every head of x [T, heads * headDim] by the table's row of its token. */
export function applyRope(x: Values, table: RopeTable, headDim: number, pairs: Rope['pairs']): Float64Array {
  const half = headDim / 2
  const rows = table.cos.length / half
  const width = x.length / rows
  const out = new Float64Array(x.length)
  for (let t = 0; t < rows; t++) {
    for (let head = 0; head < width; head += headDim) {
      for (let i = 0; i < half; i++) {
        const a = t * width + head + (pairs === 'interleaved' ? 2 * i : i)
        const b = pairs === 'interleaved' ? a + 1 : a + half
        const cos = table.cos[t * half + i]!
        const sin = table.sin[t * half + i]!
        out[a] = x[a]! * cos - x[b]! * sin
        out[b] = x[b]! * cos + x[a]! * sin
      }
    }
  }
  return out
}

export function softmax(x: Values): Float64Array {
  let largest = -Infinity
  for (const value of x) largest = Math.max(largest, value)
  const powers = Float64Array.from(x, value => Math.exp(value - largest))
  const sum = powers.reduce((a, b) => a + b, 0)
  return powers.map(p => p / sum)
}
