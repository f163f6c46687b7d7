/**
 * How fast this computer read: the last readings of each model on each adapter, in one small file that window and command
 * line share. Nobody misses it when it is gone, so what is wrong in it is left out without a word.
 */
import { z } from 'zod'
import type { ReadingSpeed } from '../../contract/reading-time'
import { isTelling } from '../../contract/reading-time'
import { readJson, writeJson } from './json-file'
import { speedsFile } from './paths'

/** Of one model on one adapter, and in all. */
const most = { alike: 8, all: 200 }

const positive = z.number().positive().finite()
const name = z.string().min(1).max(300)
export const SpeedRecord = z.strictObject({
  modelKey: name,
  adapter: name,
  tokens: positive.max(1e12),
  seconds: positive.max(1e9),
  probed: positive.max(1e9).optional(),
  at: z.iso.datetime()
})

/** Oldest first. */
async function all(library: string): Promise<ReadingSpeed[]> {
  const found = await readJson(speedsFile(library), z.object({ readings: z.array(z.unknown()) })).catch(
    () => undefined
  )
  if (found?.state !== 'whole') return []
  return found.value.readings.flatMap(each => SpeedRecord.safeParse(each).data ?? [])
}

export async function readingSpeeds(
  library: string,
  modelKey: string,
  adapter: string
): Promise<ReadingSpeed[]> {
  return (await all(library)).filter(each => each.modelKey === modelKey && each.adapter === adapter)
}

/** Two programs that note at the same time may lose one of the notes, and nothing else. */
export async function noteSpeed(library: string, speed: Omit<ReadingSpeed, 'at'>): Promise<void> {
  if (!isTelling(speed)) return
  const isAlike = (each: ReadingSpeed): boolean =>
    each.modelKey === speed.modelKey && each.adapter === speed.adapter
  const before = await all(library)
  const alike = before.filter(isAlike).slice(1 - most.alike)
  const others = before.filter(each => !isAlike(each))
  const readings = [...others, ...alike, { ...speed, at: new Date().toISOString() }].slice(-most.all)
  await writeJson(speedsFile(library), { readings })
}
