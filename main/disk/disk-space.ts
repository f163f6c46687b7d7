/**
 * Is there room? One number for everything that writes much: adding, importing, reading, moving, in the window and on the
 * command line. Asked before it begins, so that it does not fail after an hour.
 *
 * A disk filled to the last byte stops everything else on the computer, so a part of it is left alone: a twentieth of its
 * size, at most 1 GB and at least 1 MB. Small things that a person would miss (conversations, settings, what is known
 * of a document) are written into it.
 */
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { failureSaying } from '../../contract/failure'
import type { FailureWord } from '../../contract/failure-words'

export { formatBytes } from '../../contract/format-bytes'

interface DiskSpace {
  /** Bytes that this user may still write. */
  readonly free: number
  /** Bytes that are kept free for the computer. */
  readonly reserve: number
  /** What is free beyond that; 0 or more. */
  readonly room: number
}

const kept = { share: 1 / 20, least: 1e6, most: 1e9 }

export const reserveOf = (diskBytes: number): number =>
  Math.round(Math.min(kept.most, Math.max(kept.least, diskBytes * kept.share)))

/** Of the disk where `path` lies or will lie. */
export async function diskSpace(path: string): Promise<DiskSpace> {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      const { bavail, blocks, bsize } = await statfs(place)
      const [free, reserve] = [bavail * bsize, reserveOf(blocks * bsize)]
      return { free, reserve, room: Math.max(0, free - reserve) }
    } catch (error) {
      if (dirname(place) === place) throw error
    }
  }
}

export const freeBytes = async (path: string): Promise<number> => (await diskSpace(path)).free

/** Refuses with all numbers when `needed` bytes do not fit where `path` will lie; `name` is of what would be written. */
export async function checkRoom(
  path: string,
  needed: number,
  sentence: Extract<FailureWord, `noRoom${string}`>,
  name = ''
): Promise<void> {
  const { free, reserve, room } = await diskSpace(path)
  if (needed <= room) return
  throw failureSaying('disk-full', sentence, { name, needed: Math.ceil(needed), free, reserve })
}
