/** What pages hold of keys and values, by the definition in kernels/page-format.ts; codes in f32 as the kernel computes. */
import type { PageKind } from '../kernels/page-format'
import { roundHalfEven, roundToF16 } from './rounding'

export interface RowCodes {
  /** -127 ... 127. */
  readonly codes: Int8Array
  /** An f32; 0 where all codes are. */
  readonly scale: number
}

export function rowCodes(head: ArrayLike<number>): RowCodes {
  const values = Float32Array.from(head)
  const most = values.reduce((a, b) => Math.max(a, Math.abs(b)), 0)
  const scale = most < 2 ** -119 ? 0 : Math.fround(most / 127)
  const code = (x: number): number => Math.max(-127, Math.min(127, roundHalfEven(Math.fround(x / scale))))
  return { codes: Int8Array.from(values, x => (scale === 0 ? 0 : code(x))), scale }
}

/** Rows of heads of `headDim` values as they are read again from pages of int8, exactly. */
export function throughCodes(rows: Float64Array, headDim: number): Float64Array {
  const kept = new Float64Array(rows.length)
  for (let at = 0; at < rows.length; at += headDim) {
    const { codes, scale } = rowCodes(rows.subarray(at, at + headDim))
    codes.forEach((code, i) => (kept[at + i] = code * scale))
  }
  return kept
}

/** Rows of heads of `headDim` values as they are read again from pages of this kind, exactly. */
export function throughPages(rows: Float64Array, headDim: number, kind: PageKind): Float64Array {
  if (kind === 'int8') return throughCodes(rows, headDim)
  return rows.map(kind === 'f16' ? roundToF16 : Math.fround)
}
