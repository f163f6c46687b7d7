/**
 * Has a file changed since its text was taken in? Size and modification time are asked often and cost a stat; only when
 * they differ are the bytes hashed, so that a file that was merely copied or touched does not count as changed.
 */
import { stat } from 'node:fs/promises'
import { z } from 'zod'
import { failureSaying, HostFailure } from '../../contract/failure'
import { digestOf } from './digest-cache'

export const Fingerprint = z.looseObject({
  path: z.string(),
  size: z.number(),
  /** Milliseconds since 1970, as the file system tells them. */
  modified: z.number(),
  /** SHA-256 of the bytes. */
  digest: z.string()
})
export type Fingerprint = z.infer<typeof Fingerprint>

export type FileState = 'same' | 'changed' | 'gone' | 'unknown'

/** Taken before the text is extracted: a change in between then shows as one. Rejects as `digestOf`. */
export async function fingerprintOf(path: string): Promise<Fingerprint> {
  const { size, mtimeMs } = await stat(path)
  const digest = await digestOf(path).catch((error: unknown) => {
    // What is a broken model elsewhere is here a text that is being written.
    if (error instanceof HostFailure && error.code === 'broken-model')
      throw failureSaying('unreadable-file', 'changedWhileRead', { path })
    throw error
  })
  return { path, size, modified: mtimeMs, digest }
}

/** Digests of files that were touched, so that each change is hashed once: path, size and time → digest. */
const hashed = new Map<string, string>()

async function stateOfFile(known: Fingerprint): Promise<FileState> {
  const found = await stat(known.path).catch(() => undefined)
  if (!found?.isFile()) return 'gone'
  if (found.size !== known.size) return 'changed'
  if (found.mtimeMs === known.modified) return 'same'
  const key = `${known.path}|${found.size}|${found.mtimeMs}`
  const digest = hashed.get(key) ?? (await digestOf(known.path).catch(() => undefined))
  if (digest === undefined) return 'unknown'
  if (hashed.size > 1000) hashed.clear()
  hashed.set(key, digest)
  return digest === known.digest ? 'same' : 'changed'
}

/** Of a document made of these files: gone when all are, changed when any is. */
export async function stateOfFiles(files: readonly Fingerprint[]): Promise<FileState> {
  const states: FileState[] = []
  for (const file of files) states.push(await stateOfFile(file))
  if (states.length === 0 || states.includes('unknown')) return 'unknown'
  if (states.every(state => state === 'gone')) return 'gone'
  return states.every(state => state === 'same') ? 'same' : 'changed'
}
