/**
 * Attention of many rows to the pages of a text, for models that attend to them while they read: tiles of eight rows
 * against some pages at a time through scores, softmax and values, each a product in the shape of linear-tile. The
 * softmax goes on from page to page. A row's result depends on the keys it sees alone: not on the chunk that it came in,
 * nor on how pages lie in banks.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectRoom, expectShape, type Tensor, up4 } from '../device/tensor'
import { tileRows } from './linear'
import type { BankRows } from './page-attention'
import { pageConstants, type PageLayout, pageRows } from './page-layout'
import scoresWgsl from './page-scores.wgsl?raw'
import softmaxWgsl from './page-softmax.wgsl?raw'
import valuesWgsl from './page-values.wgsl?raw'

/** Pages of one dispatch: their scores take 64 KB a row of 8 heads, and 128K tokens are 64 times three dispatches. */
const pagesAtOnce = 8

/** Working memory of a chunk: scores of all heads, and what passes from page to page. */
export interface TileScratch {
  readonly scores: GPUBuffer
  readonly state: GPUBuffer
  readonly keep: GPUBuffer
}

interface TileAttentionShape {
  readonly heads: number
  /** Of the scores. */
  readonly scale: number
}

/** Rows of a chunk and what they look at. */
interface TileAttention {
  /** Rows padded to 8 that begin with heads * head dim values, rotated. */
  readonly q: Tensor
  /** [rows, heads * head dim]. */
  readonly y: Tensor
  readonly rows: number
  readonly banks: readonly BankRows[]
  /** Row r sees the first `visible + r` rows of all banks taken together. */
  readonly visible: number
  readonly scratch: TileScratch
}

export type AttendTiles = (batch: Batch, attention: TileAttention) => void

/** Bytes of a scratch per row. */
export const tileScratchBytes = (heads: number): number => heads * (pagesAtOnce * (pageRows + 1) * 4 + 8)

export function tileScratch(device: Device, heads: number, rows: number): TileScratch {
  const lines = heads * Math.ceil(rows / tileRows) * tileRows
  return {
    scores: device.buffer('scratch', 'page scores', lines * pagesAtOnce * pageRows * 4),
    state: device.buffer('scratch', 'page softmax', lines * 8),
    keep: device.buffer('scratch', 'page factors', lines * pagesAtOnce * 4)
  }
}

/** `heads` query heads over one set of keys and values of a page. */
export async function pageAttentionTile(
  device: Device,
  { heads, scale }: TileAttentionShape,
  layout: PageLayout,
  set = 0
): Promise<AttendTiles> {
  const head = up4(layout.sets[set].headDim)
  const lanes = device.adapter.software ? 8 : 32
  const sizes = { ...pageConstants(layout, set), HEADS: heads, LANES: lanes }
  const scores = await device.compile({ name: 'page-scores', wgsl: scoresWgsl }, sizes)
  const softmax = await device.compile({ name: 'page-softmax', wgsl: softmaxWgsl }, { PAGE_ROWS: pageRows })
  const values = await device.compile({ name: 'page-values', wgsl: valuesWgsl }, sizes)
  return (batch, { q, y, rows, banks, visible, scratch }) => {
    const padded = Math.ceil(rows / tileRows) * tileRows
    const [tiles, lines] = [padded / tileRows, heads * padded]
    expectRoom('page-attention-tile', 'q', q, padded, heads * head)
    expectShape('page-attention-tile', 'y', y, rows, heads * head)
    const stretches = stretchesOf(banks, visible, rows)
    for (const [i, { bank, bankVisible, first, span }] of stretches.entries()) {
      const fresh = i === 0 ? 1 : 0
      const last = i === stretches.length - 1 ? 1 : 0
      batch.run(
        scores,
        [q.buffer, bank.buffer, scratch.scores],
        {
          rows: padded,
          visible: bankVisible,
          bank_rows: bank.rows,
          first,
          span,
          q_stride: q.shape[1] / 4,
          scale
        },
        [Math.ceil(span / lanes), tiles, heads]
      )
      batch.run(softmax, [scratch.scores, scratch.state, scratch.keep], { lines, span, fresh }, [
        Math.ceil(lines / 64)
      ])
      batch.run(
        values,
        [scratch.scores, scratch.state, scratch.keep, bank.buffer, y.buffer],
        { rows, padded, visible: bankVisible, bank_rows: bank.rows, first, span, fresh, last },
        [Math.ceil(head / 4 / lanes), tiles, heads]
      )
    }
  }
}

interface Stretch {
  readonly bank: BankRows
  /** Rows of the bank that row 0 sees; below zero for what lies before the rows of earlier banks. */
  readonly bankVisible: number
  /** First page. */
  readonly first: number
  /** Keys, in fours. */
  readonly span: number
}

/** The pages that any row sees, some at a time. */
function stretchesOf(banks: readonly BankRows[], visible: number, rows: number): Stretch[] {
  const found: Stretch[] = []
  let before = 0
  for (const bank of banks) {
    const bankVisible = visible - before
    const seen = Math.min(bank.rows, bankVisible + rows - 1)
    for (let row = 0; row < seen; row += pagesAtOnce * pageRows) {
      const span = Math.ceil(Math.min(pagesAtOnce * pageRows, seen - row) / 4)
      found.push({ bank, bankVisible, first: row / pageRows, span })
    }
    before += bank.rows
  }
  return found
}
