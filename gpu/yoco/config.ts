/**
 * The sizes of a YOCO model, whichever file layout they came from. Every derived size is computed here.
 * Source: arXiv 2405.05254 section 2; `YOCOArgs` of microsoft/unilm YOCO/yoco/models/decoder/yoco.py;
 * `configuration_yoco.py` of fla-org/flash-linear-attention.
 */

/** Rotary position embedding: angle of pair i at position p = p * inverse frequency i. */
export interface Rope {
  readonly theta: number
  /** `yoco`: theta^-(i/(D/2-1)), the last being exactly 1/theta. `llama`: theta^-(2i/D). */
  readonly exponents: 'yoco' | 'llama'
  /** `interleaved` rotates (2i, 2i+1); `half` rotates (i, i+D/2). */
  readonly pairs: 'interleaved' | 'half'
}

export interface RetentionConfig {
  readonly kind: 'gated-retention'
  readonly heads: number
  readonly headDim: number
  readonly rope: Rope
  /** The log-gate is logsigmoid(r) / gateNormalizer; 16 in the official code. */
  readonly gateNormalizer: number
  readonly bias: boolean
}

export interface WindowConfig {
  readonly kind: 'window'
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly rope: Rope
  /** Token t sees t - window + 1 ... t. */
  readonly window: number
  readonly bias: boolean
}

export interface CrossConfig {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  readonly rope: Rope
  /** Queries pass a weighted RMSNorm per head before the rotation (FLA `qk_norm`). */
  readonly queryNorm: boolean
  readonly bias: boolean
}

export interface ModelConfig {
  readonly layout: 'official' | 'fla'
  readonly vocabSize: number
  readonly dim: number
  readonly ffnDim: number
  readonly normEps: number
  readonly selfLayers: number
  readonly crossLayers: number
  readonly self: RetentionConfig | WindowConfig
  readonly cross: CrossConfig
  /** The output projection is the embedding table. */
  readonly tiedHead: boolean
  /** Tokens of context that the model was trained for, where its files say so. */
  readonly trainedLength: number | undefined
}

/** Width of the self-decoder's queries (and of its values and gates in gated retention). */
export const selfWidth = (config: ModelConfig) => config.self.heads * config.self.headDim

/** Width of the self-decoder's keys and values. */
export function selfKvWidth({ self }: ModelConfig): number {
  return (self.kind === 'window' ? self.kvHeads : self.heads) * self.headDim
}

/** Width of the cross-decoder's queries. */
export const crossWidth = (config: ModelConfig) => config.cross.heads * config.cross.headDim

/** Width of one row of the shared keys, and of the shared values. */
export const sharedKvWidth = (config: ModelConfig) => config.cross.kvHeads * config.cross.headDim

/** Radians per position of each rotated pair, headDim/2 of them, in double precision. */
export function inverseFrequencies(rope: Rope, headDim: number): Float64Array {
  const pairs = headDim / 2
  // A single pair has the exponent 0 in either convention: linspace(0, 1, 1) is [0], not 0/0.
  const last = rope.exponents === 'yoco' ? Math.max(1, pairs - 1) : pairs
  return Float64Array.from({ length: pairs }, (_, pair) => rope.theta ** -(pair / last))
}
