/** How much room readings take and leave, and which of them go when another needs it. */
import type { DiskUse } from '../../contract/host'
import { diskSpace } from '../disk/disk-space'
import type { DocumentRecord } from '../disk/document-record'
import { readSettings } from '../disk/settings-file'
import type { HostParts } from './parts'

export interface Kept {
  readonly document: DocumentRecord
  readonly modelKey: string
  readonly bytes: number
  readonly usedAt: string
  readonly updatedAt: string
}

export interface Outlook {
  /** In the order in which they go. */
  readonly leaving: readonly Kept[]
  /** Bytes that are wanted and not free now, with the trash as it is; 0 or less: none. */
  readonly missing: number
  readonly use: DiskUse
  readonly fits: boolean
}

/** As it is for one document `keep`, whose own readings never go. */
export async function diskUse(parts: HostParts, keep: string | undefined): Promise<DiskUse> {
  return useOf(parts, await keptReadings(parts), keep, sum(await parts.trash.list()))
}

/** `trashed`: bytes in the trash. */
async function useOf(
  parts: HostParts,
  kept: readonly Kept[],
  keep: string | undefined,
  trashed: number
): Promise<DiskUse> {
  const { library } = parts
  const { free, reserve } = await diskSpace(library().folder)
  const { diskBudget: budget } = await readSettings(library().folder, library().report)
  const readings = sum(kept)
  const staying = sum(kept.filter(spared(parts, keep)))
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
export async function outlook(parts: HostParts, bytes: number, keep: string): Promise<Outlook> {
  const kept = await keptReadings(parts)
  const trashed = sum(await parts.trash.list())
  const now = await useOf(parts, kept, keep, trashed)
  const missing = bytes - Math.min(now.free - now.reserve, inBudget(now))
  if (bytes > now.room) return { leaving: [], missing, use: now, fits: false }
  let wanted = bytes - Math.min(now.free - now.reserve + trashed, inBudget(now))
  const isSpared = spared(parts, keep)
  const leaving: Kept[] = []
  for (const next of kept.filter(each => !isSpared(each)).sort(turn)) {
    // Nothing to write costs nothing, also where the budget was made smaller than what is there.
    if (wanted <= 0 || bytes === 0) break
    leaving.push(next)
    wanted -= next.bytes
  }
  return { leaving, missing, use: now, fits: true }
}

async function keptReadings({ library }: HostParts): Promise<Kept[]> {
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
  ({ pages }: HostParts, keep: string | undefined) =>
  ({ document, modelKey }: Kept): boolean =>
    document.pinned ||
    document.id === keep ||
    // Reading `keep` begins with what was read of its earlier text.
    document.replacedBy === keep ||
    pages.isOpen(document.id, modelKey)

const sum = (some: readonly { readonly bytes: number }[]): number =>
  some.reduce((total, { bytes }) => total + bytes, 0)

const inBudget = ({ budget, readings }: DiskUse): number =>
  budget === 0 ? Number.POSITIVE_INFINITY : budget - readings

/** Hidden ones first, then the least recently used; of one document's, the one of the model that was read with earlier. */
function turn(a: Kept, b: Kept): number {
  const hidden = Number(b.document.replacedBy !== undefined) - Number(a.document.replacedBy !== undefined)
  return hidden || order(a.usedAt, b.usedAt) || order(a.updatedAt, b.updatedAt)
}

const order = (a: string, b: string) => (a < b ? -1 : a > b ? 1 : 0)
