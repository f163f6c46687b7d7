/**
 * What was read of an earlier text of the same file serves a later one as far as both begin with the same tokens. Its
 * pages and carries are appended to the new file, record by record: checksums depend on the file and the place in it.
 * Whatever is damaged, foreign or cannot be opened is not used; reading from further back is always right.
 */
import { EngineFailure } from '../failure'
import { pageRows } from '../kernels/page-layout'
import { header } from './page-codec'
import type { PageIdentity, PageStore, SavedRecord } from './page-store'
import {
  type ResumePoint,
  resumePointsIn,
  readRecord,
  type RecordSizes,
  rowsOfPage,
  savedTokens
} from './resume-points'

export interface BaseReading {
  readonly store: PageStore
  /** The identity of the earlier text. */
  readonly identity: PageIdentity
}

export interface OpenedBase {
  /** Tokens that it brings, if nothing is damaged. */
  readonly position: number
  /**
   * Appends what is good of it to `to`, which holds the new text's tokens and nothing else; returns the records there.
   * Throws EngineFailure('cancelled') between two pages.
   */
  copy(to: PageStore, tokens: SavedRecord, signal?: AbortSignal): Promise<SavedRecord[]>
}

/** Opens a base for a text of these `ids`, to be used up to `most`; undefined where it brings nothing. */
export async function openBase(
  { store, identity }: BaseReading,
  ids: Uint32Array,
  most: number,
  vocabulary: number,
  sizes: RecordSizes
): Promise<OpenedBase | undefined> {
  try {
    const found = await store.open(identity)
    if (!('records' in found)) return undefined
    const { records } = found
    const earlier = await savedTokens(store, records, vocabulary)
    if (!earlier) return undefined
    const common = Math.min(commonLength(earlier, ids), most)
    const points = await resumePointsIn(store, records, earlier.length, sizes)
    for (const point of points.filter(each => each.position <= common)) {
      const carry = await point.carry()
      if (carry)
        return {
          position: point.position,
          copy: (to, tokens, signal) => copy({ store, records, point, carry, sizes }, to, tokens, signal)
        }
    }
    return undefined
  } catch {
    // In use, unreadable, gone: a base is a gain and never a need.
    return undefined
  }
}

interface Source {
  readonly store: PageStore
  readonly records: readonly SavedRecord[]
  readonly point: ResumePoint
  readonly carry: Uint8Array<ArrayBuffer>
  readonly sizes: RecordSizes
}

async function copy(
  { store, records, point: { position, partial }, carry, sizes: { layout, carryBytes } }: Source,
  to: PageStore,
  tokens: SavedRecord,
  signal: AbortSignal | undefined
): Promise<SavedRecord[]> {
  const written = [tokens]
  const append = async (kind: 'page' | 'carry', ...payload: Uint8Array[]): Promise<void> => {
    await to.append(kind, ...payload)
    written.push({ kind, length: payload.reduce((sum, part) => sum + part.length, 0) })
  }
  const [full, rows] = [Math.floor(position / pageRows), position % pageRows]
  let pages = 0
  let last = partial
  for (const [index, { kind, length }] of records.entries()) {
    if (pages === full && (rows === 0 || last)) break
    if (kind !== 'page' && kind !== 'carry') continue
    if (signal?.aborted)
      throw new EngineFailure('cancelled', `Reading stopped while ${position} tokens were taken over.`)
    const payload = await readRecord(store, index, length)
    if (kind === 'carry') {
      // One that is damaged is not missed while a later one is good.
      if (payload) await append('carry', payload)
      continue
    }
    const page = rowsOfPage(payload, pages, layout)
    if (!payload || !page || page.rows !== (pages < full ? pageRows : rows)) return written
    if (pages === full) last = page.bytes
    else await append('page', payload)
    pages++
  }
  if (pages < full || (rows > 0 && !last)) return written
  if (rows === 0) await append('carry', header(position), carry)
  else await to.keepCheckpoint(header(position, rows, carryBytes), carry, last ?? new Uint8Array())
  return written
}

function commonLength(a: Uint32Array, b: Uint32Array): number {
  const most = Math.min(a.length, b.length)
  for (let i = 0; i < most; i++) if (a[i] !== b[i]) return i
  return most
}
