/** Room on disk: how much readings take, and which of them go when another needs it. */
import type { Agreed, DiskUse, HostCalls, Leaving, MadeRoom } from '../../contract/host'
import { diskSpace } from '../disk/disk-space'
import type { DocumentRecord } from '../disk/document-record'
import { noteSpeed, readingSpeeds } from '../disk/reading-speeds'
import { readSettings } from '../disk/settings-file'
import { infoOf } from './document-info'
import type { HostParts } from './parts'

interface Kept {
  readonly document: DocumentRecord
  readonly modelKey: string
  readonly bytes: number
  readonly usedAt: string
  readonly updatedAt: string
}

interface Outlook {
  /** In the order in which they go. */
  readonly leaving: readonly Kept[]
  /** Bytes that are wanted and not free now, with the trash as it is; 0 or less: none. */
  readonly missing: number
  readonly use: DiskUse
  readonly fits: boolean
}

export function diskCalls(
  parts: HostParts
): Pick<HostCalls, 'diskUse' | 'roomAhead' | 'makeRoom' | 'readingSpeeds' | 'noteSpeed'> {
  const { library, pages, watch, log, send, busy, trash } = parts

  async function readings(): Promise<Kept[]> {
    const found: Kept[] = []
    for (const document of await library().all())
      for (const [modelKey, { updatedAt }] of Object.entries(document.readings)) {
        const bytes = await library().readingBytes(document.id, modelKey)
        const { usedAt = document.addedAt } = document
        if (bytes > 0) found.push({ document, modelKey, bytes, usedAt, updatedAt })
      }
    return found
  }

  /** Readings that are not evicted for one of document `keep`. */
  const spared =
    (keep: string | undefined) =>
    ({ document, modelKey }: Kept): boolean =>
      document.pinned ||
      document.id === keep ||
      // Reading `keep` begins with what was read of its earlier text.
      document.replacedBy === keep ||
      pages.isOpen(document.id, modelKey)

  /** `trashed`: bytes in the trash. */
  async function use(kept: readonly Kept[], keep: string | undefined, trashed: number): Promise<DiskUse> {
    const { free, reserve } = await diskSpace(library().folder)
    const { diskBudget: budget } = await readSettings(library().folder, library().report)
    const readings = sum(kept)
    const staying = sum(kept.filter(spared(keep)))
    // What lies in the trash is erased first when its room is wanted.
    const onDisk = free - reserve + trashed + readings - staying
    const mayStay = budget === 0 ? Number.POSITIVE_INFINITY : budget - staying
    return {
      readings,
      pinned: sum(kept.filter(({ document }) => document.pinned)),
      library: await library().bytes(),
      free,
      reserve,
      budget,
      room: Math.max(0, Math.min(onDisk, mayStay)),
      limit: mayStay < onDisk ? 'budget' : 'disk'
    }
  }

  /** What has to go for `bytes` more: the one answer that the plan tells and that `makeRoom` goes by. */
  async function look(bytes: number, keep: string): Promise<Outlook> {
    const kept = await readings()
    const trashed = sum(await trash.list())
    const now = await use(kept, keep, trashed)
    const missing = bytes - Math.min(now.free - now.reserve, inBudget(now))
    if (bytes > now.room) return { leaving: [], missing, use: now, fits: false }
    let wanted = bytes - Math.min(now.free - now.reserve + trashed, inBudget(now))
    const isSpared = spared(keep)
    const leaving: Kept[] = []
    for (const next of kept.filter(each => !isSpared(each)).sort(turn)) {
      // Nothing to write costs nothing, also where the budget was made smaller than what is there.
      if (wanted <= 0 || bytes === 0) break
      leaving.push(next)
      wanted -= next.bytes
    }
    return { leaving, missing, use: now, fits: true }
  }

  async function evict({ document, modelKey }: Kept): Promise<void> {
    const freed = await library().removeReading(document.id, modelKey)
    log.write('evicted', { document: document.id, bytes: freed })
    const left = await library().get(document.id)
    // What was hidden was there for its readings only.
    if (left.replacedBy !== undefined && Object.keys(left.readings).length === 0) {
      await library().erase(left.id)
      await library().change(left.replacedBy, before => ({ ...before, replaces: undefined }))
      watch.forget(left.id)
    }
    const shown = left.replacedBy ?? left.id
    send('documentChanged', await infoOf(parts, await library().get(shown)))
  }

  return {
    diskUse: async keep => use(await readings(), keep, sum(await trash.list())),
    readingSpeeds: async (modelKey, adapter) => readingSpeeds(library().folder, modelKey, adapter),
    noteSpeed: async speed => noteSpeed(library().folder, speed),
    roomAhead: async (bytes, keep) => {
      const { leaving, use, fits } = await look(bytes, keep)
      return { leaving: leaving.map(leavingOf), use, fits }
    },
    makeRoom: (bytes, keep, agreed = []) =>
      busy(async (): Promise<MadeRoom> => {
        const refusal = ({ leaving, use, fits }: Outlook): MadeRoom | undefined => {
          const unasked = leaving.map(leavingOf).filter(each => !agreed.some(isAgreed(each)))
          return fits && unasked.length === 0 ? undefined : { evicted: [], unasked, use, fits }
        }
        let ahead = await look(bytes, keep)
        let refused = refusal(ahead)
        if (!refused && ahead.missing > 0) {
          // What was taken away goes before anything that was not, and what it really freed is measured.
          await trash.empty()
          ahead = await look(bytes, keep)
          refused = refusal(ahead)
        }
        if (refused) return refused
        for (const each of ahead.leaving) await evict(each)
        return {
          evicted: ahead.leaving.map(leavingOf),
          unasked: [],
          use: ahead.leaving.length > 0 ? (await look(0, keep)).use : ahead.use,
          fits: true
        }
      })
  }
}

const sum = (some: readonly { readonly bytes: number }[]): number =>
  some.reduce((total, { bytes }) => total + bytes, 0)

const inBudget = ({ budget, readings }: DiskUse): number =>
  budget === 0 ? Number.POSITIVE_INFINITY : budget - readings

const leavingOf = ({ document, modelKey, bytes }: Kept): Leaving => ({
  documentId: document.id,
  name: document.name,
  modelKey,
  tokens: document.readings[modelKey].read,
  bytes,
  replaced: document.replacedBy !== undefined
})

const isAgreed =
  (leaving: Leaving) =>
  ({ documentId, modelKey, tokens }: Agreed): boolean =>
    documentId === leaving.documentId && modelKey === leaving.modelKey && leaving.tokens <= tokens

/** Hidden ones first, then the least recently used; of one document's, the one of the model that was read with earlier. */
function turn(a: Kept, b: Kept): number {
  const hidden = Number(b.document.replacedBy !== undefined) - Number(a.document.replacedBy !== undefined)
  return hidden || order(a.usedAt, b.usedAt) || order(a.updatedAt, b.updatedAt)
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
