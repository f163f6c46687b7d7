/**
 * YOCO in float64, by its definition: all layers on all tokens in one pass, no early exit, no chunks, no cache.
 * Source: arXiv 2405.05254 section 2; where the paper is silent, the official module's mathematics.
 */
import type { PageKind } from '../kernels/page-format'
import type { ModelConfig } from '../yoco/config'
import {
  add,
  applyRope,
  embed,
  headNormGate,
  linear,
  rmsNorm,
  ropeTable,
  swiglu,
  type Values
} from './reference'
import { crossAttention, windowAttention } from './reference-attention'
import { logDecay, parallelRetention } from './reference-retention'
import { throughPages } from './row-codes'

/** FLA builds the query norm with its class's default, whatever the configuration's norm_eps says. */
export const queryNormEps = 1e-5

/** A role such as `self.0.q` or `cross.1.ffn.gate`; throws where the model has no such tensor. */
export type TensorOf = (role: string) => Float64Array

export interface ReferenceOptions {
  /** Rounds the shared keys and values as a page of that precision holds them; exact where absent. */
  readonly roundKv?: PageKind
  /** The query at position p times 1 + scale ln(1 + floor((p + 1) / floorScale)). */
  readonly attentionTemperature?: { readonly floorScale: number; readonly scale: number }
}

/**
 * Intermediate results by name, rows of all tokens: `embed`; `self.{i}.mixer` (before the residual is added) and
 * `self.{i}` (the layer's output); for retention `self.{i}.a`, the log-decays, and `self.{i}.state` after the last token; `k` (rotated) and `v` as
 * the cache holds them; `cross.{j}.mixer`, `cross.{j}`; `norm`; `mass` [T, T], the attention that each token gave
 * to each position, summed over the cross-decoder's layers and heads.
 */
export type Activations = Map<string, Float64Array>

export class ReferenceModel {
  protected readonly tensors = new Map<string, Float64Array>()

  constructor(
    readonly config: ModelConfig,
    private readonly tensorOf: TensorOf,
    readonly options: ReferenceOptions = {}
  ) {}

  /** Logits at every position. */
  logits(tokens: ArrayLike<number>): Float64Array[] {
    return this.headRows(this.run(tokens).get('norm')!)
  }

  run(tokens: ArrayLike<number>): Activations {
    const { config } = this
    const seen: Activations = new Map()
    const positions = Array.from({ length: tokens.length }, (_, t) => t)
    let x = embed(tokens, this.tensor('embed'), config.dim)
    seen.set('embed', x)
    for (let i = 0; i < config.selfLayers; i++) {
      const mixed = this.selfMixer(i, this.norm(x, `self.${i}.norm1`), positions, seen)
      seen.set(`self.${i}.mixer`, mixed)
      x = this.withFfn(add(x, mixed), `self.${i}`)
      seen.set(`self.${i}`, x)
    }
    const { k, v } = this.sharedKv(x, positions)
    seen.set('k', k).set('v', v)
    const mass = new Float64Array(tokens.length ** 2)
    for (let j = 0; j < config.crossLayers; j++) {
      const attention = this.crossMixer(j, this.norm(x, `cross.${j}.norm1`), k, v, positions)
      attention.mass.forEach((m, at) => (mass[at]! += m))
      seen.set(`cross.${j}.mixer`, attention.out)
      x = this.withFfn(add(x, attention.out), `cross.${j}`)
      seen.set(`cross.${j}`, x)
    }
    return seen.set('norm', this.norm(x, 'norm')).set('mass', mass)
  }

  private selfMixer(i: number, h: Values, positions: number[], seen: Activations): Float64Array {
    const { self } = this.config
    const { q, k, v } = this.selfProjections(i, h, positions)
    if (self.kind === 'window') return this.project(`self.${i}.out`, windowAttention(q, k, v, self).out)
    const a = logDecay(this.project(`self.${i}.gateLogit`, h), self.gateNormalizer)
    const { out, state } = parallelRetention({ q, k, v, a, heads: self.heads, headDim: self.headDim })
    seen.set(`self.${i}.a`, a).set(`self.${i}.state`, state)
    return this.gatedOutput(i, h, out)
  }

  protected selfProjections(i: number, h: Values, positions: number[]) {
    const { rope, headDim } = this.config.self
    const table = ropeTable(rope, headDim, positions)
    return {
      q: applyRope(this.project(`self.${i}.q`, h, this.config.self.bias), table, headDim, rope.pairs),
      k: applyRope(this.project(`self.${i}.k`, h, this.config.self.bias), table, headDim, rope.pairs),
      v: this.project(`self.${i}.v`, h, this.config.self.bias)
    }
  }

  /** The end of a retention mixer: norm per head, gate, output projection. */
  protected gatedOutput(i: number, h: Values, out: Values): Float64Array {
    const { self, normEps } = this.config
    return this.project(
      `self.${i}.out`,
      headNormGate(out, this.project(`self.${i}.g`, h), self.headDim, normEps)
    )
  }

  protected sharedKv(x: Values, positions: number[]) {
    const { headDim, rope, bias } = this.config.cross
    const n = this.norm(x, 'kv.norm')
    const table = ropeTable(rope, headDim, positions)
    const { roundKv } = this.options
    const kept = (rows: Float64Array) => (roundKv === undefined ? rows : throughPages(rows, headDim, roundKv))
    return {
      k: kept(applyRope(this.project('kv.k', n, bias), table, headDim, rope.pairs)),
      v: kept(this.project('kv.v', n, bias))
    }
  }

  protected crossMixer(j: number, h: Values, k: Values, v: Values, positions: number[]) {
    const { cross } = this.config
    let q = this.project(`cross.${j}.q`, h, cross.bias)
    if (cross.queryNorm) q = rmsNorm(q, this.tensor(`cross.${j}.qNorm`), queryNormEps)
    q = applyRope(q, ropeTable(cross.rope, cross.headDim, positions), cross.headDim, cross.rope.pairs)
    const { attentionTemperature: t } = this.options
    const width = cross.heads * cross.headDim
    const warmed = (value: number, i: number): number =>
      t
        ? value *
          (1 + t.scale * Math.log(1 + Math.floor((positions[Math.floor(i / width)]! + 1) / t.floorScale)))
        : value
    const { out, mass } = crossAttention(q.map(warmed), k, v, cross, positions)
    return { out: this.project(`cross.${j}.out`, out), mass }
  }

  protected withFfn(x: Float64Array, layer: string): Float64Array {
    const h = this.norm(x, `${layer}.norm2`)
    const inner = swiglu(this.project(`${layer}.ffn.gate`, h), this.project(`${layer}.ffn.up`, h))
    return add(x, this.project(`${layer}.ffn.down`, inner))
  }

  protected headRows(rows: Float64Array): Float64Array[] {
    const { dim, vocabSize, tiedHead } = this.config
    const table = this.tensor(tiedHead ? 'embed' : 'head')
    return Array.from({ length: rows.length / dim }, (_, t) =>
      linear(rows.subarray(t * dim, (t + 1) * dim), table.subarray(0, vocabSize * dim), dim)
    )
  }

  protected norm(x: Values, role: string): Float64Array {
    return rmsNorm(x, this.tensor(role), this.config.normEps)
  }

  protected project(role: string, x: Values, bias = false): Float64Array {
    return linear(x, this.tensor(role), this.inputs(role), bias ? this.tensor(`${role}.bias`) : undefined)
  }

  /** Width of the rows that a matrix multiplies: every one reads the residual stream but these. */
  private inputs(role: string): number {
    const { dim, ffnDim, self, cross } = this.config
    if (role.endsWith('.ffn.down')) return ffnDim
    if (role.startsWith('self.') && role.endsWith('.out')) return self.heads * self.headDim
    if (role.startsWith('cross.') && role.endsWith('.out')) return cross.heads * cross.headDim
    return dim
  }

  protected tensor(role: string): Float64Array {
    const known = this.tensors.get(role) ?? this.tensorOf(role)
    this.tensors.set(role, known)
    return known
  }
}
