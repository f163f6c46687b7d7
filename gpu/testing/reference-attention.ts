/**
 * Softmax attention in float64, both kinds: over the last `window` rows of a layer's own keys, and over the
 * one shared cache. One function does the arithmetic; the two differ only in which keys a query may see.
 */
import { softmax, type Values } from './reference'

export interface Heads {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
}

/** What stands for the first key of a text in every window: a score per query head, and the values of every K/V head. */
export interface Sinks {
  readonly scores: Values
  /** [kvHeads * headDim] */
  readonly values: Values
}

export interface Attention {
  /** [M, heads * headDim] */
  readonly out: Float64Array
  /** [M, N]: the softmax weight that each query gave to each key, summed over query heads. */
  readonly mass: Float64Array
}

function attend(
  q: Values,
  k: Values,
  v: Values,
  { heads, kvHeads, headDim }: Heads,
  visible: (query: number) => { from: number; to: number },
  sinks?: Sinks
): Attention {
  const rows = q.length / (heads * headDim)
  const keys = k.length / (kvHeads * headDim)
  const out = new Float64Array(q.length)
  const mass = new Float64Array(rows * keys)
  for (let m = 0; m < rows; m++) {
    const { from, to } = visible(m)
    for (let h = 0; h < heads; h++) {
      const query = (m * heads + h) * headDim
      const kvHead = Math.floor(h / (heads / kvHeads))
      const scores = new Float64Array(to - from + 1)
      scores[to - from] = sinks ? sinks.scores[h]! : -Infinity
      for (let n = from; n < to; n++) {
        const key = (n * kvHeads + kvHead) * headDim
        let dot = 0
        for (let i = 0; i < headDim; i++) dot += q[query + i]! * k[key + i]!
        scores[n - from] = dot / Math.sqrt(headDim)
      }
      const weights = softmax(scores)
      for (let n = from; n < to; n++) {
        const value = (n * kvHeads + kvHead) * headDim
        const weight = weights[n - from]!
        mass[m * keys + n]! += weight
        for (let i = 0; i < headDim; i++) out[query + i]! += weight * v[value + i]!
      }
      if (!sinks) continue
      const rest = weights[to - from]!
      for (let i = 0; i < headDim; i++) out[query + i]! += rest * sinks.values[kvHead * headDim + i]!
    }
  }
  return { out, mass }
}

/**
 * The queries belong to the last M rows of k and v; the rows before them are earlier tokens, in order. A token
 * sees itself and the `window` - 1 rows before it. With sinks nobody sees the first of all rows.
 * `fresh`: rows behind which nothing is seen of what lies before them.
 */
export function windowAttention(
  q: Values,
  k: Values,
  v: Values,
  sizes: Heads & { window: number },
  sinks?: Sinks,
  fresh: readonly number[] = []
): Attention {
  const earlier = k.length / (sizes.kvHeads * sizes.headDim) - q.length / (sizes.heads * sizes.headDim)
  const first = sinks ? 1 : 0
  return attend(
    q,
    k,
    v,
    sizes,
    query => {
      const own = earlier + query
      const begun = fresh.filter(row => row <= own)
      return { from: Math.max(first, own - sizes.window + 1, ...begun), to: own + 1 }
    },
    sinks
  )
}

/** Key row n belongs to position n; query m at `positions[m]` sees rows 0 ... positions[m]. */
export function crossAttention(
  q: Values,
  k: Values,
  v: Values,
  sizes: Heads,
  positions: ArrayLike<number>
): Attention {
  return attend(q, k, v, sizes, query => ({ from: 0, to: positions[query]! + 1 }))
}
