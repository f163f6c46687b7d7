/** Room on disk: how much readings take, and which of them go when another needs it. */
import type { DiskUse, HostCalls, MadeRoom } from '../../contract/host'
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

export function diskCalls(
  parts: HostParts
): Pick<HostCalls, 'diskUse' | 'makeRoom' | 'readingSpeeds' | 'noteSpeed'> {
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

  async function use(kept: readonly Kept[], keep: string | undefined): Promise<DiskUse> {
    const sum = (some: readonly { readonly bytes: number }[]): number =>
      some.reduce((total, { bytes }) => total + bytes, 0)
    const { free, reserve } = await diskSpace(library().folder)
    const { diskBudget: budget } = await readSettings(library().folder, library().report)
    const readings = sum(kept)
    const staying = sum(kept.filter(spared(keep)))
    // What lies in the trash is erased first when its room is wanted.
    const trashed = sum(await trash.list())
    const onDisk = free - reserve + trashed + readings - staying
    const inBudget = budget === 0 ? Number.POSITIVE_INFINITY : budget - staying
    return {
      readings,
      pinned: sum(kept.filter(({ document }) => document.pinned)),
      library: await library().bytes(),
      free,
      reserve,
      budget,
      room: Math.max(0, Math.min(onDisk, inBudget)),
      limit: inBudget < onDisk ? 'budget' : 'disk'
    }
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
    diskUse: async keep => use(await readings(), keep),
    readingSpeeds: async (modelKey, adapter) => readingSpeeds(library().folder, modelKey, adapter),
    noteSpeed: async speed => noteSpeed(library().folder, speed),
    makeRoom: (bytes, keep) =>
      busy(async (): Promise<MadeRoom> => {
        const kept = await readings()
        let before = await use(kept, keep)
        if (bytes > before.room) return { evicted: [], use: before, fits: false }
        const missingOf = ({ free, reserve, budget, readings: used }: DiskUse): number =>
          bytes - Math.min(free - reserve, budget === 0 ? Infinity : budget - used)
        let missing = missingOf(before)
        // What was taken away goes before anything that was not.
        if (missing > 0) {
          await trash.empty()
          before = await use(kept, keep)
          missing = missingOf(before)
        }
        const isSpared = spared(keep)
        const inTurn = kept.filter(each => !isSpared(each)).sort((a, b) => turn(a, b))
        const evicted: Kept[] = []
        while (missing > 0 && evicted.length < inTurn.length) {
          const next = inTurn[evicted.length]
          evicted.push(next)
          missing -= next.bytes
        }
        for (const each of evicted) await evict(each)
        return {
          evicted: evicted.map(({ document: { id, name }, bytes }) => ({ documentId: id, name, bytes })),
          use: evicted.length > 0 ? await use(await readings(), keep) : before,
          fits: true
        }
      })
  }
}

/** Hidden ones first, then the least recently used; of one document's, the one of the model that was read with earlier. */
function turn(a: Kept, b: Kept): number {
  const hidden = Number(b.document.replacedBy !== undefined) - Number(a.document.replacedBy !== undefined)
  return hidden || order(a.usedAt, b.usedAt) || order(a.updatedAt, b.updatedAt)
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
