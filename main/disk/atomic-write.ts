/**
 * Replaces a file so that a reader, a crash or a power cut finds the old content or the new one, never
 * a mixture: write beside, fsync, rename, fsync the folder. Private to the user: mode 0600.
 */
import { randomUUID } from 'node:crypto'
import { type FileHandle, mkdir, open, rename, unlink } from 'node:fs/promises'
import { dirname } from 'node:path'
import { writeFailure } from './io-failure'
import { writeParts } from './write-parts'

/**
 * `beside` names the temporary file; by default one of its own, so that two writers cannot mix theirs. Not `durable`:
 * without the flushes, so a power cut may leave neither old nor new, while the end of the process leaves one of them.
 */
export async function writeAtomically(
  path: string,
  parts: readonly Uint8Array[],
  beside = `${path}.${process.pid}-${randomUUID().slice(0, 8)}.tmp`,
  durable = true
): Promise<void> {
  try {
    await replaceFile(path, beside, handle => writeParts(handle, parts, 0), durable)
  } catch (error) {
    throw await writeFailure(error, path, total(parts))
  }
}

/** The same with a content that `write` writes; what fails is thrown as it is. */
export async function replaceFile(
  path: string,
  beside: string,
  write: (handle: FileHandle) => Promise<void>,
  durable = true
): Promise<void> {
  let handle: FileHandle | undefined
  try {
    handle = await open(beside, 'w', 0o600)
    await write(handle)
    if (durable) await handle.sync()
    await handle.close()
    handle = undefined
    await rename(beside, path)
    if (durable) await syncFolder(dirname(path))
  } catch (error) {
    await handle?.close().catch(() => undefined)
    await unlink(beside).catch(() => undefined)
    throw error
  }
}

/** A folder that only its owner may look into; parents are made the same way. */
export async function makeFolder(path: string): Promise<void> {
  try {
    await mkdir(path, { recursive: true, mode: 0o700 })
  } catch (error) {
    throw await writeFailure(error, path, 0)
  }
}

/** Makes renames and removals in a folder durable. Windows cannot open a folder and does not need it. */
export async function syncFolder(path: string): Promise<void> {
  const handle = await open(path, 'r').catch(() => undefined)
  await handle?.sync().catch(() => undefined)
  await handle?.close()
}

const total = (parts: readonly Uint8Array[]) => parts.reduce((sum, part) => sum + part.length, 0)
