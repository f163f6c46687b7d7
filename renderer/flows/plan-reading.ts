/** What reading a document would take, told before it begins: tokens, time, disk, memory, and whether it fits. */
import type { DocumentInfo, Reading } from '../../contract/document'
import type { Leaving } from '../../contract/host'
import { readingTime, timeBefore } from '../../contract/reading-time'
import type { RemoteEngine } from '../engine/remote-engine'
import type { Plan } from '../store/documents'
import { useSettings } from '../store/settings'
import { probe, probedOf, speedsOf } from './reading-speed'
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
  const [{ tokens, exact }, probed, speeds] = await Promise.all([counted, probe(engine), speedsOf(engine)])
  const { config } = engine.model
  const read = readingOf(info, engine.modelKey)?.read ?? 0
  const toRead = Math.max(0, tokens - read)
  const fit = await engine.fitsMemory(tokens)
  const tooLong = tooLongFor(tokens, fit)
  // Too long, it is read to its limit at most.
  const writes = Math.max(0, Math.min(tokens, tooLong?.limit ?? tokens) - read)
  const ahead = await currentHost().roomAhead(writes === 0 ? 0 : diskBytesOf(engine.model, writes), info.id)
  const { use: disk, leaving } = ahead
  const time = readingTime(toRead, probed, speeds)
  const verdict = (): Plan['verdict'] => {
    if (tooLong) return tooLong
    if (!ahead.fits) return { name: 'no-disk', limit: disk.limit }
    if (leaving.length > 0) return { name: 'evicts' }
    return { name: time.most > longestUnasked ? 'slow' : 'fits' }
  }
  return {
    tokens,
    exact,
    toRead,
    ...time,
    diskBytes: toRead === 0 ? 0 : diskBytesOf(engine.model, toRead),
    roomBytes: disk.room,
    reserveBytes: disk.reserve,
    memoryBytes: fit.bytes,
    trainedLength: config.trainedLength,
    leaving,
    leavingSeconds: await secondsOf(leaving, engine),
    verdict: verdict()
  }
}

type TooLong = Extract<Plan['verdict'], { name: 'too-long' }>

function tooLongFor(
  tokens: number,
  fit: { readonly bytes: number; readonly most: number }
): TooLong | undefined {
  if (fit.most < fit.bytes)
    return { name: 'too-long', limit: Math.floor((tokens * fit.most) / fit.bytes), because: 'memory' }
  const { contextLimit } = useSettings.getState()
  if (contextLimit > 0 && tokens > contextLimit)
    return { name: 'too-long', limit: contextLimit, because: 'settings' }
  return undefined
}

/** What reading them again would take here, by what reading took before; of this engine's model by its probe too. */
export async function secondsOf(
  leaving: readonly Leaving[],
  engine: RemoteEngine
): Promise<number | undefined> {
  let seconds = 0
  for (const { modelKey, tokens } of leaving) {
    const speeds = await speedsOf(engine, modelKey)
    const probed = modelKey === engine.modelKey ? probedOf(engine) : undefined
    const own =
      probed === undefined ? timeBefore(tokens, speeds) : readingTime(tokens, probed, speeds).seconds
    if (own === undefined) return undefined
    seconds += own
  }
  return leaving.length > 0 ? seconds : undefined
}
