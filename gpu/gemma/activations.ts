/**
 * The working memory of one pass, allocated once: a buffer per step of the formulas, with room for the longest chunk while
 * reading and for a few rows while answering, whose layers may be twice as wide. Nothing here outlives its chunk.
 * All of it is f32: the stream, what feed-forwards hold inside and what norms take exceed halves.
 */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { tileRows } from '../kernels/linear'
import { type CodeRows, codeRows, codeRowsBytes } from '../kernels/static-linear'
import { type TileScratch, tileScratch, tileScratchBytes } from '../kernels/page-attention-tile'
import { type WindowScratch, windowScratch, windowScratchBytes } from '../kernels/window-attention'
import {
  type AttentionShape,
  ffnWidth,
  type GemmaConfig,
  kvWidth,
  type LayerKind,
  queryWidth
} from './config'

export interface Activations {
  /** Rows that every buffer has room for; a multiple of 8. */
  readonly rows: number
  readonly x: Tensor
  readonly normed: Tensor
  readonly delta: Tensor
  /** q | k | v by kind of layer, since heads differ in size; both kinds, and parts of them alone, lie in the same memory. */
  readonly qkv: Readonly<Record<LayerKind, Tensor>>
  readonly q: Readonly<Record<LayerKind, Tensor>>
  readonly kv: Readonly<Record<LayerKind, Tensor>>
  readonly mixed: Readonly<Record<LayerKind, Tensor>>
  /** gate | up, and their product, of a width of the feed-forward. */
  ffnInput(width: number): Tensor
  ffn(width: number): Tensor
  /** What layers get of every token beside the stream: [rows, layers * width]. */
  readonly perLayer: Tensor
  /** Rows of the table, before they are joined with `perLayer`. */
  readonly tokenRows: Tensor
  readonly perLayerGate: Tensor
  readonly perLayerGated: Tensor
  /** Codes of what static products take; with no room where the model has none of them. */
  readonly codes: CodeRows
  readonly window: WindowScratch
  readonly tiles: TileScratch
}

/** Layers that run whole in a pass: those below the last owner while reading, those from it on while answering. */
export type Pass = 'reading' | 'answering'

export const layersOf = ({ layers, own }: GemmaConfig, pass: Pass): readonly [from: number, to: number] =>
  pass === 'reading' ? [0, own - 1] : [own - 1, layers.length]

function widths(config: GemmaConfig, pass: Pass) {
  const [from, to] = layersOf(config, pass)
  const { sliding, full, perLayerDim } = config
  const dim = up4(config.dim)
  const ffn = Math.max(4, ...Array.from({ length: to - from }, (_, i) => up4(ffnWidth(config, from + i))))
  const perLayer = (to - from) * perLayerDim
  const keptWidth = (shape: AttentionShape): number => (pass === 'reading' ? 2 * kvWidth(shape) : 0)
  const widest = (widthOf: (shape: AttentionShape) => number): number =>
    Math.max(widthOf(sliding), widthOf(full))
  return {
    x: dim,
    normed: dim,
    delta: dim,
    heads: widest(shape => queryWidth(shape) + keptWidth(shape)),
    mixed: widest(queryWidth),
    ffnInput: 2 * ffn,
    ffn,
    perLayer,
    tokenRows: perLayer,
    perLayerGate: perLayerDim,
    perLayerGated: perLayerDim
  }
}

const widestInput = ({ x, mixed, ffn, perLayerGated }: ReturnType<typeof widths>): number =>
  Math.max(x, mixed, ffn, perLayerGated)

/** The longest chunk whose working memory stays within 40 MiB, at most 1024 rows: E2B takes 240 KB a row, a quarter of it scores. */
export function longestChunk(config: GemmaConfig): number {
  const sizes = widths(config, 'reading')
  const codes = config.quantisation ? codeRowsBytes(tileRows, widestInput(sizes)) / tileRows : 0
  const values = Object.values(sizes).reduce((a, b) => a + b, 0) * 4 + codes
  const window = windowScratchBytes(config.sliding)
  const perRow = values + window.perRow + tileScratchBytes(config.full.heads)
  const rows = Math.floor(((40 << 20) - window.fixed) / perRow / tileRows) * tileRows
  return Math.max(tileRows, Math.min(1024, rows))
}

export function allocateActivations(
  device: Device,
  config: GemmaConfig,
  pass: Pass,
  longest: number
): Activations {
  const rows = Math.ceil(longest / tileRows) * tileRows
  const { sliding, full } = config
  const sizes = widths(config, pass)
  const buffers = Object.fromEntries(
    Object.entries(sizes).map(([name, width]) => [name, device.buffer('scratch', name, rows * width * 4)])
  ) as Record<keyof typeof sizes, GPUBuffer>
  const tensor = (name: keyof typeof sizes, width = sizes[name]): Tensor => ({
    name,
    buffer: buffers[name],
    shape: [rows, width]
  })
  const byKind = (name: keyof typeof sizes, widthOf: (shape: AttentionShape) => number) => ({
    sliding: tensor(name, widthOf(sliding)),
    full: tensor(name, widthOf(full))
  })
  return {
    rows,
    x: tensor('x'),
    normed: tensor('normed'),
    delta: tensor('delta'),
    qkv: byKind('heads', shape => queryWidth(shape) + 2 * kvWidth(shape)),
    q: byKind('heads', queryWidth),
    kv: byKind('heads', shape => 2 * kvWidth(shape)),
    mixed: byKind('mixed', queryWidth),
    ffnInput: width => tensor('ffnInput', 2 * width),
    ffn: width => tensor('ffn', width),
    perLayer: tensor('perLayer'),
    tokenRows: tensor('tokenRows'),
    perLayerGate: tensor('perLayerGate'),
    perLayerGated: tensor('perLayerGated'),
    codes: codeRows(device, config.quantisation ? rows : 0, widestInput(sizes)),
    window: windowScratch(device, sliding, rows),
    tiles: tileScratch(device, full.heads, rows)
  }
}
