/**
 * The file beside a page file that says how to go on inside a page: one payload, replaced as a whole.
 * Damaged, of another page file or ahead of it, it counts as absent. Rules P11 to P13 in page-file.md.
 *
 * [magic and version, 8][payload length u64][page file length u64][CRC-32 of the payload u32]
 * [SHA-256 of the page file's first record, 32][CRC-32 of these 60 bytes u32], then the payload.
 */
import { createHash } from 'node:crypto'
import { open, readFile, rename, stat, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { crc32 } from 'node:zlib'
import { syncFolder, writeAtomically } from './atomic-write'
import { codeOf, writeFailure } from './io-failure'
import type { Head } from './page-record'

const magic = 'ROMARK\u00001'
const prefixLength = 64

/** Returns its length on disk. */
export async function writeCheckpoint(
  path: string,
  head: Head,
  pagesEnd: number,
  payload: readonly Uint8Array[],
  durable: boolean
): Promise<number> {
  const length = payload.reduce((sum, part) => sum + part.length, 0)
  const prefix = Buffer.alloc(prefixLength)
  prefix.write(magic, 'latin1')
  prefix.writeBigUInt64LE(BigInt(length), 8)
  prefix.writeBigUInt64LE(BigInt(pagesEnd), 16)
  prefix.writeUInt32LE(
    payload.reduce((crc, part) => crc32(part, crc), 0),
    24
  )
  digestOf(head).copy(prefix, 28)
  prefix.writeUInt32LE(crc32(prefix.subarray(0, 60)), 60)
  await writeAtomically(path, [prefix, ...payload], `${path}.tmp`, durable)
  return prefixLength + length
}

/** The payload, if it is whole, belongs to this page file and counts on nothing behind `pagesEnd`. */
export async function readCheckpoint(
  path: string,
  head: Head,
  pagesEnd: number
): Promise<Uint8Array | undefined> {
  // Any failure to read is a checkpoint that cannot be trusted.
  const bytes = await readFile(path).catch(() => undefined)
  const after = bytes && pagesEndOf(bytes, head)
  if (bytes === undefined || after === undefined || after > pagesEnd) return undefined
  const payload = bytes.subarray(prefixLength)
  if (BigInt(payload.length) !== bytes.readBigUInt64LE(8) || crc32(payload) !== bytes.readUInt32LE(24))
    return undefined
  return payload
}

/** A checkpoint that was written without flushes becomes the durable one. */
export async function makeDurable(unflushed: string, checkpoint: string): Promise<void> {
  const handle = await open(unflushed, 'r+')
  await handle.sync().finally(() => handle.close())
  await rename(unflushed, checkpoint)
  await syncFolder(dirname(checkpoint))
}

/** Gives a checkpoint that an earlier version wrote its present name, unless a newer one has that already. */
export async function adoptEarlier(earlier: string, path: string): Promise<void> {
  const written = await changedAt(earlier)
  if (written === 0) return
  if ((await changedAt(path)) > written) await dropCheckpoint(earlier)
  else await rename(earlier, path)
}

/** Milliseconds since 1970; 0 where there is no such file. */
export const changedAt = (path: string): Promise<number> =>
  stat(path).then(
    ({ mtimeMs }) => mtimeMs,
    () => 0
  )

/** Drops a checkpoint that counts on records behind `pagesEnd`: they are gone, and others may take their place. */
export async function dropCheckpointBehind(path: string, head: Head, pagesEnd: number): Promise<boolean> {
  const handle = await open(path, 'r').catch(() => undefined)
  if (handle === undefined) return false
  const prefix = Buffer.alloc(prefixLength)
  await handle.read(prefix, 0, prefixLength, 0).catch(() => undefined)
  await handle.close()
  const after = pagesEndOf(prefix, head)
  if (after !== undefined && after <= pagesEnd) return false
  await dropCheckpoint(path)
  return true
}

export async function dropCheckpoint(path: string): Promise<void> {
  await unlink(path).catch(async error => {
    if (codeOf(error) !== 'ENOENT') throw await writeFailure(error, path, 0)
  })
}

/** The page file's length that a checkpoint counts on; undefined when it is damaged or of another page file. */
function pagesEndOf(bytes: Buffer, head: Head): number | undefined {
  if (bytes.length < prefixLength || bytes.toString('latin1', 0, 8) !== magic) return undefined
  if (crc32(bytes.subarray(0, 60)) !== bytes.readUInt32LE(60)) return undefined
  return digestOf(head).equals(bytes.subarray(28, 60)) ? Number(bytes.readBigUInt64LE(16)) : undefined
}

const digestOf = (head: Head) => createHash('sha256').update(head.payload).digest()
