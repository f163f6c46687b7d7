/**
 * The sizes of a Gemma 4 text model whose upper layers own no keys and values (E2B, E4B), whichever layout they came from.
 * Every derived size is computed here. Sources: `configuration_gemma4.py` and `modular_gemma4.py` of huggingface/transformers;
 * google-deepmind/gemma, gemma/gm/nn/gemma4.
 */
import type { KvShape } from '../kernels/page-layout'
import type { Rope } from '../kernels/rope'
import type { ModelShape } from '../model/family'
import type { FloatType } from '../weights/tensor-location'
import type { Quantisation } from './quantisation'

export type LayerKind = 'sliding' | 'full'

export interface AttentionShape extends KvShape {
  readonly heads: number
  readonly rope: Rope
}

export interface GemmaConfig extends ModelShape {
  /** Of every layer, from the lowest on. */
  readonly layers: readonly LayerKind[]
  /** Layers 0 ... own - 1 have keys and values of their own; those above look at the last owner's of their kind. */
  readonly own: number
  readonly sliding: AttentionShape & {
    /** Token t sees t - window + 1 ... t. */
    readonly window: number
  }
  readonly full: AttentionShape
  /** Of the layers that own keys and values, and of those that do not. */
  readonly ffnDim: number
  readonly sharedFfnDim: number
  /** Width of what every layer gets of each token beside the stream. */
  readonly perLayerDim: number
  readonly normEps: number
  /** Logits are cap * tanh(logits / cap); undefined: as they are. */
  readonly logitCap: number | undefined
  /** The output projection is the embedding table. */
  readonly tiedHead: boolean
  /** What the weights were before they became codes, where the file says so: its rounding of the embedding's scale stays. */
  readonly floatType: FloatType | undefined
  /** Of Google's mobile checkpoints: matrices are codes and activations lie on fixed grids. */
  readonly quantisation?: Quantisation
}

export const attentionOf = (config: GemmaConfig, layer: number): AttentionShape =>
  config.layers[layer] === 'full' ? config.full : config.sliding

export const queryWidth = ({ heads, headDim }: AttentionShape): number => heads * headDim
export const kvWidth = ({ kvHeads, headDim }: AttentionShape): number => kvHeads * headDim

export const ffnWidth = (config: GemmaConfig, layer: number): number =>
  layer < config.own ? config.ffnDim : config.sharedFfnDim

/** The layer whose keys and values a layer looks at: its own, or those of the last owner of its kind. */
export const donorOf = ({ layers, own }: GemmaConfig, layer: number): number =>
  layer < own ? layer : layers.slice(0, own).lastIndexOf(layers[layer])

/** Of the layers that own keys and values, those of this kind, from the lowest on. */
export const ownersOf = ({ layers, own }: GemmaConfig, kind: LayerKind): number[] =>
  layers.slice(0, own).flatMap((each, layer) => (each === kind ? [layer] : []))
