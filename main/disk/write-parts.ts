/** One positioned write of several buffers, whole or not at all as far as the system lets us know. */
import type { FileHandle } from 'node:fs/promises'

/**
 * `writev` may write less than it was given (Linux stops at 2 GiB - 4 KiB, and a full disk gives a
 * short count before it gives ENOSPC), so what is left is tried again until done or refused.
 */
export async function writeParts(
  handle: FileHandle,
  parts: readonly Uint8Array[],
  position: number
): Promise<void> {
  let left = parts.filter(part => part.length > 0)
  while (left.length > 0) {
    const { bytesWritten } = await handle.writev(left, position)
    if (bytesWritten === 0) throw Object.assign(new Error('the system wrote nothing'), { code: 'EIO' })
    position += bytesWritten
    left = without(left, bytesWritten)
  }
}

function without(parts: readonly Uint8Array[], written: number): Uint8Array[] {
  const left: Uint8Array[] = []
  for (const part of parts) {
    if (written < part.length) left.push(part.subarray(written))
    written = Math.max(0, written - part.length)
  }
  return left
}
