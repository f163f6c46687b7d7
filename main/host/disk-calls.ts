/** Room on disk: how much readings take, what another one would cost, and making room for it. */
import type { Agreed, HostCalls, Leaving, MadeRoom } from '../../contract/host'
import { noteSpeed, readingSpeeds } from '../disk/reading-speeds'
import { type Kept, type Outlook, diskUse, outlook } from './disk-outlook'
import { infoOf } from './document-info'
import type { HostParts } from './parts'

export function diskCalls(
  parts: HostParts
): Pick<HostCalls, 'diskUse' | 'roomAhead' | 'makeRoom' | 'readingSpeeds' | 'noteSpeed'> {
  const { library, busy } = parts
  return {
    diskUse: keep => diskUse(parts, keep),
    readingSpeeds: async (modelKey, adapter) => readingSpeeds(library().folder, modelKey, adapter),
    noteSpeed: async speed => noteSpeed(library().folder, speed),
    roomAhead: async (bytes, keep) => {
      const { leaving, use, fits } = await outlook(parts, bytes, keep)
      return { leaving: leaving.map(leavingOf), use, fits }
    },
    makeRoom: (bytes, keep, agreed = []) => busy(() => makeRoom(parts, bytes, keep, agreed))
  }
}

/** Nothing is touched where something would go that was not agreed to, or where it would not be enough. */
async function makeRoom(
  parts: HostParts,
  bytes: number,
  keep: string,
  agreed: readonly Agreed[]
): Promise<MadeRoom> {
  let ahead = await outlook(parts, bytes, keep)
  let refused = refusal(ahead, agreed)
  if (!refused && ahead.missing > 0) {
    // What was taken away goes before anything that was not, and what it really freed is measured.
    await parts.trash.empty()
    ahead = await outlook(parts, bytes, keep)
    refused = refusal(ahead, agreed)
  }
  if (refused) return refused
  for (const each of ahead.leaving) await evict(parts, each)
  return {
    evicted: ahead.leaving.map(leavingOf),
    unasked: [],
    use: ahead.leaving.length > 0 ? await diskUse(parts, keep) : ahead.use,
    fits: true
  }
}

function refusal({ leaving, use, fits }: Outlook, agreed: readonly Agreed[]): MadeRoom | undefined {
  const unasked = leaving.map(leavingOf).filter(each => !agreed.some(isAgreed(each)))
  return fits && unasked.length === 0 ? undefined : { evicted: [], unasked, use, fits }
}

async function evict(parts: HostParts, { document, modelKey }: Kept): Promise<void> {
  const { library, log, watch, send } = parts
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
