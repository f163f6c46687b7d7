/** Is there room? Asked before a long reading starts, so that it does not fail after an hour. */
import { statfs } from 'node:fs/promises'
import { dirname, resolve } from 'node:path'
import { HostFailure } from '../../contract/failure'

/** Bytes this user may still write where `path` lies or will lie. */
export async function freeBytes(path: string): Promise<number> {
  for (let place = resolve(path); ; place = dirname(place)) {
    try {
      const { bavail, bsize } = await statfs(place)
      return bavail * bsize
    } catch (error) {
      if (dirname(place) === place) throw error
    }
  }
}

/** Refuses with both numbers when `needed` bytes do not fit beside `path`. */
export async function checkDiskSpace(path: string, needed: number): Promise<void> {
  const free = await freeBytes(path)
  if (needed <= free) return
  throw new HostFailure(
    'disk-full',
    `This needs ${formatBytes(needed)} on disk, and ${formatBytes(free)} are free at ${path}. ` +
      'Free some space, forget a document, or choose another place with --library.'
  )
}

/** Decimal units, as disks are sold and file managers count. */
export function formatBytes(bytes: number): string {
  const units = ['bytes', 'kB', 'MB', 'GB', 'TB']
  let unit = 0
  // 999.95 would round up to "1000.0".
  while (bytes >= 999.95 && unit < units.length - 1) {
    bytes /= 1000
    unit++
  }
  return unit === 0 ? `${bytes} bytes` : `${bytes.toFixed(1)} ${units[unit]}`
}
