/**
 * The sizes of a decoder of Llama's layout that reads through a window and answers with some of its windows open: heads that see
 * all that was read. training/open_window.py is the same model on PyTorch and says why.
 */
import { up4 } from '../device/tensor'
import type { Rope } from '../kernels/rope'
import type { WindowShape } from '../kernels/window-attention'
import type { ModelShape } from '../model/family'

export interface OpenWindowConfig extends ModelShape {
  readonly layers: number
  readonly ffnDim: number
  readonly normEps: number
  readonly attention: WindowShape & { readonly rope: Rope }
  /** Of every layer its K/V heads that see the whole text while answering, in order. */
  readonly opened: readonly (readonly number[])[]
  /** How far away, in tokens, everything is to them. */
  readonly distance: number
  /** A layer whose open heads find what a question is about: its tokens are looked up there before anything is answered. */
  readonly findingLayer?: number
  readonly tiedHead: boolean
}

/** A layer's open heads: which set of keys and values of a page is theirs. */
export interface Opened {
  readonly set: number
  readonly kvHeads: readonly number[]
}

/** Layers with open heads, by layer; pages keep a set for each. */
export function openedLayers({ opened }: OpenWindowConfig): ReadonlyMap<number, Opened> {
  const layers = opened.flatMap((kvHeads, layer) => (kvHeads.length > 0 ? [{ layer, kvHeads }] : []))
  return new Map(layers.map(({ layer, kvHeads }, set) => [layer, { set, kvHeads }]))
}

/** Values of a row's queries and of its keys or values, heads padded to 4. */
export const queryWidth = ({ attention: { heads, headDim } }: OpenWindowConfig): number =>
  heads * up4(headDim)
export const kvWidth = ({ attention: { kvHeads, headDim } }: OpenWindowConfig): number =>
  kvHeads * up4(headDim)
