/**
 * Gated retention in float64, three times: the parallel sum (the definition over a whole text), the recurrence
 * (one token after another) and the chunkwise form. They share no loop, so that they can check one another.
 * Queries and keys come rotated and unscaled; the scale headDim^-0.5 is applied here, once, to the keys, and
 * therefore is part of the state (FLA scales the queries instead, and its state lacks it).
 */
import type { Values } from './reference'

export interface RetentionInput {
  /** [T, heads * headDim] */
  readonly q: Values
  readonly k: Values
  readonly v: Values
  /** Log-decays [T, heads], none above 0. */
  readonly a: Values
  readonly heads: number
  readonly headDim: number
  /** State before the first token, [heads, key dim, value dim]; zeros where absent. */
  readonly state?: Values
}

export interface Retention {
  readonly out: Float64Array
  /** State after the last token. */
  readonly state: Float64Array
}

/** logsigmoid(r) / normalizer, in the form that neither overflows nor cancels. */
export function logDecay(r: Values, normalizer: number): Float64Array {
  return Float64Array.from(r, x => (Math.min(x, 0) - Math.log1p(Math.exp(-Math.abs(x)))) / normalizer)
}

export function recurrentRetention({ q, k, v, a, heads, headDim: d, state }: RetentionInput): Retention {
  const out = new Float64Array(q.length)
  const s = state ? Float64Array.from(state) : new Float64Array(heads * d * d)
  for (let t = 0; t < q.length / (heads * d); t++) {
    for (let h = 0; h < heads; h++) {
      const row = (t * heads + h) * d
      const decay = Math.exp(a[t * heads + h]!)
      for (let i = 0; i < d; i++) {
        for (let j = 0; j < d; j++) {
          const cell = (h * d + i) * d + j
          s[cell] = decay * s[cell]! + (k[row + i]! / Math.sqrt(d)) * v[row + j]!
          out[row + j]! += q[row + i]! * s[cell]!
        }
      }
    }
  }
  return { out, state: s }
}

/** o_i = exp(A_i) q_i S_0 + sum over j <= i of (q_i . k_j) exp(A_i - A_j) v_j, A the inclusive running sum of a. */
export function parallelRetention({ q, k, v, a, heads, headDim: d, state }: RetentionInput): Retention {
  const tokens = q.length / (heads * d)
  const out = new Float64Array(q.length)
  const end = new Float64Array(heads * d * d)
  const at = (t: number, h: number) => (t * heads + h) * d
  for (let h = 0; h < heads; h++) {
    const sums = new Float64Array(tokens)
    for (let t = 0; t < tokens; t++) sums[t] = (t > 0 ? sums[t - 1]! : 0) + a[t * heads + h]!
    for (let i = 0; i < tokens; i++) {
      for (let j = 0; j <= i; j++) {
        let dot = 0
        for (let c = 0; c < d; c++) dot += q[at(i, h) + c]! * k[at(j, h) + c]!
        const weight = (dot / Math.sqrt(d)) * Math.exp(sums[i]! - sums[j]!)
        for (let c = 0; c < d; c++) out[at(i, h) + c]! += weight * v[at(j, h) + c]!
      }
    }
    const total = tokens > 0 ? sums[tokens - 1]! : 0
    for (let row = 0; row < d; row++) {
      for (let column = 0; column < d; column++) {
        const cell = (h * d + row) * d + column
        const before = state ? state[cell]! : 0
        for (let i = 0; i < tokens; i++) {
          out[at(i, h) + column]! += Math.exp(sums[i]!) * q[at(i, h) + row]! * before
          end[cell]! +=
            Math.exp(total - sums[i]!) * (k[at(i, h) + row]! / Math.sqrt(d)) * v[at(i, h) + column]!
        }
        end[cell]! += Math.exp(total) * before
      }
    }
  }
  return { out, state: end }
}

/** Within a chunk the parallel sum, between chunks the state; the last chunk may be short. */
export function chunkwiseRetention(input: RetentionInput, chunk: number): Retention {
  const { q, k, v, a, heads, headDim: d } = input
  const tokens = q.length / (heads * d)
  const out = new Float64Array(q.length)
  let state = input.state ? Float64Array.from(input.state) : new Float64Array(heads * d * d)
  for (let first = 0; first < tokens; first += chunk) {
    const last = Math.min(first + chunk, tokens)
    const next = new Float64Array(state.length)
    for (let h = 0; h < heads; h++) {
      const at = (t: number) => (t * heads + h) * d
      const block = h * d * d
      // exp(g[i] - g[j]) is never split into exp(g[i]) * exp(-g[j]): the second factor overflows.
      const g = new Float64Array(last - first)
      for (let t = first; t < last; t++)
        g[t - first] = (t > first ? g[t - first - 1]! : 0) + a[t * heads + h]!
      const whole = g[g.length - 1]!
      for (let x = 0; x < d * d; x++) next[block + x] = Math.exp(whole) * state[block + x]!
      for (let i = first; i < last; i++) {
        for (let c = 0; c < d; c++) {
          let carried = 0
          for (let row = 0; row < d; row++) carried += q[at(i) + row]! * state[block + row * d + c]!
          out[at(i) + c] = Math.exp(g[i - first]!) * carried
        }
        for (let j = first; j <= i; j++) {
          let dot = 0
          for (let c = 0; c < d; c++) dot += q[at(i) + c]! * k[at(j) + c]!
          const weight = (dot / Math.sqrt(d)) * Math.exp(g[i - first]! - g[j - first]!)
          for (let c = 0; c < d; c++) out[at(i) + c]! += weight * v[at(j) + c]!
        }
        const rest = Math.exp(whole - g[i - first]!) / Math.sqrt(d)
        for (let row = 0; row < d; row++) {
          for (let c = 0; c < d; c++) next[block + row * d + c]! += rest * k[at(i) + row]! * v[at(i) + c]!
        }
      }
    }
    state = next
  }
  return { out, state }
}
