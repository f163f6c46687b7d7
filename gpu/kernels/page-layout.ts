/**
 * The bytes of a page, on the GPU and on disk: the only place that knows them. A page holds `pageRows` rows of every set of
 * keys and values that a model keeps, one set after another; of a set first K as [kv head][d / 4][row], so that
 * neighbouring lanes of page-attention read neighbouring rows, then V as [kv head][row][d / 4].
 */
import { up4 } from '../device/tensor'

/** Rows of a page: the unit of GPU memory and of disk. 256 rows of YOCO-3B are 1 MiB in f16. */
export const pageRows = 256

/** Half precision by default, f32 for comparison. */
export type PageKind = 'f16' | 'f32'

/** One set of keys and values that all rows of a text keep. */
export interface KvShape {
  readonly kvHeads: number
  /** Of keys and of values alike. */
  readonly headDim: number
}

/** Lines of a page that are as long as it has rows: with fewer rows each of them is shorter. */
export interface Plane {
  readonly lines: number
  /** Bytes that one row has in one line. */
  readonly bytesPerRow: number
}

export interface PageLayout {
  readonly kind: PageKind
  readonly sets: readonly KvShape[]
  /** In the order in which they lie. */
  readonly planes: readonly Plane[]
  /** Of one row of all sets. */
  readonly rowBytes: number
  readonly pageBytes: number
}

/** How four neighbouring values lie in memory, and their way to f32 and back. */
const elements: Record<PageKind, { readonly bytes: number; readonly wgsl: string }> = {
  f16: {
    bytes: 8,
    wgsl: 'alias page4 = vec2u; fn unpackPage(p: page4) -> vec4f { return vec4f(unpack2x16float(p.x), unpack2x16float(p.y)); } fn packPage(v: vec4f) -> page4 { return vec2u(pack2x16float(v.xy), pack2x16float(v.zw)); }'
  },
  f32: {
    bytes: 16,
    wgsl: 'alias page4 = vec4f; fn unpackPage(p: page4) -> vec4f { return p; } fn packPage(v: vec4f) -> page4 { return v; }'
  }
}

export function pageLayout(sets: readonly KvShape[], kind: PageKind): PageLayout {
  const { bytes } = elements[kind]
  const planes = sets.flatMap(({ kvHeads, headDim }): Plane[] => {
    const head4 = up4(headDim) / 4
    return [
      { lines: kvHeads * head4, bytesPerRow: bytes },
      { lines: kvHeads, bytesPerRow: head4 * bytes }
    ]
  })
  const rowBytes = planes.reduce((sum, plane) => sum + plane.lines * plane.bytesPerRow, 0)
  return { kind, sets, planes, rowBytes, pageBytes: pageRows * rowBytes }
}

/** Constants by which a kernel finds a set in a page: sizes and places in groups of four values. */
export function pageConstants({ kind, sets, rowBytes }: PageLayout, set: number) {
  const { bytes, wgsl } = elements[kind]
  const perRow = ({ kvHeads, headDim }: KvShape): number => 2 * kvHeads * (up4(headDim) / 4)
  return {
    ELEMENTS: wgsl,
    HEAD4: up4(sets[set].headDim) / 4,
    KV_HEADS: sets[set].kvHeads,
    PAGE_ROWS: pageRows,
    /** From one page to the next, and from a page's beginning to the set. */
    PAGE: (pageRows * rowBytes) / bytes,
    FIRST: pageRows * sets.slice(0, set).reduce((sum, each) => sum + perRow(each), 0)
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
