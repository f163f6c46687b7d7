/**
 * Keys, values and attention of both kinds of layers. Scores are not scaled: queries and keys have norms of their own.
 * Full layers look at pages, sliding ones at a ring; layers above the owners look at those of the last owner of their kind.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { Tensor } from '../device/tensor'
import {
  type AttentionScratch,
  type BankRows,
  type PageAttention,
  pageAttention
} from '../kernels/page-attention'
import { type AttendTiles, pageAttentionTile } from '../kernels/page-attention-tile'
import type { PageLayout } from '../kernels/page-layout'
import { roundColumns } from '../kernels/round-columns'
import { type WindowAttention, windowAttention } from '../kernels/window-attention'
import type { Carry } from '../kv/carry'
import type { Step } from '../model/step'
import type { Activations } from './activations'
import { donorOf, type GemmaConfig, ownersOf } from './config'
import type { KvGrid } from './kv-grid'

const scale = 1

/** What the rows of a step look at and where their keys and values go. */
export interface Sight {
  readonly carry: Carry
  /** Pages read so far, with the rows of this step, and how many rows of them all the first row sees. */
  readonly banks: readonly BankRows[]
  readonly visible: number
  /** Where the rows of a chunk that is read come to lie in a bank. */
  readonly into?: { readonly bank: GPUBuffer; readonly row: number }
  /** Of an answer: working memory of the kernel for few rows and many keys. */
  readonly scratch?: AttentionScratch
  readonly mass?: GPUBuffer
}

/** Of one layer. */
export interface LayerAttention {
  /** Keys and values, normed and turned, into pages or ring. Of owners only. */
  keep(step: Step, kv: Tensor, sight: Sight): void
  attend(step: Step, q: Tensor, y: Tensor, sight: Sight, a: Activations): void
}

/** `grid`: where keys and values are rounded to before they are kept; those of pages by the pages themselves. */
export async function attentions(
  device: Device,
  config: GemmaConfig,
  layout: PageLayout,
  grid?: KvGrid
): Promise<{ readonly of: (layer: number) => LayerAttention; readonly pages: PageAttention }> {
  const { heads } = config.full
  const window = await windowAttention(device, { ...config.sliding, scale })
  const round = grid && (await roundColumns(device))
  // Every set has kernels of its own: their compilation need not wait for one another.
  const sets = await Promise.all(
    [...layout.sets.keys()].map(async set => {
      const [pages, attendTiles] = await Promise.all([
        pageAttention(device, heads, layout, set, scale),
        pageAttentionTile(device, { heads, scale }, layout, set)
      ])
      return { pages, attention: ofPages(pages, attendTiles) }
    })
  )
  if (sets.length === 0) throw new Error('gemma: no layer keeps keys and values in pages')
  return {
    pages: sets[0].pages,
    of(layer) {
      const kind = config.layers[layer]
      const place = ownersOf(config, kind).indexOf(donorOf(config, layer))
      if (kind === 'full') return sets[place].attention
      const steps = grid?.rings[place]
      return ofRing(window, place, (batch, kv, rows) => {
        if (round && steps) round(batch, kv, 0, rows, steps, 0, steps.columns)
      })
    }
  }
}

const ofPages = (pages: PageAttention, attendTiles: AttendTiles): LayerAttention => ({
  keep({ batch, rows }, kv, { into }) {
    if (!into) throw new Error('gemma: keys and values of rows that are not being read')
    pages.write(batch, kv, into.bank, into.row, rows)
  },
  attend({ batch, rows }, q, y, { banks, visible, scratch, mass }, a) {
    if (scratch) pages.attend(batch, { q, y, rows, banks, visible, scratch, mass })
    else attendTiles(batch, { q, y, rows, banks, visible, scratch: a.tiles })
  }
})

const ofRing = (
  window: WindowAttention,
  ring: number,
  toGrid: (batch: Batch, kv: Tensor, rows: number) => void
): LayerAttention => ({
  keep({ batch, rows, start }, kv, { carry }) {
    toGrid(batch, kv, rows)
    window.write(batch, kv, carry.rings[ring], start, rows, 0)
  },
  attend({ batch, rows, start }, q, y, { carry }, a) {
    window.attend(batch, q, carry.rings[ring], y, start, rows, a.window)
  }
})
