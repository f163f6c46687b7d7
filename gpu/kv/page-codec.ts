/**
 * Records as bytes; the byte layout is written here and nowhere else. All numbers little-endian.
 *   tokens    u32 ids
 *   page      u32 first row, u32 rows, 2 x u32 zero, then the page as it lies on the GPU; a page with fewer than
 *             pageRows rows is cut to them: K as [kv head][d / 4][rows], V as [kv head][rows][d / 4]
 *   carry     u32 position, 3 x u32 zero, then the saved carry
 *   bookmark  u32 position, u32 rows of the unfinished page, u32 carry bytes, u32 zero, carry, that page cut to its rows
 */
import { up4 } from '../device/tensor'
import type { PageKind } from '../kernels/elements'
import { pageRows } from '../kernels/page-attention'
import type { ModelConfig } from '../yoco/config'

export const headerBytes = 16

export function header(...words: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint32Array(headerBytes / 4)
  bytes.set(words)
  return new Uint8Array(bytes.buffer)
}

export function readHeader(payload: Uint8Array): Uint32Array {
  return new Uint32Array(payload.slice(0, headerBytes).buffer)
}

export interface PageShape {
  readonly kvHeads: number
  /** Head dimension in groups of four values. */
  readonly head4: number
  /** Bytes of four values: 8 in f16, 16 in f32. */
  readonly elementBytes: number
}

export const pageShape = (config: ModelConfig, kind: PageKind): PageShape => ({
  kvHeads: config.cross.kvHeads,
  head4: up4(config.cross.headDim) / 4,
  elementBytes: kind === 'f16' ? 8 : 16
})

/** Bytes of one row of K and V. */
export const rowBytes = (shape: PageShape): number => shape.kvHeads * shape.head4 * shape.elementBytes * 2

/** The first `rows` rows of a whole page, without the unused rest. A full page comes back as it is, borrowed. */
export function cutPage(shape: PageShape, page: Uint8Array, rows: number): Uint8Array {
  return moveRows(shape, page, pageRows, rows, rows)
}

/** A whole page again, unused rows zero. A full one comes back as it is, borrowed. */
export function wholePage(shape: PageShape, cut: Uint8Array, rows: number): Uint8Array {
  return moveRows(shape, cut, rows, pageRows, rows)
}

/** Moves `rows` rows between pages of `from` and `to` rows: lines of K elements, then lines of whole V rows. */
function moveRows(shape: PageShape, page: Uint8Array, from: number, to: number, rows: number): Uint8Array {
  if (from === to) return page
  const { kvHeads, head4, elementBytes } = shape
  const moved = new Uint8Array(to * rowBytes(shape))
  let [source, target] = [0, 0]
  const lines = (count: number, width: number): void => {
    for (let i = 0; i < count; i++) {
      moved.set(page.subarray(source, source + rows * width), target)
      source += from * width
      target += to * width
    }
  }
  lines(kvHeads * head4, elementBytes)
  lines(kvHeads, head4 * elementBytes)
  return moved
}
