/** What reading a document would take, told before it begins: tokens, time, disk, memory, and whether it fits. */
import type { DocumentInfo, Reading } from '../../contract/document'
import { readingTime } from '../../contract/reading-time'
import type { RemoteEngine } from '../engine/remote-engine'
import type { Plan } from '../store/documents'
import { useSettings } from '../store/settings'
import { probe, speedsOf } from './reading-speed'
import { currentHost } from './running-engine'

/** Longer readings begin only when a person says so. */
const longestUnasked = 120

export const readingOf = (info: DocumentInfo, modelKey: string): Reading | undefined =>
  info.readings.find(reading => reading.modelKey === modelKey)

/** Bytes on disk that reading so many tokens takes: of the plan, of the check before reading and of the sentence about it. */
export const diskBytesOf = (
  { bytesPerToken, bytesPerDocument }: Pick<RemoteEngine['model'], 'bytesPerToken' | 'bytesPerDocument'>,
  tokens: number
): number => Math.ceil(tokens * bytesPerToken + bytesPerDocument)

/** `exactTokens` of the document, where they were counted already. */
export async function planFor(info: DocumentInfo, engine: RemoteEngine, exactTokens?: number): Promise<Plan> {
  const known = exactTokens ?? readingOf(info, engine.modelKey)?.tokens
  const counted =
    known === undefined ? engine.countTokens(info.id) : Promise.resolve({ tokens: known, exact: true })
  const [{ tokens, exact }, probed, disk, speeds] = await Promise.all([
    counted,
    probe(engine),
    currentHost().diskUse(info.id),
    speedsOf(engine)
  ])
  const { config } = engine.model
  const toRead = Math.max(0, tokens - (readingOf(info, engine.modelKey)?.read ?? 0))
  const fit = await engine.fitsMemory(tokens)
  const diskBytes = toRead === 0 ? 0 : diskBytesOf(engine.model, toRead)
  const time = readingTime(toRead, probed, speeds)
  const { contextLimit } = useSettings.getState()
  const verdict = (): Plan['verdict'] => {
    if (fit.most < fit.bytes)
      return { name: 'too-long', limit: Math.floor((tokens * fit.most) / fit.bytes), because: 'memory' }
    if (contextLimit > 0 && tokens > contextLimit)
      return { name: 'too-long', limit: contextLimit, because: 'settings' }
    if (diskBytes > disk.room) return { name: 'no-disk', limit: disk.limit }
    return { name: time.most > longestUnasked ? 'slow' : 'fits' }
  }
  return {
    tokens,
    exact,
    toRead,
    ...time,
    diskBytes,
    roomBytes: disk.room,
    reserveBytes: disk.reserve,
    memoryBytes: fit.bytes,
    trainedLength: config.trainedLength,
    verdict: verdict()
  }
}
