/** The working memory of one pass, allocated once, with room for the longest chunk. Nothing here outlives its chunk. */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { tileRows } from '../kernels/linear'
import { type TileScratch, tileScratch, tileScratchBytes } from '../kernels/page-attention-tile'
import { inverseFrequencies, rotationTable } from '../kernels/rope'
import { type WindowScratch, windowScratch, windowScratchBytes } from '../kernels/window-attention'
import { kvWidth, openedLayers, type OpenWindowConfig, queryWidth } from './config'

export interface Activations {
  /** Rows that every buffer has room for; a multiple of 8. */
  readonly rows: number
  readonly x: Tensor
  readonly normed: Tensor
  /** q | k | v. */
  readonly mix: Tensor
  readonly inner: Tensor
  readonly delta: Tensor
  readonly ffnInput: Tensor
  readonly ffn: Tensor
  /** Of a layer's open heads, each of the width that they take: queries, keys | values, what they found. */
  openQ(width: number): Tensor
  openKv(width: number): Tensor
  openOut(width: number): Tensor
  readonly tokens: GPUBuffer
  readonly table: GPUBuffer
  /** The rotation of the one distance, for every row. */
  readonly farTable: GPUBuffer
  readonly window: WindowScratch
  readonly tiles: TileScratch
}

/** K/V heads of the layer that has most of them open. */
const mostOpened = (config: OpenWindowConfig): number =>
  Math.max(...[...openedLayers(config).values()].map(({ kvHeads }) => kvHeads.length))

const openQueries = (config: OpenWindowConfig): number =>
  (mostOpened(config) * config.attention.heads) / config.attention.kvHeads

function widths(config: OpenWindowConfig) {
  const [dim, ffn, head] = [up4(config.dim), up4(config.ffnDim), up4(config.attention.headDim)]
  return {
    x: dim,
    normed: dim,
    mix: queryWidth(config) + 2 * kvWidth(config),
    inner: queryWidth(config),
    delta: dim,
    ffnInput: 2 * ffn,
    ffn,
    openQ: openQueries(config) * head,
    openKv: 2 * mostOpened(config) * head,
    openOut: openQueries(config) * head
  }
}

/** The longest chunk whose working memory stays within 32 MiB, at most 1024 rows. */
export function longestChunk(config: OpenWindowConfig): number {
  const values = Object.values(widths(config)).reduce((a, b) => a + b, 0) * 4
  const window = windowScratchBytes(config.attention)
  const perRow = values + window.perRow + tileScratchBytes(openQueries(config))
  const rows = Math.floor(((32 << 20) - window.fixed) / perRow / tileRows) * tileRows
  return Math.max(tileRows, Math.min(1024, rows))
}

export function allocateActivations(device: Device, config: OpenWindowConfig, longest: number): Activations {
  const rows = Math.ceil(longest / tileRows) * tileRows
  const { headDim, rope } = config.attention
  const sizes = widths(config)
  const names = Object.keys(sizes) as (keyof typeof sizes)[]
  const buffers = Object.fromEntries(
    names.map(name => [name, device.buffer('scratch', name, rows * sizes[name] * 4)])
  ) as Record<keyof typeof sizes, GPUBuffer>
  const tensor = (name: keyof typeof sizes, width = sizes[name]): Tensor => ({
    name,
    buffer: buffers[name],
    shape: [rows, width]
  })
  const table = (name: string) => device.buffer('scratch', name, rows * headDim * 4)
  const farTable = table('far rotation')
  const far = rotationTable(inverseFrequencies(rope, headDim), config.distance, 1)
  for (let row = 0; row < rows; row++) device.raw.queue.writeBuffer(farTable, row * far.byteLength, far)
  return {
    rows,
    x: tensor('x'),
    normed: tensor('normed'),
    mix: tensor('mix'),
    inner: tensor('inner'),
    delta: tensor('delta'),
    ffnInput: tensor('ffnInput'),
    ffn: tensor('ffn'),
    openQ: width => tensor('openQ', width),
    openKv: width => tensor('openKv', width),
    openOut: width => tensor('openOut', width),
    tokens: device.buffer('scratch', 'tokens', rows * 4),
    table: table('rotation'),
    farTable,
    window: windowScratch(device, config.attention, rows),
    tiles: tileScratch(device, openQueries(config), rows)
  }
}
