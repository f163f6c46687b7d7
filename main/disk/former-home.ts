/**
 * On Windows the home folder was once in the roaming profile, which companies copy at every log-off: gigabytes of pages. One
 * that is there is renamed as a whole, Chromium's profile and all, so that each start finds either the one or the other.
 */
import { existsSync, mkdirSync, readFileSync, renameSync } from 'node:fs'
import { dirname, relative, resolve } from 'node:path'
import { documentsFolder, locationFile } from './paths'

/**
 * Returns the folder that a program starts from: `place`, or `former` where that one holds a library and cannot be renamed
 * now, because it is in use or on another disk (then it is not copied at log-off either). The next start tries again.
 * Chromium is told its folder before anything else, so nothing here may take a turn of the loop.
 */
export function migrateHome(place: string, former: string): string {
  if (holdsLibrary(place) || !holdsLibrary(former)) return place
  if (leadsInside(former)) return former
  try {
    mkdirSync(dirname(place), { recursive: true })
    renameSync(former, place)
    return place
  } catch {
    return former
  }
}

const holdsLibrary = (home: string): boolean =>
  existsSync(documentsFolder(home)) || existsSync(locationFile(home))

/** Whether location.json names the folder itself: a library below it, or a move of a library that was cut short. */
function leadsInside(home: string): boolean {
  if (!existsSync(locationFile(home))) return false
  try {
    const { folder, from, erase } = JSON.parse(readFileSync(locationFile(home), 'utf8')) as {
      folder: string
      from?: string
      erase?: string
    }
    const way = relative(home, resolve(folder))
    return from !== undefined || erase !== undefined || !(way.startsWith('..') || way === resolve(way))
  } catch {
    // It is told where it lies.
    return true
  }
}
