/** Attention over the pages: write rows, attend bank by bank, merge, sum by span. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import mergeWgsl from './merge-attention.wgsl?raw'
import wgsl from './page-attention.wgsl?raw'
import { pageConstants, type PageLayout, pageRows } from './page-layout'
import writeWgsl from './page-write.wgsl?raw'
import writeScaledWgsl from './page-write-scaled.wgsl?raw'
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
  /** [rows, heads * head dim], rotated. */
  readonly q: Tensor
  /** The same shape as `q`. */
  readonly y: Tensor
  readonly rows: number
  readonly banks: readonly BankRows[]
  /** Row r sees the first `visible + r` rows of all banks taken together. */
  readonly visible: number
  readonly scratch: AttentionScratch
  /** Where the attention of every span of all banks is added to; one row only. */
  readonly mass?: GPUBuffer
}

export interface PageAttention {
  /** kv: [rows, K | V] into `bank` from row `bankRow` on. */
  write(batch: Batch, kv: Tensor, bank: GPUBuffer, bankRow: number, rows: number): void
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

/** `heads` query heads over one set of keys and values of a page; `scale`: of the scores, by default 1 / sqrt(head dim). */
export async function pageAttention(
  device: Device,
  heads: number,
  layout: PageLayout,
  set = 0,
  scale = layout.sets[set].headDim ** -0.5
): Promise<PageAttention> {
  const { kvHeads, headDim } = layout.sets[set]
  const head = up4(headDim)
  const group = heads / kvHeads
  const head4 = head / 4
  // Beside the scores of a tile, every lane keeps a partial sum and a vec4 per query head: half of the 16 KiB at most.
  let lanes = device.adapter.software ? 8 : 64
  while (group * lanes * 20 > 8192) lanes /= 2
  // Scores of a tile take group * tile * 4 bytes of the 16 KiB that every adapter grants, half of it at most.
  let tile = pageRows
  while (group * tile > 2048 && tile > spanTokens) tile /= 2
  const tileSpans = tile / spanTokens
  // The more queries share a key, the fewer keys fit beside them into registers.
  const keysAtOnce = group <= 4 ? 4 : group <= 8 ? 2 : 1
  const valueLanes = Math.min(head4, lanes)
  const sizes = pageConstants(layout, set)
  const write = await pageWrite(device, layout, set)
  const attend = await device.compile(
    { name: 'page-attention', wgsl },
    {
      ...sizes,
      GROUP: group,
      TILE: tile,
      SPAN: spanTokens,
      LANES: lanes,
      KEYS: keysAtOnce,
      VALUE_LANES: valueLanes,
      PARTS: Math.floor(lanes / valueLanes),
      COLUMNS: Math.ceil(head4 / lanes)
    }
  )
  const merge = await device.compile({ name: 'merge-attention', wgsl: mergeWgsl }, { HEAD4: head4 })
  const score = await device.compile({ name: 'span-scores', wgsl: spanWgsl }, { SPANS: tileSpans })

  const tilesOf = (rows: number): number => Math.ceil(rows / tile)
  const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0)

  /** What remains to be done for one bank after another, and in the end. */
  const begin = (batch: Batch, { q, y, rows, banks, visible, scratch, mass }: Attention) => {
    expectShape('page-attention', 'q', q, rows, heads * head)
    expectShape('page-attention', 'y', y, rows, heads * head)
    if (mass && rows !== 1) throw new Error(`page-attention: spans are summed for one row, not ${rows}`)
    const parts = banks.map(bank => {
      const tiles = tilesOf(bank.rows)
      const perSplit = bank.tilesPerSplit ?? tilesPerSplit(tiles)
      return { bank, tiles, perSplit, splits: Math.ceil(tiles / perSplit) }
    })
    const splits = sum(parts.map(part => part.splits))
    const all_tiles = sum(parts.map(part => part.tiles))
    let [before, splitFirst, tileFirst] = [0, 0, 0]
    const one = ({ bank, tiles, perSplit, splits: ownSplits }: (typeof parts)[number]): void => {
      const params = {
        // A row's limit counts over all banks; what earlier banks hold is taken off, and below zero is "nothing yet".
        visible: visible - before,
        bank_rows: bank.rows,
        tiles,
        tiles_per_split: perSplit,
        split_first: splitFirst,
        splits,
        tile_first: tileFirst,
        all_tiles,
        span_from: bank.spanFrom,
        scale,
        head4,
        lanes,
        span: spanTokens
      }
      const bindings = [q.buffer, bank.buffer, scratch.sums, scratch.peaks, scratch.spans, scratch.tilePeaks]
      batch.run(attend, bindings, params, [ownSplits, kvHeads, rows])
      before += bank.rows
      splitFirst += ownSplits
      tileFirst += tiles
    }
    const end = (): void => {
      batch.run(merge, [scratch.sums, scratch.peaks, y.buffer, scratch.total], { splits }, [rows * heads])
      if (!mass) return
      const spans = all_tiles * tileSpans
      batch.run(score, [scratch.spans, scratch.tilePeaks, scratch.total, mass], { spans, all_tiles, heads }, [
        Math.ceil(spans / 64)
      ])
    }
    return { parts, one, end }
  }

  return {
    tileRows: tile,
    write,
    attend(batch, attention) {
      const { parts, one, end } = begin(batch, attention)
      for (const part of parts) one(part)
      end()
    },
    async attendInTurn(batch, attention) {
      const { parts, one, end } = begin(batch, attention)
      for (const part of parts) {
        if (part.bank.ready) await part.bank.ready(batch)
        one(part)
      }
      end()
    },
    allocate(rows, bankRows) {
      const tiles = sum(bankRows.map(tilesOf))
      // A bank with fewer rows than it has room for may have more splits: 64 tiles have 64, and 65 have 33.
      const splits = sum(bankRows.map(r => Math.min(tilesOf(r), mostSplits)))
      const bytes = [
        rows * heads * splits * head * 4,
        rows * heads * splits * 8,
        rows * heads * 8,
        rows * heads * tiles * tileSpans * 4,
        rows * heads * tiles * 4
      ]
      const buffers = bytes.map((b, i) => device.buffer('scratch', `attention ${i}`, b))
      const [sums, peaks, total, spans, tilePeaks] = buffers
      const free = (): void => {
        for (const buffer of buffers) device.free(buffer)
      }
      return { sums, peaks, total, spans, tilePeaks, bytes: sum(bytes), free }
    },
    spanCount: bankRows => sum(bankRows.map(tilesOf)) * tileSpans
  }
}

async function pageWrite(device: Device, layout: PageLayout, set: number): Promise<PageAttention['write']> {
  const { kvHeads, headDim } = layout.sets[set]
  const sizes = pageConstants(layout, set)
  const kv4 = (kvHeads * up4(headDim)) / 4
  const scaled = layout.format.rowScales
  const lanes = device.adapter.software ? 8 : 32
  const write = scaled
    ? await device.compile({ name: 'page-write-scaled', wgsl: writeScaledWgsl }, { ...sizes, LANES: lanes })
    : await device.compile({ name: 'page-write', wgsl: writeWgsl }, sizes)
  const groups = scaled ? 2 * kvHeads : Math.ceil(kv4 / 64)
  return (batch, kv, bank, bankRow, rows) => {
    expectShape('page-write', 'kv', kv, rows, kv4 * 8)
    batch.run(write, [kv.buffer, bank], { rows, bank_row: bankRow }, [groups, rows])
  }
}
