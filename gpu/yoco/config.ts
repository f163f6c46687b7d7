/**
 * The sizes of a YOCO model, whichever file layout they came from. Every derived size is computed here.
 * Source: arXiv 2405.05254 section 2; `YOCOArgs` of microsoft/unilm YOCO/yoco/models/decoder/yoco.py;
 * `configuration_yoco.py` of fla-org/flash-linear-attention.
 */
import type { KvShape } from '../kernels/page-layout'
import type { RetentionShape } from '../kernels/retention'
import type { Rope } from '../kernels/rope'
import type { WindowShape } from '../kernels/window-attention'
import type { ModelShape } from '../model/family'

export interface RetentionConfig extends RetentionShape {
  readonly kind: 'gated-retention'
  readonly rope: Rope
  readonly bias: boolean
}

export interface WindowConfig extends WindowShape {
  readonly kind: 'window'
  readonly rope: Rope
  readonly bias: boolean
}

export interface CrossConfig extends KvShape {
  readonly heads: number
  readonly rope: Rope
  /** Queries pass a weighted RMSNorm per head before the rotation (FLA `qk_norm`). */
  readonly queryNorm: boolean
  readonly bias: boolean
}

export interface ModelConfig extends ModelShape {
  readonly layout: 'official' | 'fla'
  readonly ffnDim: number
  readonly normEps: number
  readonly selfLayers: number
  readonly crossLayers: number
  readonly self: RetentionConfig | WindowConfig
  readonly cross: CrossConfig
  /** The output projection is the embedding table. Without it the files of an official model still decide, by holding none. */
  readonly tiedHead: boolean
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
