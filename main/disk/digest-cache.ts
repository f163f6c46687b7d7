/**
 * SHA-256 of whole files, remembered. Hashing the 7 GB of a large model takes some 5 to 20 s, and it is
 * needed at each start to know whether saved pages belong to these weights.
 *
 * Remembered by real path, size, inode and both times (the change time too: copies that keep the modification time
 * are how a file changes unnoticed). A file changed within the last 2 s is not remembered, since a further change
 * could fall into the same tick of the file system's clock (2 s on FAT).
 */
import { createHash } from 'node:crypto'
import type { FileHandle } from 'node:fs/promises'
import { readFile, realpath } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { failureSaying } from '../../contract/failure'
import { makeFolder, writeAtomically } from './atomic-write'
import { readFailure } from './io-failure'
import { openRegular } from './positioned-file'

const Remembered = z.record(z.string(), z.string().regex(/^[0-9a-f]{64}$/))
// A model has a few files; this is room for dozens of models before the oldest entry goes.
const most = 500
const chunk = 4 << 20

export async function digestOf(path: string, cacheFile?: string): Promise<string> {
  const handle = await openRegular(path)
  try {
    const key = await keyOf(path, handle)
    const known = cacheFile === undefined ? undefined : (await remembered(cacheFile))[key]
    if (known !== undefined) return known
    const digest = await hash(path, handle)
    if ((await keyOf(path, handle)) !== key) throw failureSaying('broken-model', 'modelChanged', { path })
    const { mtimeMs, ctimeMs } = await handle.stat()
    if (cacheFile !== undefined && Date.now() - Math.max(mtimeMs, ctimeMs) > 2000)
      await remember(cacheFile, key, digest)
    return digest
  } finally {
    await handle.close()
  }
}

async function keyOf(path: string, handle: FileHandle): Promise<string> {
  const { size, mtimeNs, ctimeNs, ino } = await handle.stat({ bigint: true })
  return [await realpath(path), size, mtimeNs, ctimeNs, ino].join('|')
}

async function hash(path: string, handle: FileHandle): Promise<string> {
  const sha = createHash('sha256')
  // Two buffers: the next stretch is read while the last one is hashed.
  const buffers = [Buffer.allocUnsafe(chunk), Buffer.allocUnsafe(chunk)] as const
  const fill = (turn: number, at: number) => {
    const reading = handle.read(buffers[turn % 2 === 0 ? 0 : 1], 0, chunk, at)
    reading.catch(() => undefined)
    return reading
  }
  try {
    let at = 0
    let next = fill(0, 0)
    for (let turn = 1; ; turn++) {
      const { bytesRead, buffer } = await next
      if (bytesRead === 0) return sha.digest('hex')
      at += bytesRead
      next = fill(turn, at)
      sha.update(buffer.subarray(0, bytesRead))
    }
  } catch (error) {
    throw readFailure(error, path)
  }
}

/** A cache that is missing or broken remembers nothing. */
async function remembered(cacheFile: string): Promise<Record<string, string>> {
  try {
    return Remembered.parse(JSON.parse(await readFile(cacheFile, 'utf8')))
  } catch {
    return {}
  }
}

/** Two processes at once may lose one entry, which is computed again. Not being able to remember is no failure. */
async function remember(cacheFile: string, key: string, digest: string): Promise<void> {
  try {
    const entries = Object.entries({ ...(await remembered(cacheFile)), [key]: digest }).slice(-most)
    await makeFolder(dirname(cacheFile))
    await writeAtomically(cacheFile, [Buffer.from(JSON.stringify(Object.fromEntries(entries), null, 1))])
  } catch {
    return
  }
}
