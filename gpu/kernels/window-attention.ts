/**
 * Sliding-window attention of one layer: keys and values of a chunk into the ring, then rows against it in tiles of
 * eight through scores, softmax and values, each a product in the shape of linear-tile. The one row of an answer goes
 * the same way: seven rows in vain cost less than a kernel of its own, which lavapipe compiled for 13 s.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import columnsWgsl from './key-columns.wgsl?raw'
import { tileRows } from './linear'
import ringWgsl from './ring-write.wgsl?raw'
import scoresWgsl from './window-scores.wgsl?raw'
import softmaxWgsl from './window-softmax.wgsl?raw'
import valuesWgsl from './window-values.wgsl?raw'

export interface WindowShape {
  readonly heads: number
  readonly kvHeads: number
  readonly headDim: number
  /** Token t sees t - window + 1 ... t. */
  readonly window: number
  /** Of the scores; 1 / sqrt(head dim) where absent. */
  readonly scale?: number
}

/** The last keys and values of a layer: position p in row p % rows; as many rows as `ringRowsFor` says. */
export interface Ring {
  readonly keys: Tensor
  readonly values: Tensor
}

/** Working memory of a chunk: the keys in columns, the scores of all heads, a factor per row and head. */
export interface WindowScratch {
  readonly columns: GPUBuffer
  readonly scores: GPUBuffer
  readonly inverse: GPUBuffer
}

/** Rows of a ring for chunks of `longest`: a tile's keys begin up to three before its window and may wrap once. */
export const ringRowsFor = (window: number, longest: number): number =>
  window - 1 + Math.max(longest, tileRows + 3)

/** Keys that a tile of eight rows may see, from a multiple of four on. */
const tileKeys = (window: number): number => window + tileRows + 2

/** Bytes of a scratch: fixed, and per row of the longest chunk. */
export function windowScratchBytes({ heads, kvHeads, headDim, window }: WindowShape): {
  fixed: number
  perRow: number
} {
  const kv = kvHeads * up4(headDim)
  return { fixed: kv * (window + 16) * 4, perRow: kv * 4 + heads * (up4(tileKeys(window)) * 4 + 4) }
}

export function windowScratch(device: Device, config: WindowShape, rows: number): WindowScratch {
  const { heads, kvHeads, headDim, window } = config
  const kv = kvHeads * up4(headDim)
  return {
    columns: device.buffer('scratch', 'key columns', kv * (window + rows + 16) * 4),
    scores: device.buffer('scratch', 'window scores', heads * rows * up4(tileKeys(window)) * 4),
    inverse: device.buffer('scratch', 'window inverse', heads * rows * 4)
  }
}

export interface WindowAttention {
  /** Rows of x hold k | v, rotated, from `first` on, by default behind the queries; `start` is the position of the first row. */
  write(batch: Batch, x: Tensor, ring: Ring, start: number, rows: number, first?: number): void
  /**
   * Rows of x begin with the queries, rotated, and have room for rows padded to 8. y: [rows, heads * head dim]. The ring is
   * the layer's own or another's; it holds the keys of these positions.
   */
  attend(
    batch: Batch,
    x: Tensor,
    ring: Ring,
    y: Tensor,
    start: number,
    rows: number,
    scratch: WindowScratch
  ): void
}

export async function windowAttention(device: Device, config: WindowShape): Promise<WindowAttention> {
  const { heads, kvHeads, headDim, window, scale = headDim ** -0.5 } = config
  const head = up4(headDim)
  const [inner, kv] = [heads * head, kvHeads * head]
  const sizes = { HEADS: heads, KV_HEADS: kvHeads, HEAD4: head / 4, KV4: kv / 4 }
  const write = await device.compile({ name: 'ring-write', wgsl: ringWgsl }, { KV4: kv / 4 })
  const tileLanes = device.adapter.software ? 8 : 32
  const columns = await device.compile({ name: 'key-columns', wgsl: columnsWgsl }, { KV4: kv / 4 })
  const scores = await device.compile(
    { name: 'window-scores', wgsl: scoresWgsl },
    { ...sizes, LANES: tileLanes }
  )
  const softmax = await device.compile({ name: 'window-softmax', wgsl: softmaxWgsl }, {})
  const values = await device.compile(
    { name: 'window-values', wgsl: valuesWgsl },
    { ...sizes, LANES: tileLanes }
  )
  const checked = (ring: Ring, rows: number): number => {
    const ringRows = ring.keys.shape[0]
    expectShape('window-attention', 'values', ring.values, ringRows, kv)
    // A ring as long as the text never wraps; otherwise a chunk must not overwrite what its first row still sees.
    if (ringRows < rows)
      throw new Error(`window-attention: a ring of ${ringRows} rows cannot take ${rows} rows at once`)
    return ringRows
  }
  return {
    write(batch, x, ring, start, rows, first = inner) {
      expectRoom('ring-write', x, rows, first + 2 * kv)
      const params = {
        rows,
        first: first / 4,
        stride: x.shape[1] / 4,
        start,
        ring_rows: checked(ring, rows)
      }
      batch.run(write, [x.buffer, ring.keys.buffer, ring.values.buffer], params, [
        Math.ceil(kv / 4 / 64),
        rows
      ])
    },
    attend(batch, x, ring, y, start, rows, scratch) {
      const padded = Math.ceil(rows / tileRows) * tileRows
      expectRoom('window-attention', x, padded, inner)
      expectShape('window-attention', 'y', y, rows, inner)
      const ring_rows = checked(ring, rows)
      if (ring_rows < ringRowsFor(window, 0))
        throw new Error(
          `window-attention: a ring of ${ring_rows} rows, tiles need ${ringRowsFor(window, 0)} for a window of ${window}`
        )
      const q_stride = x.shape[1] / 4
      const base = Math.floor(Math.max(0, start + 1 - window) / 4) * 4
      const slots = Math.ceil((start + padded + 8 - base) / 4)
      const span = Math.ceil(Math.min(tileKeys(window), start + padded) / 4)
      const tiles = padded / tileRows
      batch.run(columns, [ring.keys.buffer, scratch.columns], { base, slots, ring_rows }, [
        Math.ceil(slots / 64),
        kv / 4
      ])
      batch.run(
        scores,
        [x.buffer, scratch.columns, scratch.scores],
        { rows: padded, start, base, slots, span, q_stride, window, scale },
        [Math.ceil(span / tileLanes), tiles, heads]
      )
      const lines = heads * padded
      batch.run(softmax, [scratch.scores, scratch.inverse], { lines, span }, [Math.ceil(lines / 64)])
      batch.run(
        values,
        [scratch.scores, scratch.inverse, ring.values.buffer, y.buffer],
        { rows, padded, start, span, window, ring_rows },
        [Math.ceil(head / 4 / tileLanes), tiles, heads]
      )
    }
  }
}

/** Rows of x are at least as long as what is read of them. */
function expectRoom(who: string, x: Tensor, rows: number, width: number): void {
  if (x.shape[0] < rows || x.shape[1] < width)
    throw new Error(
      `${who}: rows (${x.name}) are [${x.shape.join(', ')}], expected at least [${rows}, ${width}]`
    )
}
