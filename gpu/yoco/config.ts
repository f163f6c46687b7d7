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
