/**
 * A decoder with open windows in float64, by its definition in training/open_window.py: all layers on all tokens in one pass, no
 * chunks, no cache. Tokens from `told` on are of a conversation.
 */
import type { PageKind } from '../kernels/page-format'
import type { OpenWindowConfig } from '../open-window/config'
import { add, applyRope, linear, rmsNorm, ropeTable, swiglu, type Values } from './reference'
import { crossAttention, windowAttention } from './reference-attention'
import { throughPages } from './row-codes'

export interface ReferenceOpenWindowOptions {
  /** The first token of a conversation; absent: all are of a document. */
  readonly told?: number
  /** Where windows begin anew, positions go on. */
  readonly fresh?: readonly number[]
  /** Rounds keys and values of open heads as pages hold them. */
  readonly pages?: PageKind
  /** Rows of the document that a conversation's open heads see, in order; absent: all. */
  readonly seen?: readonly number[]
  /** The layer whose attention is counted; absent: all of them. */
  readonly massOf?: number
}

export interface OpenWindowActivations {
  /** Of every token. */
  readonly logits: Float64Array[]
  /** [told tokens, tokens]: what each gave to each, summed over open heads of all layers. */
  readonly mass: Float64Array
}

export function referenceOpenWindow(
  config: OpenWindowConfig,
  tensor: (role: string) => Float64Array,
  tokens: ArrayLike<number>,
  { told = tokens.length, fresh, pages, seen, massOf }: ReferenceOpenWindowOptions = {}
): OpenWindowActivations {
  const { dim, attention, normEps, distance, opened } = config
  const { heads, kvHeads, headDim, rope } = attention
  const group = heads / kvHeads
  const positions = Array.from({ length: tokens.length }, (_, t) => t)
  const near = ropeTable(rope, headDim, positions)
  const far = ropeTable(
    rope,
    headDim,
    positions.map(() => distance)
  )
  const mass = new Float64Array((tokens.length - told) * tokens.length)
  const norm = (x: Values, role: string) => rmsNorm(x, tensor(role), normEps)
  let x: Float64Array = Float64Array.from(positions.flatMap(t => [...row(tensor('embed'), tokens[t]!, dim)]))
  for (const [i, open] of opened.entries()) {
    const of = (part: string) => `layer.${i}.${part}`
    const h = norm(x, of('norm1'))
    const [q, k, v] = ['q', 'k', 'v'].map(part => linear(h, tensor(of(part)), dim)) as [
      Values,
      Values,
      Values
    ]
    const turned = (rows: Values) => applyRope(rows, near, headDim, rope.pairs)
    const sinks = { scores: tensor(of('sink')), values: tensor(of('sinkValues')) }
    const mixed = windowAttention(turned(q), turned(k), v, attention, sinks, fresh).out
    for (const g of open) look(g, q, k, v, mixed, massOf === undefined || massOf === i)
    x = add(x, linear(mixed, tensor(of('out')), heads * headDim))
    const n = norm(x, of('norm2'))
    const hidden = swiglu(linear(n, tensor(of('ffn.gate')), dim), linear(n, tensor(of('ffn.up')), dim))
    x = add(x, linear(hidden, tensor(of('ffn.down')), config.ffnDim))
  }
  const last = norm(x, 'norm')
  const head = tensor(config.tiedHead ? 'embed' : 'head')
  return { logits: positions.map(t => linear(row(last, t, dim), head, dim)), mass }

  /** What query heads of K/V head `g` find in the whole text, in place of what their windows showed to told tokens. */
  function look(g: number, q: Values, k: Values, v: Values, mixed: Float64Array, counts: boolean): void {
    const held = (rows: Float64Array) => (pages ? throughPages(rows, headDim, pages) : rows)
    const own = columns(q, heads * headDim, g * group * headDim, group * headDim)
    const queries = applyRope(own, far, headDim, rope.pairs).subarray(told * group * headDim)
    const looked = [...(seen ?? positions.slice(0, told)), ...positions.slice(told)]
    const [keys, values] = [k, v].map(rows => {
      const all = held(columns(rows, kvHeads * headDim, g * headDim, headDim))
      return Float64Array.from(looked.flatMap(t => [...row(all, t, headDim)]))
    })
    const sizes = { heads: group, kvHeads: 1, headDim }
    const lasts = positions.slice(told).map(t => looked.length - tokens.length + t)
    const found = crossAttention(queries, keys!, values!, sizes, lasts)
    if (counts)
      found.mass.forEach((share, at) => {
        const [t, column] = [Math.floor(at / looked.length), at % looked.length]
        mass[t * tokens.length + looked[column]!]! += share
      })
    for (let t = told; t < tokens.length; t++)
      mixed.set(row(found.out, t - told, group * headDim), t * heads * headDim + g * group * headDim)
  }
}

const row = (rows: Values, at: number, width: number): Values => rows.subarray(at * width, (at + 1) * width)

/** `count` neighbouring columns of rows. */
function columns(rows: Values, width: number, first: number, count: number): Float64Array {
  const all = new Float64Array((rows.length / width) * count)
  for (let t = 0; t < rows.length / width; t++)
    all.set(rows.subarray(t * width + first, t * width + first + count), t * count)
  return all
}
