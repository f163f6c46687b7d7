/**
 * Gemma 4 in float64, by its definition: all layers on all tokens in one pass, no early exit, no chunks, no cache. Written
 * from the forward specification of the official modules; that it says what they say is shown on handed models
 * (gemma/handed.test.ts).
 */
import { attentionOf, type GemmaConfig, type LayerKind } from '../gemma/config'
import { linear, rmsNorm, type Values } from './reference'
import { crossAttention, windowAttention } from './reference-attention'
import { geglu, normAdd, perLayerInput, softcap } from './reference-gemma'
import { round, type FloatType } from './rounding'
import { throughPages } from './row-codes'
import type { PageKind } from '../kernels/page-format'

/** What may be got wrong, each as it is right. */
export interface Rules {
  readonly attentionScale: (headDim: number) => number
  readonly embeddingScale: (dim: number, dtype: FloatType) => number
  readonly normWeight: (weight: number) => number
  readonly tableScale: (width: number) => number
  readonly productScale: (dim: number) => number
  readonly joined: number
  readonly donor: (config: GemmaConfig, layer: number) => number
  /** Divisor of a full layer's exponents. */
  readonly turnedOver: (headDim: number, turned: number) => number
  readonly valueNorm: boolean
  readonly gateInput: 'stream' | 'normed'
  readonly scalar: boolean
}

/** The layer itself, or the highest one below those that share which is of its kind. Not the engine's own word for it. */
function lastOwner({ layers, own }: GemmaConfig, layer: number): number {
  let owner = Math.min(layer, own - 1)
  while (layers[owner] !== layers[layer]) owner--
  return owner
}

export const rules: Rules = {
  attentionScale: () => 1,
  embeddingScale: (dim, dtype) => round(Math.sqrt(dim), dtype),
  normWeight: weight => weight,
  tableScale: Math.sqrt,
  productScale: dim => dim ** -0.5,
  joined: Math.SQRT1_2,
  donor: lastOwner,
  turnedOver: headDim => headDim,
  valueNorm: true,
  gateInput: 'stream',
  scalar: true
}

export interface ReferenceGemmaOptions {
  readonly dtype: FloatType
  /** Rounds keys and values of full layers as pages hold them. */
  readonly pages?: PageKind
  readonly rules?: Partial<Rules>
}

/** Rows of all tokens. */
export interface GemmaActivations {
  readonly logits: Float64Array[]
  /** [tokens, layers * width]. */
  readonly perLayer: Float64Array
  /** Of the owners, by layer. */
  readonly keys: Float64Array[]
  readonly values: Float64Array[]
}

export function referenceGemma(
  config: GemmaConfig,
  tensor: (role: string) => Float64Array,
  tokens: ArrayLike<number>,
  options: ReferenceGemmaOptions
): GemmaActivations {
  const is: Rules = { ...rules, ...options.rules }
  const { dim, layers, own, normEps: eps } = config
  const norm = (x: Values, role: string): Float64Array => rmsNorm(x, tensor(role).map(is.normWeight), eps)
  const scale = is.embeddingScale(dim, options.dtype)
  let x: Float64Array = rowsOf(tensor('embed'), tokens, dim).map(value => value * scale)
  const perLayer = perLayerInputs(x)
  const keys: Float64Array[] = []
  const values: Float64Array[] = []
  for (const [i, kind] of layers.entries()) {
    const n = norm(x, `layer.${i}.norm`)
    if (i < own) keep(i, kind, n)
    x = normed(
      x,
      linear(attention(i, kind, n), tensor(`layer.${i}.out`), inner(i)),
      `layer.${i}.attentionNorm`
    )
    const h = norm(x, `layer.${i}.ffnNorm`)
    const hidden = geglu(
      linear(h, tensor(`layer.${i}.ffn.gate`), dim),
      linear(h, tensor(`layer.${i}.ffn.up`), dim)
    )
    const ffn = tensor(`layer.${i}.ffn.down`).length / dim
    x = normed(x, linear(hidden, tensor(`layer.${i}.ffn.down`), ffn), `layer.${i}.ffnOutNorm`)
    x = joined(i, x)
  }
  const last = norm(x, 'norm')
  const head = tensor(config.tiedHead ? 'embed' : 'head')
  const logits = Array.from({ length: tokens.length }, (_, t) => {
    const row = linear(last.subarray(t * dim, (t + 1) * dim), head, dim)
    return config.logitCap === undefined ? row : softcap(row, config.logitCap)
  })
  return { logits, perLayer, keys, values }

  function normed(stream: Float64Array, branch: Float64Array, role: string, scalar = 1): Float64Array {
    return normAdd(stream, branch, tensor(role).map(is.normWeight), eps, scalar)
  }

  function inner(i: number): number {
    const { heads, headDim } = attentionOf(config, i)
    return heads * headDim
  }

  function perLayerInputs(embedded: Float64Array): Float64Array {
    const width = config.perLayerDim
    const product = linear(embedded, tensor('perLayer.project'), dim)
    const table = rowsOf(tensor('embed.perLayer'), tokens, layers.length * width)
    const weight = tensor('perLayer.norm').map(is.normWeight)
    const scales = { product: is.productScale(dim), table: is.tableScale(width), eps }
    return perLayerInput(product, table, weight, scales).map(value => (value * is.joined) / Math.SQRT1_2)
  }

  function keep(i: number, kind: LayerKind, n: Float64Array): void {
    const { headDim } = config[kind]
    const k = turned(
      rmsNorm(linear(n, tensor(`layer.${i}.k`), dim), tensor(`layer.${i}.kNorm`).map(is.normWeight), eps),
      kind
    )
    const plain = linear(n, tensor(`layer.${i}.v`), dim)
    const v = is.valueNorm ? rmsNorm(plain, undefined, eps, headDim) : plain
    const { pages } = options
    const held = (rows: Float64Array) =>
      pages && kind === 'full' ? throughPages(rows, headDim, pages) : rows
    keys[i] = held(k)
    values[i] = held(v)
  }

  function attention(i: number, kind: LayerKind, n: Float64Array): Float64Array {
    const shape = config[kind]
    const scale = is.attentionScale(shape.headDim) * Math.sqrt(shape.headDim)
    const normedQ = rmsNorm(
      linear(n, tensor(`layer.${i}.q`), dim),
      tensor(`layer.${i}.qNorm`).map(is.normWeight),
      eps
    )
    // The reference divides by the root of the head size.
    const q = turned(normedQ, kind).map(value => value * scale)
    const donor = is.donor(config, i)
    const [k, v] = [keys[donor]!, values[donor]!]
    if (kind === 'sliding') return windowAttention(q, k, v, config.sliding).out
    return crossAttention(
      q,
      k,
      v,
      shape,
      Array.from({ length: tokens.length }, (_, t) => t)
    ).out
  }

  function turned(rows: Float64Array, kind: LayerKind): Float64Array {
    const { headDim, rope } = config[kind]
    const [half, pairs] = [headDim / 2, rope.turned ?? headDim / 2]
    const width = rows.length / tokens.length
    const out = rows.slice()
    for (let at = 0; at < rows.length; at += headDim) {
      const position = Math.floor(at / width)
      for (let j = 0; j < pairs; j++) {
        const over = rope.turned === undefined ? headDim : is.turnedOver(headDim, rope.turned)
        const angle = position * rope.theta ** ((-2 * j) / over)
        const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
        const [lo, hi] = [rows[at + j]!, rows[at + j + half]!]
        out[at + j] = lo * cos - hi * sin
        out[at + j + half] = hi * cos + lo * sin
      }
    }
    return out
  }

  function joined(i: number, stream: Float64Array): Float64Array {
    const width = config.perLayerDim
    const gateInput = is.gateInput === 'stream' ? stream : rmsNorm(stream, undefined, eps, dim)
    const gate = linear(gateInput, tensor(`layer.${i}.perLayer.gate`), dim)
    const own = Float64Array.from(gate, (_, at) => {
      const [t, j] = [Math.floor(at / width), at % width]
      return perLayer[(t * layers.length + i) * width + j]!
    })
    const branch = linear(geglu(gate, own), tensor(`layer.${i}.perLayer.out`), width)
    const scalar = is.scalar ? tensor(`layer.${i}.scalar`)[0]! : 1
    return normed(stream, branch, `layer.${i}.perLayer.norm`, scalar)
  }
}

function rowsOf(table: Values, ids: ArrayLike<number>, width: number): Float64Array {
  const rows = new Float64Array(ids.length * width)
  for (let t = 0; t < ids.length; t++)
    rows.set(table.subarray(ids[t]! * width, (ids[t]! + 1) * width), t * width)
  return rows
}
