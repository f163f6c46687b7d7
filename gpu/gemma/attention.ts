/**
 * Keys, values and attention of both kinds of layers. Scores are not scaled: queries and keys have norms of their own.
 * Full layers look at pages, sliding ones at a ring; layers above the owners look at those of the last owner of their kind.
 */
import type { Device } from '../device/device'
import type { Tensor } from '../device/tensor'
import type { GridSteps } from '../kernels/grid-pages'
import { type HeadRows, turnHeads, writePages, writeRing } from '../kernels/heads'
import {
  type AttentionScratch,
  type BankRows,
  type PageAttention,
  pageAttention
} from '../kernels/page-attention'
import { type AttendTiles, pageAttentionTile } from '../kernels/page-attention-tile'
import type { PageLayout } from '../kernels/page-layout'
import type { RowForm, RowOutput } from '../kernels/row-output'
import { type AttendWindow, windowAttention } from '../kernels/window-attention'
import type { Carry } from '../kv/carry'
import type { Step } from '../model/step'
import type { Activations, Pass } from './activations'
import { donorOf, type GemmaConfig, type LayerKind, ownersOf } from './config'
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

/** Heads between a product and attention: queries normed and turned in place, keys and values on into pages or ring. */
export type Heads = (step: Step, of: HeadRows, sight: Sight) => void

/** Of one layer. */
export interface LayerAttention {
  /** Of q | k | v, or of k | v where there are no queries before them. Of owners only. */
  keeping(queries: number): Promise<Heads>
  /** Of queries alone. */
  turning(): Promise<Heads>
  /** Whether what comes of a pass's attention may be codes. */
  codes(pass: Pass): boolean
  attend(step: Step, q: Tensor, y: Tensor | RowOutput, sight: Sight, a: Activations): void
}

/** `grid`: where keys and values are rounded to before they are kept; those of pages by the pages themselves. */
export async function attentions(
  device: Device,
  config: GemmaConfig,
  layout: PageLayout,
  grid?: KvGrid
): Promise<{ readonly of: (layer: number) => LayerAttention; readonly pages: PageAttention }> {
  const { heads } = config.full
  const forms: RowForm[] = config.quantisation ? ['floats', 'codes'] : ['floats']
  const window = await windowAttention(device, { ...config.sliding, scale, forms })
  // Every set has kernels of its own: their compilation need not wait for one another.
  const sets = await Promise.all(
    [...layout.sets.keys()].map(set =>
      Promise.all([
        pageAttention(device, heads, layout, { set, scale, forms }),
        pageAttentionTile(device, { heads, scale }, layout, set)
      ])
    )
  )
  if (sets.length === 0) throw new Error('gemma: no layer keeps keys and values in pages')
  return {
    pages: sets[0][0],
    of(layer) {
      const kind = config.layers[layer]
      const place = ownersOf(config, kind).indexOf(donorOf(config, layer))
      return kind === 'full'
        ? ofPages(device, config, layout, place, ...sets[place])
        : ofRing(device, config, place, window, grid?.rings[place])
    }
  }
}

const headsOf = (config: GemmaConfig, kind: LayerKind) => ({ ...config[kind], normEps: config.normEps })

async function turning(device: Device, config: GemmaConfig, kind: LayerKind): Promise<Heads> {
  const turn = await turnHeads(device, headsOf(config, kind))
  return ({ batch }, of) => turn(batch, of, config[kind].heads)
}

const ofPages = (
  device: Device,
  config: GemmaConfig,
  layout: PageLayout,
  set: number,
  pages: PageAttention,
  attendTiles: AttendTiles
): LayerAttention => ({
  async keeping(heads) {
    const write = await writePages(device, layout, { ...headsOf(config, 'full'), set, heads })
    return ({ batch }, of, { into }) => {
      if (!into) throw new Error('gemma: keys and values of rows that are not being read')
      write(batch, of, into)
    }
  },
  turning: () => turning(device, config, 'full'),
  // Tiles go on from what they wrote for the pages before, which must not be rounded.
  codes: pass => pass === 'answering',
  attend({ batch, rows }, q, y, { banks, visible, scratch, mass }, a) {
    if (scratch) return pages.attend(batch, { q, y, rows, banks, visible, scratch, mass })
    if ('form' in y) throw new Error('gemma: tiles attend to rows of f32')
    attendTiles(batch, { q, y, rows, banks, visible, scratch: a.tiles })
  }
})

const ofRing = (
  device: Device,
  config: GemmaConfig,
  ring: number,
  window: AttendWindow,
  grid?: GridSteps
): LayerAttention => ({
  async keeping(heads) {
    const write = await writeRing(device, { ...headsOf(config, 'sliding'), heads }, grid)
    return ({ batch, start }, of, { carry }) => write(batch, of, { ring: carry.rings[ring], start })
  },
  turning: () => turning(device, config, 'sliding'),
  codes: () => true,
  attend({ batch, rows, start }, q, y, { carry }, a) {
    window(batch, { q, ring: carry.rings[ring], y, start, rows, scratch: a.window })
  }
})
