/**
 * Resume points, from which a saved reading can go on: wherever the file, or its checkpoint, holds a carry and all pages before it.
 * What they promise is believed only when it has been read: a damaged record makes way for the point before.
 */
import { type PageLayout, pageRows } from '../kernels/page-layout'
import { headerBytes, readHeader } from './page-codec'
import type { PageStore, SavedRecord } from './page-store'

/** What decides how long records are. */
export interface RecordSizes {
  readonly layout: PageLayout
  readonly carryBytes: number
}

export interface ResumePoint {
  readonly position: number
  /** Page records that must be good. */
  readonly pages: number
  /** Records kept. */
  readonly keep: number
  readonly carry: () => Promise<Uint8Array<ArrayBuffer> | undefined>
  /** The unfinished page that a checkpoint holds, cut to its rows. */
  readonly partial?: Uint8Array
  /** It is the carry at the document's end: the file lacks nothing but, perhaps, its seal. */
  readonly ends?: boolean
}

/** Furthest first; `length` is that of the document in tokens. */
export async function resumePointsIn(
  store: PageStore,
  records: readonly SavedRecord[],
  length: number,
  { layout, carryBytes }: RecordSizes
): Promise<ResumePoint[]> {
  const found: ResumePoint[] = []
  let [pages, position] = [0, 0]
  const pageIndexes: number[] = []
  for (const [index, record] of records.entries()) {
    if (record.kind === 'page') {
      pageIndexes.push(index)
      pages++
      position += Math.round((record.length - headerBytes) / layout.rowBytes)
    } else if (record.kind === 'carry' && record.length === headerBytes + carryBytes) {
      const ends = position === length
      const keep = ends && records[index + 1]?.kind === 'seal' ? index + 2 : index + 1
      const carry = async () => (await readRecord(store, index, record.length))?.slice(headerBytes)
      found.push({ position, pages, keep, carry, ends })
    }
  }
  const kept = await store.checkpoint()
  // A Node Buffer would not copy where a Uint8Array does.
  const checkpoint = kept && new Uint8Array(kept.buffer, kept.byteOffset, kept.byteLength)
  if (checkpoint && checkpoint.length >= headerBytes) {
    const [at, partialRows, bytes] = readHeader(checkpoint)
    const needed = Math.floor(at / pageRows)
    const whole = checkpoint.length === headerBytes + bytes + partialRows * layout.rowBytes
    if (whole && bytes === carryBytes && partialRows === at % pageRows && needed <= pages) {
      const carry = checkpoint.slice(headerBytes, headerBytes + carryBytes)
      const keep = pageIndexes[needed] ?? records.length
      const partial = partialRows > 0 ? checkpoint.subarray(headerBytes + carryBytes) : undefined
      found.push({ position: at, pages: needed, keep, carry: () => Promise.resolve(carry), partial })
    }
  }
  return found.sort((a, b) => b.position - a.position)
}

/** A record's payload; undefined when it is damaged. A failure is as good as damage. */
export async function readRecord(
  store: PageStore,
  index: number,
  length: number
): Promise<Uint8Array<ArrayBuffer> | undefined> {
  const payload = new Uint8Array(length)
  return (await store.read(index, payload).catch(() => false)) ? payload : undefined
}

/** The rows of page `index`, cut to those it has; undefined when this is another page or none. */
export function rowsOfPage(
  payload: Uint8Array<ArrayBuffer> | undefined,
  index: number,
  layout: PageLayout
): { readonly bytes: Uint8Array<ArrayBuffer>; readonly rows: number } | undefined {
  if (!payload) return undefined
  const [first, rows] = readHeader(payload)
  if (first !== index * pageRows || payload.length !== headerBytes + rows * layout.rowBytes) return undefined
  return { bytes: payload.subarray(headerBytes), rows }
}

/** The document's ids as they were saved; undefined where they are damaged, missing or no ids of this vocabulary. */
export async function savedTokens(
  store: PageStore,
  records: readonly SavedRecord[],
  vocabulary: number
): Promise<Uint32Array | undefined> {
  if (records[0]?.kind !== 'tokens' || records[0].length % 4 !== 0) return undefined
  const saved = new Uint8Array(records[0].length)
  if (!(await store.read(0, saved))) return undefined
  const ids = new Uint32Array(saved.buffer)
  return ids.every(id => id < vocabulary) ? ids : undefined
}
