/**
 * What every token brings from a table that is too large for the GPU: a row by its id, fetched for the tokens at hand. Such a
 * table is never whole in memory.
 */
import { tableRows } from './table-rows'
import type { TensorLocation } from './tensor-location'

export interface RowSource {
  /** Values that are fetched of a row. */
  readonly width: number
  /** [ids, width], in the order of the ids. Throws broken-model for a value that is no number. */
  rows(ids: Uint32Array): Promise<Float32Array<ArrayBuffer>>
}

/** Rows asked of the file at once: where it lies in another process each takes a message there and back. */
const atOnce = 32

/** `width`: of the beginning of every row; all of it by default. */
export function rowSource(table: TensorLocation, width = table.shape[1]): RowSource {
  return {
    width,
    async rows(ids) {
      const found = new Float32Array(ids.length * width)
      const share = Math.max(1, Math.ceil(ids.length / atOnce))
      const reads: Promise<void>[] = []
      for (let at = 0; at < ids.length; at += share)
        reads.push(tableRows(table).read(ids.subarray(at, at + share), width, found.subarray(at * width)))
      await Promise.all(reads)
      return found
    }
  }
}
