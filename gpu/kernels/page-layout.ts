/**
 * The bytes of a page, on the GPU and on disk: the only place that knows them. A page holds `pageRows` rows of every set of
 * keys and values that a model keeps, one set after another; of a set first K as [kv head][d / 4][row], so that
 * neighbouring lanes of page-attention read neighbouring rows, then V as [kv head][row][d / 4]. Where rows have scales, those
 * of K follow as [kv head][row] and then those of V.
 */
import type { Batch } from '../device/batch'
import { up4 } from '../device/tensor'
import type { PageFormat } from './page-format'

/** Rows of a page: the unit of GPU memory and of disk. 256 rows of YOCO-3B are 1 MiB in f16. */
export const pageRows = 256

/** Bytes of a scale: an f32. */
const scaleBytes = 4

/** One set of keys and values that all rows of a text keep. */
export interface KvShape {
  readonly kvHeads: number
  /** The same for keys and for values. */
  readonly headDim: number
}

/** Lines of a page that are as long as it has rows: with fewer rows each of them is shorter. */
interface Plane {
  readonly lines: number
  /** Bytes that one row has in one line. */
  readonly bytesPerRow: number
}

export interface PageLayout {
  readonly format: PageFormat
  readonly sets: readonly KvShape[]
  /** In the order in which they lie. */
  readonly planes: readonly Plane[]
  /** Bytes of one row, all sets together. */
  readonly rowBytes: number
  readonly pageBytes: number
}

export function pageLayout(sets: readonly KvShape[], format: PageFormat): PageLayout {
  const planes = sets.flatMap(set => planesOf(set, format))
  const rowBytes = bytesOf(planes)
  return { format, sets, planes, rowBytes, pageBytes: pageRows * rowBytes }
}

function planesOf({ kvHeads, headDim }: KvShape, { bytes, rowScales }: PageFormat): Plane[] {
  const head4 = up4(headDim) / 4
  const scales = { lines: kvHeads, bytesPerRow: scaleBytes }
  return [
    { lines: kvHeads * head4, bytesPerRow: bytes },
    { lines: kvHeads, bytesPerRow: head4 * bytes },
    ...(rowScales ? [scales, scales] : [])
  ]
}

const bytesOf = (planes: readonly Plane[]): number =>
  planes.reduce((sum, plane) => sum + plane.lines * plane.bytesPerRow, 0)

/** Constants by which a kernel finds a set in a page: sizes and places in elements, groups of four values. */
export function pageConstants({ format, sets, rowBytes }: PageLayout, set: number) {
  const { kvHeads, headDim } = sets[set]
  const elements = (rowBytes: number): number => (pageRows * rowBytes) / format.bytes
  const before = sets.slice(0, set).flatMap(each => planesOf(each, format))
  const keysAndValues = bytesOf(planesOf(sets[set], format).slice(0, 2))
  return {
    ELEMENTS: format.wgsl(set),
    HEAD4: up4(headDim) / 4,
    KV_HEADS: kvHeads,
    PAGE_ROWS: pageRows,
    /** From one page to the next, and from a page's beginning to the set. */
    PAGE: elements(rowBytes),
    FIRST: elements(bytesOf(before)),
    /** Where rows have scales: from where the set begins. */
    SCALES: `const ROW_SCALES = ${format.rowScales};`,
    KEY_SCALES: elements(keysAndValues),
    VALUE_SCALES: elements(keysAndValues + kvHeads * scaleBytes)
  }
}

/** Where a row lies: its page is in `buffer`, which holds whole pages. */
export interface RowPlace {
  readonly buffer: GPUBuffer
  readonly row: number
}

/** Queues a copy of `rows` rows, which lie in one page of either buffer; the two buffers are not the same. */
export function copyRows(
  batch: Batch,
  { planes, pageBytes }: PageLayout,
  from: RowPlace,
  to: RowPlace,
  rows: number
): void {
  const placeIn = ({ row }: RowPlace, plane: number, bytesPerRow: number): number =>
    Math.floor(row / pageRows) * pageBytes + plane + (row % pageRows) * bytesPerRow
  let plane = 0
  for (const { lines, bytesPerRow } of planes) {
    const lineBytes = pageRows * bytesPerRow
    const [source, target] = [placeIn(from, plane, bytesPerRow), placeIn(to, plane, bytesPerRow)]
    for (let at = 0; at < lines * lineBytes; at += lineBytes)
      batch.copy(from.buffer, source + at, to.buffer, target + at, rows * bytesPerRow)
    plane += lines * lineBytes
  }
}

/** The first `rows` rows of a whole page, without the unused rest. A full page comes back as it is, borrowed. */
export function cutPage(layout: PageLayout, page: Uint8Array, rows: number): Uint8Array {
  return moveRows(layout, page, pageRows, rows)
}

/** A whole page again, unused rows zero. A full one comes back as it is, borrowed. */
export function wholePage(layout: PageLayout, cut: Uint8Array, rows: number): Uint8Array {
  return moveRows(layout, cut, rows, pageRows)
}

/** The rows that pages of `from` and of `to` rows have in common, moved from the one to the other. */
function moveRows(layout: PageLayout, page: Uint8Array, from: number, to: number): Uint8Array {
  if (from === to) return page
  const moved = new Uint8Array(to * layout.rowBytes)
  const rows = Math.min(from, to)
  let [source, target] = [0, 0]
  for (const { lines, bytesPerRow } of layout.planes) {
    for (let line = 0; line < lines; line++) {
      moved.set(page.subarray(source, source + rows * bytesPerRow), target)
      source += from * bytesPerRow
      target += to * bytesPerRow
    }
  }
  return moved
}
