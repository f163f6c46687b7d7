/**
 * The same model read in chunks with early exit, as the engine reads: a carry per self-decoder layer, shared
 * rows that only grow, and the cross-decoder for the last token alone. Exists to prove in float64 that none of
 * this changes the answer, and to decode long texts token by token without a full pass each time.
 */
import { add, embed } from './reference'
import { windowAttention } from './reference-attention'
import { ReferenceModel } from './reference-model'
import { chunkwiseRetention, logDecay, recurrentRetention } from './reference-retention'

interface Carry {
  /** Last window - 1 rows of rotated keys and of values. */
  k: Float64Array
  v: Float64Array
  /** Retention state, empty before the first token. */
  state: Float64Array
}

function concat(a: Float64Array, b: Float64Array): Float64Array {
  const out = new Float64Array(a.length + b.length)
  out.set(a)
  out.set(b, a.length)
  return out
}

export class ReferenceReading extends ReferenceModel {
  private position = 0
  private k: Float64Array = new Float64Array(0)
  private v: Float64Array = new Float64Array(0)
  private last: Float64Array = new Float64Array(0)
  private carries = this.freshCarries()

  /** Appends a chunk; the cross-decoder does not run. */
  read(tokens: ArrayLike<number>): void {
    const positions = Array.from({ length: tokens.length }, (_, t) => this.position + t)
    let x = embed(tokens, this.tensor('embed'), this.config.dim)
    for (let i = 0; i < this.config.selfLayers; i++) x = this.withFfn(this.mix(i, x, positions), `self.${i}`)
    const { k, v } = this.sharedKv(x, positions)
    this.k = concat(this.k, k)
    this.v = concat(this.v, v)
    this.last = x.slice(-this.config.dim)
    this.position += tokens.length
  }

  /** The self-decoder goes on as at the beginning of a text; shared rows and positions stay. */
  startFresh(): void {
    this.carries = this.freshCarries()
  }

  /** Logits of the last token read. */
  lastLogits(): Float64Array {
    let x = this.last
    for (let j = 0; j < this.config.crossLayers; j++) {
      const h = this.norm(x, `cross.${j}.norm1`)
      const attention = this.crossMixer(j, h, this.k, this.v, [this.position - 1])
      x = this.withFfn(add(x, attention.out), `cross.${j}`)
    }
    return this.headRows(this.norm(x, 'norm'))[0]!
  }

  /** The likeliest token, `count` times, each read before the next is chosen. */
  greedy(count: number): number[] {
    return Array.from({ length: count }, () => {
      const logits = this.lastLogits()
      const token = logits.reduce((best, x, id) => (x > logits[best]! ? id : best), 0)
      this.read([token])
      return token
    })
  }

  private freshCarries(): Carry[] {
    return Array.from({ length: this.config.selfLayers }, () => ({
      k: new Float64Array(0),
      v: new Float64Array(0),
      state: new Float64Array(0)
    }))
  }

  private mix(i: number, x: Float64Array, positions: number[]): Float64Array {
    const { self } = this.config
    const carry = this.carries[i]!
    const h = this.norm(x, `self.${i}.norm1`)
    const { q, k, v } = this.selfProjections(i, h, positions)
    if (self.kind === 'window') {
      const keys = concat(carry.k, k)
      const values = concat(carry.v, v)
      const kept = (self.window - 1) * self.kvHeads * self.headDim
      carry.k = keys.slice(Math.max(0, keys.length - kept))
      carry.v = values.slice(Math.max(0, values.length - kept))
      return add(x, this.project(`self.${i}.out`, windowAttention(q, keys, values, self).out))
    }
    const a = logDecay(this.project(`self.${i}.gateLogit`, h), self.gateNormalizer)
    const input = { q, k, v, a, heads: self.heads, headDim: self.headDim }
    const state = carry.state.length > 0 ? carry.state : undefined
    const result =
      positions.length === 1
        ? recurrentRetention({ ...input, state })
        : chunkwiseRetention({ ...input, state }, 16)
    carry.state = result.state
    return add(x, this.gatedOutput(i, h, result.out))
  }
}
