/**
 * A layer's open heads. While a text is read their keys and values go into pages, not rotated; while a question or an answer is, they see
 * all pages at one distance, and what they find takes the place of what their windows showed.
 */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { turnHeads, writePages } from '../kernels/heads'
import type { MoveColumns } from '../kernels/move-columns'
import {
  type AttentionScratch,
  type BankRows,
  type PageAttention,
  pageAttention
} from '../kernels/page-attention'
import { pageAttentionTile } from '../kernels/page-attention-tile'
import type { PageLayout } from '../kernels/page-layout'
import type { Carry } from '../kv/carry'
import type { Step } from '../model/step'
import type { Activations } from './activations'
import { kvWidth, type Opened, type OpenWindowConfig, queryWidth } from './config'

/** Where the rows of a chunk come to lie, and what those of a conversation look at. */
export interface Sight {
  readonly carry: Carry
  readonly into: { readonly bank: GPUBuffer; readonly row: number }
  /** Pages read so far with the rows of this chunk, and how many rows of them all the first row sees; absent: a document. */
  readonly told?: { readonly banks: readonly BankRows[]; readonly visible: number }
  /** Of the one row of an answer. */
  readonly scratch?: AttentionScratch
  readonly mass?: GPUBuffer
  /** Of a question, the first row whose attention is added to `mass` in the layer that finds, row by row. */
  readonly findingFrom?: number
}

export interface OpenHeads {
  /** Of rows q | k | v as they come from the product: keys and values into pages, queries put aside where they will be asked. */
  keep(step: Step, mix: Tensor, sight: Sight): void
  /** What the heads find in the pages, in place of theirs in rows of `inner`. */
  look(step: Step, inner: Tensor, sight: Sight): void
  readonly pages: PageAttention
}

export async function openHeads(
  device: Device,
  config: OpenWindowConfig,
  a: Activations,
  layout: PageLayout,
  move: MoveColumns,
  { set, kvHeads }: Opened,
  finds: boolean
): Promise<OpenHeads> {
  const { headDim, rope } = config.attention
  const head = up4(headDim)
  const group = config.attention.heads / config.attention.kvHeads
  const heads = kvHeads.length * group
  const [own, queries, kv] = [group * head, queryWidth(config), kvWidth(config)]
  const [q, keysAndValues, found] = [
    a.openQ(heads * head),
    a.openKv(2 * kvHeads.length * head),
    a.openOut(heads * head)
  ]
  const write = await writePages(device, layout, { set, heads: 0 })
  const turn = await turnHeads(device, { headDim, rope })
  const pages = await pageAttention(device, heads, layout, { set })
  const attendTiles = await pageAttentionTile(device, { heads, scale: headDim ** -0.5 }, layout, set)
  const rotations = { table: a.farTable, row: 0 }
  const width = heads * head
  const oneQ: Tensor | undefined = finds
    ? { name: 'oneQ', buffer: device.buffer('scratch', 'oneQ', width * 4), shape: [1, width] }
    : undefined
  return {
    pages,
    keep({ batch, rows }, mix, { into, told }) {
      for (const [i, g] of kvHeads.entries()) {
        const k = queries + g * head
        move(batch, mix, keysAndValues, rows, { first: k, to: i * head, width: head })
        const to = (kvHeads.length + i) * head
        move(batch, mix, keysAndValues, rows, { first: k + kv, to, width: head })
        if (told) move(batch, mix, q, rows, { first: g * own, to: i * own, width: own })
      }
      write(batch, { x: keysAndValues, rows, rotations }, into)
    },
    look({ batch, rows }, inner, { told, scratch, mass, findingFrom }) {
      if (!told) return
      turn(batch, { x: q, rows, rotations }, heads)
      const isFinding = findingFrom !== undefined
      if (oneQ && scratch && isFinding)
        for (let row = findingFrom; row < rows; row++) {
          batch.copy(q.buffer, row * width * 4, oneQ.buffer, 0, width * 4)
          const visible = told.visible + row
          pages.attend(batch, { q: oneQ, y: found, rows: 1, banks: told.banks, visible, scratch, mass })
        }
      if (scratch && !isFinding) pages.attend(batch, { q, y: found, rows, ...told, scratch, mass })
      else attendTiles(batch, { q, y: found, rows, ...told, scratch: a.tiles })
      for (const [i, g] of kvHeads.entries())
        move(batch, found, inner, rows, { first: i * own, to: g * own, width: own })
    }
  }
}
