/** Room on disk: how much readings take, and which of them go when another needs it. */
import type { DiskUse, HostCalls, MadeRoom } from '../../contract/host'
import { freeBytes } from '../disk/disk-space'
import type { DocumentRecord } from '../disk/document-record'
import { readSettings } from '../disk/settings-file'
import { infoOf } from './document-info'
import type { HostParts } from './parts'

/** A disk filled to the last byte stops everything else on the computer. */
const floor = 1e9

interface Kept {
  readonly document: DocumentRecord
  readonly modelKey: string
  readonly bytes: number
  readonly usedAt: string
  readonly updatedAt: string
}

export function diskCalls(parts: HostParts): Pick<HostCalls, 'diskUse' | 'makeRoom'> {
  const { library, pages, watch, log, send, busy } = parts

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

  async function use(kept: readonly Kept[]): Promise<DiskUse> {
    const sum = (some: readonly Kept[]): number => some.reduce((total, { bytes }) => total + bytes, 0)
    return {
      readings: sum(kept),
      pinned: sum(kept.filter(({ document }) => document.pinned)),
      library: await library().bytes(),
      free: await freeBytes(library().folder),
      budget: (await readSettings(library().folder, library().report)).diskBudget
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
    diskUse: async () => use(await readings()),
    makeRoom: (bytes, keep) =>
      busy(async (): Promise<MadeRoom> => {
        const kept = await readings()
        const before = await use(kept)
        const free = Math.max(0, before.free - floor)
        const room = before.budget === 0 ? free : Math.min(free, before.budget - before.readings)
        let missing = bytes - room
        const spared = ({ document, modelKey }: Kept): boolean =>
          document.pinned ||
          document.id === keep ||
          // Reading `keep` begins with what was read of its earlier text.
          document.replacedBy === keep ||
          pages.isOpen(document.id, modelKey)
        const inTurn = kept.filter(each => !spared(each)).sort((a, b) => turn(a, b))
        const evicted: Kept[] = []
        while (missing > 0 && evicted.length < inTurn.length) {
          const next = inTurn[evicted.length]
          evicted.push(next)
          missing -= next.bytes
        }
        if (missing > 0) return { evicted: [], use: before, fits: false }
        for (const each of evicted) await evict(each)
        return {
          evicted: evicted.map(({ document: { id, name }, bytes }) => ({ documentId: id, name, bytes })),
          use: evicted.length > 0 ? await use(await readings()) : before,
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
