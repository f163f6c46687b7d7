/**
 * Sliding-window attention of one layer: rows against the ring that holds their keys and values, in tiles of eight through
 * scores, softmax and values, each a product in the shape of linear-tile. The one row of an answer goes the same way: seven
 * rows in vain cost less than a kernel of its own, which lavapipe compiled for 13 s.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectRoom, expectShape, type Tensor, up4 } from '../device/tensor'
import columnsWgsl from './key-columns.wgsl?raw'
import { tileRows } from './linear'
import { expectOutput, inForms, outputOf, type RowForm, type RowOutput } from './row-output'
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
  /** What may be written; f32 where absent. */
  readonly forms?: readonly RowForm[]
  /** The first token of a text is hidden, and every head has a score and values that stand for it in every window. */
  readonly sinks?: boolean
}

/** f32: a score per head, values per K/V head as a ring's row has them. */
export interface Sinks {
  readonly scores: GPUBuffer
  readonly values: GPUBuffer
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

/** Of a row and head: 1 / their sum, and the sink's power. */
const factorBytes = (sinks?: boolean): number => (sinks ? 8 : 4)

/** Bytes of a scratch: fixed, and per row of the longest chunk. */
export function windowScratchBytes({ heads, kvHeads, headDim, window, sinks }: WindowShape): {
  fixed: number
  perRow: number
} {
  const kv = kvHeads * up4(headDim)
  return {
    fixed: kv * (window + 16) * 4,
    perRow: kv * 4 + heads * (up4(tileKeys(window)) * 4 + factorBytes(sinks))
  }
}

export function windowScratch(device: Device, config: WindowShape, rows: number): WindowScratch {
  const { heads, kvHeads, headDim, window, sinks } = config
  const kv = kvHeads * up4(headDim)
  return {
    columns: device.buffer('scratch', 'key columns', kv * (window + rows + 16) * 4),
    scores: device.buffer('scratch', 'window scores', heads * rows * up4(tileKeys(window)) * 4),
    inverse: device.buffer('scratch', 'window inverse', heads * rows * factorBytes(sinks))
  }
}

/** Queries of rows at positions start, start + 1, ... of a text; their keys and values are in the ring. */
interface WindowQueries {
  /** The layer's own or another's. */
  readonly ring: Ring
  readonly start: number
  readonly rows: number
  /** Rows begin with the queries, rotated; with room for rows padded to 8. */
  readonly q: Tensor
  /** [rows, heads * head dim]. */
  readonly y: Tensor | RowOutput
  readonly scratch: WindowScratch
  /** The layer's, where the shape has some. */
  readonly sinks?: Sinks
  /** The ring begins behind a fresh start, and not with the token that sinks stand for. */
  readonly isFresh?: boolean
}

export type AttendWindow = (batch: Batch, queries: WindowQueries) => void

export async function windowAttention(device: Device, shape: WindowShape): Promise<AttendWindow> {
  const { heads, kvHeads, headDim, window, scale = headDim ** -0.5, forms = ['floats'] } = shape
  const { sinks: has = false } = shape
  const head = up4(headDim)
  const [inner, kv] = [heads * head, kvHeads * head]
  const lanes = device.adapter.software ? 8 : 32
  const SINKS = `const SINKS = ${has};`
  const sizes = { HEADS: heads, KV_HEADS: kvHeads, HEAD4: head / 4, KV4: kv / 4, LANES: lanes, SINKS }
  const columns = await device.compile({ name: 'key-columns', wgsl: columnsWgsl }, { KV4: kv / 4 })
  const scores = await device.compile({ name: 'window-scores', wgsl: scoresWgsl }, sizes)
  const softmax = await device.compile({ name: 'window-softmax', wgsl: softmaxWgsl }, { SINKS })
  const values = await inForms(forms, ROW =>
    device.compile({ name: 'window-values', wgsl: valuesWgsl }, { ...sizes, ROW })
  )
  return (batch, { q, ring, y, start, rows, scratch, sinks, isFresh }) => {
    if (has !== (sinks !== undefined)) throw new Error('window-attention: sinks are of the shape or are not')
    const [padded, out] = [Math.ceil(rows / tileRows) * tileRows, outputOf(y)]
    expectRoom('window-attention', 'q', q, padded, inner)
    expectOutput('window-attention', out, rows, inner)
    const ring_rows = ringRows(ring, rows, kv)
    if (ring_rows < ringRowsFor(window, 0))
      throw new Error(
        `window-attention: a ring of ${ring_rows} rows, tiles need ${ringRowsFor(window, 0)} for a window of ${window}`
      )
    const base = Math.floor(Math.max(0, start + 1 - window) / 4) * 4
    const slots = Math.ceil((start + padded + 8 - base) / 4)
    const span = Math.ceil(Math.min(tileKeys(window), start + padded) / 4)
    const [tiles, lines] = [padded / tileRows, heads * padded]
    const first_key = has && !isFresh ? 1 : 0
    batch.run(columns, [ring.keys.buffer, scratch.columns], { base, slots, ring_rows }, [
      Math.ceil(slots / 64),
      kv / 4
    ])
    batch.run(
      scores,
      [q.buffer, scratch.columns, scratch.scores],
      { rows: padded, start, base, slots, span, q_stride: q.shape[1] / 4, window, first_key, scale },
      [Math.ceil(span / lanes), tiles, heads]
    )
    // What is not read must be bound all the same.
    const { scores: sinkScores, values: sinkValues } = sinks ?? {
      scores: scratch.columns,
      values: ring.keys.buffer
    }
    batch.run(softmax, [scratch.scores, scratch.inverse, sinkScores], { lines, span, padded }, [
      Math.ceil(lines / 64)
    ])
    batch.run(
      values(out),
      [scratch.scores, scratch.inverse, ring.values.buffer, out.buffer, sinkValues],
      { rows, padded, start, span, window, ring_rows, out_stride: out.stride, inverse: out.inverse },
      [Math.ceil(head / 4 / lanes), tiles, heads]
    )
  }
}

/** Rows of a ring of such width that can take so many at once. */
export function ringRows({ keys, values }: Ring, rows: number, width: number): number {
  const [room] = keys.shape
  expectShape('window-attention', 'values', values, room, width)
  // A ring as long as the text never wraps; otherwise a chunk must not overwrite what its first row still sees.
  if (room < rows)
    throw new Error(`window-attention: a ring of ${room} rows cannot take ${rows} rows at once`)
  return room
}
