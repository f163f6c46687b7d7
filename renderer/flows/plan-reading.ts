/** What reading a document would take, told before it begins: tokens, time, disk, memory, and whether it fits. */
import type { DocumentInfo, Reading } from '../../contract/document'
import type { RemoteEngine } from '../engine/remote-engine'
import type { Plan } from '../store/documents'
import { useSettings } from '../store/settings'
import { currentHost } from './running-engine'

/** Longer readings begin only when a person says so. */
const longestUnasked = 120

export const readingOf = (info: DocumentInfo, modelKey: string): Reading | undefined =>
  info.readings.find(reading => reading.modelKey === modelKey)

export async function planFor(info: DocumentInfo, engine: RemoteEngine): Promise<Plan> {
  const counted = engine.countTokens(info.id)
  const [{ tokens, exact }, { tokensPerSecond }, disk] = await Promise.all([
    counted,
    engine.probe(),
    currentHost().diskUse()
  ])
  const { bytesPerToken, bytesPerDocument, config } = engine.model
  const toRead = Math.max(0, tokens - (readingOf(info, engine.modelKey)?.read ?? 0))
  const fit = await engine.fitsMemory(tokens)
  const diskBytes = toRead * bytesPerToken + bytesPerDocument
  // Everything that is not pinned may be evicted for it.
  const evictable = disk.readings - disk.pinned
  const room = Math.min(
    disk.free + evictable,
    disk.budget > 0 ? disk.budget - disk.pinned : Number.POSITIVE_INFINITY
  )
  const seconds = toRead / tokensPerSecond
  const { contextLimit } = useSettings.getState()
  const verdict = (): Plan['verdict'] => {
    if (fit.most < fit.bytes)
      return { name: 'too-long', limit: Math.floor((tokens * fit.most) / fit.bytes), because: 'memory' }
    if (contextLimit > 0 && tokens > contextLimit)
      return { name: 'too-long', limit: contextLimit, because: 'settings' }
    if (diskBytes > room) return { name: 'no-disk' }
    return { name: seconds > longestUnasked ? 'slow' : 'fits' }
  }
  return {
    tokens,
    exact,
    toRead,
    seconds,
    tokensPerSecond,
    diskBytes,
    freeBytes: Math.max(0, room),
    memoryBytes: fit.bytes,
    trainedLength: config.trainedLength,
    verdict: verdict()
  }
}
