/** Attention over the pages: attend bank by bank, merge, sum by span. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { CompiledKernel } from '../device/kernel'
import { expectRoom, type Tensor, up4 } from '../device/tensor'
import mergeWgsl from './merge-attention.wgsl?raw'
import wgsl from './page-attention.wgsl?raw'
import { pageConstants, type PageLayout, pageRows } from './page-layout'
import { expectOutput, inForms, outputOf, type RowForm, type RowOutput } from './row-output'
import spanWgsl from './span-scores.wgsl?raw'

/** Tokens whose attention is summed together for the sources of an answer. */
export const spanTokens = 16
/** Workgroups along the text per bank at most: enough to fill a GPU, few enough to merge quickly. */
const mostSplits = 64

/** What the kernels see of a bank, or of a piece of one: its buffer and the rows written so far. */
export interface BankRows {
  readonly buffer: GPUBuffer
  readonly rows: number
  /** Rows before this one do not count as text when attention is summed by span. */
  readonly spanFrom: number
  /**
   * Of a piece of a bank: tiles of a split of the whole bank. A piece that holds whole splits gives the bits that the bank
   * would give.
   */
  readonly tilesPerSplit?: number
  /**
   * Its rows are not there yet: to be awaited before it is attended to, and not before the bank two before it was. May
   * flush `batch`.
   */
  readonly ready?: (batch: Batch) => Promise<void>
}

/** Tiles that one workgroup takes in turn, in a bank of so many. */
export const tilesPerSplit = (tiles: number): number => Math.max(1, Math.ceil(tiles / mostSplits))

/** Where partial results lie; sized for a number of rows, banks and spans. */
export interface AttentionScratch {
  readonly sums: GPUBuffer
  readonly peaks: GPUBuffer
  readonly total: GPUBuffer
  readonly spans: GPUBuffer
  readonly tilePeaks: GPUBuffer
  readonly bytes: number
  free(): void
}

/** Queries of several rows and what they look at. */
export interface Attention {
  /** Rows that begin with heads * head dim values, rotated. */
  readonly q: Tensor
  /** [rows, heads * head dim]. */
  readonly y: Tensor | RowOutput
  readonly rows: number
  readonly banks: readonly BankRows[]
  /** Row r sees the first `visible + r` rows of all banks taken together. */
  readonly visible: number
  readonly scratch: AttentionScratch
  /** Where the attention of every span of all banks is added to; one row only. */
  readonly mass?: GPUBuffer
}

export interface PageAttention {
  /** Over banks that are all there. */
  attend(batch: Batch, attention: Attention): void
  /** The same where banks may have to be waited for; nothing is waited for where all are there. */
  attendInTurn(batch: Batch, attention: Attention): Promise<void>
  /** Rows that a workgroup takes at once: pieces of a bank are cut at whole splits of these. */
  readonly tileRows: number
  /** Scratch for `rows` rows at once over banks of these capacities. */
  allocate(rows: number, bankRows: readonly number[]): AttentionScratch
  /** Spans that `attend` fills in `mass` for banks of these row counts; each bank starts at a tile. */
  spanCount(bankRows: readonly number[]): number
}

export interface PageAttentionOptions {
  /** Of a page's sets of keys and values. */
  readonly set?: number
  /** Of the scores; 1 / sqrt(head dim) where absent. */
  readonly scale?: number
  /** What may be written; f32 where absent. */
  readonly forms?: readonly RowForm[]
}

/** `heads` query heads over one set of keys and values of a page. */
export async function pageAttention(
  device: Device,
  heads: number,
  layout: PageLayout,
  { set = 0, scale = layout.sets[set].headDim ** -0.5, forms = ['floats'] }: PageAttentionOptions = {}
): Promise<PageAttention> {
  const { kvHeads, headDim } = layout.sets[set]
  const head = up4(headDim)
  const cut = cutFor(device.adapter.software, heads / kvHeads)
  const kernels = await attentionKernels(device, layout, set, {
    ...cut,
    group: heads / kvHeads,
    heads,
    forms
  })
  const sizes: Sizes = { ...cut, heads, kvHeads, head, scale }
  const tilesOf = (rows: number): number => Math.ceil(rows / cut.tile)
  return {
    tileRows: cut.tile,
    attend(batch, attention) {
      const pass = new Pass(kernels, sizes, batch, attention)
      for (const part of pass.parts) pass.attend(part)
      pass.end()
    },
    async attendInTurn(batch, attention) {
      const pass = new Pass(kernels, sizes, batch, attention)
      for (const part of pass.parts) {
        if (part.bank.ready) await part.bank.ready(batch)
        pass.attend(part)
      }
      pass.end()
    },
    allocate(rows, bankRows) {
      const tiles = sum(bankRows.map(tilesOf))
      // A bank with fewer rows than it has room for may have more splits: 64 tiles have 64, and 65 have 33.
      const splits = sum(bankRows.map(r => Math.min(tilesOf(r), mostSplits)))
      return scratchOf(device, [
        rows * heads * splits * head * 4,
        rows * heads * splits * 8,
        rows * heads * 8,
        rows * heads * tiles * (cut.tile / spanTokens) * 4,
        rows * heads * tiles * 4
      ])
    },
    spanCount: bankRows => sum(bankRows.map(tilesOf)) * (cut.tile / spanTokens)
  }
}

/** How the work is cut where `group` query heads share a key. */
interface Cut {
  readonly lanes: number
  /** Rows that a workgroup takes at once. */
  readonly tile: number
  /** Keys that a lane holds at once. */
  readonly keys: number
}

function cutFor(software: boolean, group: number): Cut {
  // Beside the scores of a tile, every lane keeps a partial sum and a vec4 per query head: half of the 16 KiB at most.
  let lanes = software ? 8 : 64
  while (group * lanes * 20 > 8192) lanes /= 2
  // Scores of a tile take group * tile * 4 bytes of the 16 KiB that every adapter grants, half of it at most.
  let tile = pageRows
  while (group * tile > 2048 && tile > spanTokens) tile /= 2
  // The more queries share a key, the fewer keys fit beside them into registers.
  return { lanes, tile, keys: group <= 4 ? 4 : group <= 8 ? 2 : 1 }
}

interface AttentionKernels {
  readonly attend: CompiledKernel
  readonly merge: (y: RowOutput) => CompiledKernel
  readonly score: CompiledKernel
}

async function attentionKernels(
  device: Device,
  layout: PageLayout,
  set: number,
  {
    lanes,
    tile,
    keys,
    group,
    heads,
    forms
  }: Cut & { readonly group: number; readonly heads: number; readonly forms: readonly RowForm[] }
): Promise<AttentionKernels> {
  const head4 = up4(layout.sets[set].headDim) / 4
  const valueLanes = Math.min(head4, lanes)
  const constants = {
    ...pageConstants(layout, set),
    GROUP: group,
    TILE: tile,
    SPAN: spanTokens,
    LANES: lanes,
    KEYS: keys,
    VALUE_LANES: valueLanes,
    PARTS: Math.floor(lanes / valueLanes),
    COLUMNS: Math.ceil(head4 / lanes)
  }
  return {
    attend: await device.compile({ name: 'page-attention', wgsl }, constants),
    merge: await inForms(forms, ROW =>
      device.compile({ name: 'merge-attention', wgsl: mergeWgsl }, { ROW, HEADS: heads, HEAD4: head4 })
    ),
    score: await device.compile({ name: 'span-scores', wgsl: spanWgsl }, { SPANS: tile / spanTokens })
  }
}

interface Sizes extends Cut {
  readonly heads: number
  readonly kvHeads: number
  /** Head dimension, padded. */
  readonly head: number
  /** Of the scores. */
  readonly scale: number
}

/** A bank of a pass, and into how many tiles and splits it is cut. */
interface Part {
  readonly bank: BankRows
  readonly tiles: number
  readonly perSplit: number
  readonly splits: number
}

/** One attention: what is to be done for each bank in its turn, and in the end. */
class Pass {
  readonly parts: readonly Part[]
  private readonly splits: number
  private readonly tiles: number
  private rowsBefore = 0
  private splitFirst = 0
  private tileFirst = 0
  private readonly y: RowOutput

  constructor(
    private readonly kernels: AttentionKernels,
    private readonly sizes: Sizes,
    private readonly batch: Batch,
    private readonly attention: Attention
  ) {
    const { q, rows, banks, mass } = attention
    this.y = outputOf(attention.y)
    expectRoom('page-attention', 'q', q, rows, sizes.heads * sizes.head)
    expectOutput('page-attention', this.y, rows, sizes.heads * sizes.head)
    if (mass && rows !== 1) throw new Error(`page-attention: spans are summed for one row, not ${rows}`)
    this.parts = banks.map(bank => {
      const tiles = Math.ceil(bank.rows / sizes.tile)
      const perSplit = bank.tilesPerSplit ?? tilesPerSplit(tiles)
      return { bank, tiles, perSplit, splits: Math.ceil(tiles / perSplit) }
    })
    this.splits = sum(this.parts.map(part => part.splits))
    this.tiles = sum(this.parts.map(part => part.tiles))
  }

  attend({ bank, tiles, perSplit, splits }: Part): void {
    const { sizes, attention } = this
    const { q, rows, visible, scratch } = attention
    const params = {
      // A row's limit counts over all banks; what earlier banks hold is taken off, and below zero is "nothing yet".
      visible: visible - this.rowsBefore,
      bank_rows: bank.rows,
      tiles,
      tiles_per_split: perSplit,
      split_first: this.splitFirst,
      splits: this.splits,
      tile_first: this.tileFirst,
      all_tiles: this.tiles,
      span_from: bank.spanFrom,
      scale: sizes.scale,
      head4: sizes.head / 4,
      lanes: sizes.lanes,
      span: spanTokens,
      q_stride: q.shape[1] / 4
    }
    const bindings = [q.buffer, bank.buffer, scratch.sums, scratch.peaks, scratch.spans, scratch.tilePeaks]
    this.batch.run(this.kernels.attend, bindings, params, [splits, sizes.kvHeads, rows])
    this.rowsBefore += bank.rows
    this.splitFirst += splits
    this.tileFirst += tiles
  }

  /** Merges what the splits found, and adds it up by span where that is wanted. */
  end(): void {
    const { kernels, sizes, batch, y, splits, tiles: all_tiles } = this
    const { rows, scratch, mass } = this.attention
    const { heads } = sizes
    const merged = [scratch.sums, scratch.peaks, y.buffer, scratch.total]
    const params = { splits, out_stride: y.stride, inverse: y.inverse }
    batch.run(kernels.merge(y), merged, params, [rows * heads])
    if (!mass) return
    const spans = all_tiles * (sizes.tile / spanTokens)
    const bindings = [scratch.spans, scratch.tilePeaks, scratch.total, mass]
    batch.run(kernels.score, bindings, { spans, all_tiles, heads }, [Math.ceil(spans / 64)])
  }
}

/** `bytes`: of sums, peaks, total, spans and the peaks of tiles. */
function scratchOf(device: Device, bytes: readonly number[]): AttentionScratch {
  const buffers = bytes.map((b, i) => device.buffer('scratch', `attention ${i}`, b))
  const [sums, peaks, total, spans, tilePeaks] = buffers
  const free = (): void => {
    for (const buffer of buffers) device.free(buffer)
  }
  return { sums, peaks, total, spans, tilePeaks, bytes: sum(bytes), free }
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)
