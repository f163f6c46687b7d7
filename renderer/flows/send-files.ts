/** Files to the machine: by grants where the host may know their paths, slice by slice by the byte route `dropped` where not. */
import { failureHere } from '../words/failure-sentence'
import { dropped, longestSlice } from '../../contract/bytes'
import type { FileSource } from '../../contract/document'
import type { Host } from '../../contract/host'
import { toldFailure } from '../host/told-failure'

export interface Picked {
  readonly file: File
  /** With "/" between folders. */
  readonly path: string
}

export interface Sending {
  /** Aborted: ends with `cancelled`. */
  readonly signal?: AbortSignal
  /** Resolves at once, or when a pause is over. */
  readonly whenGoingOn?: () => Promise<void>
  /** Bytes that arrived, of all. */
  readonly onProgress?: (done: number, total: number) => void
}

/** A browser opens six connections to a host; some are left for the engine's pages. */
const atOnce = 3

/** Things dropped from a mail or an archive's window have no path, also in a host that knows those of others. */
export async function sourceOf(
  host: Host,
  picked: readonly Picked[],
  sending: Sending = {}
): Promise<FileSource> {
  if (!host.grant) return { drop: await sendFiles(host, picked, sending) }
  const grants = await host.grant(picked.map(({ file }) => file))
  const known = grants.filter(grant => grant !== null)
  const unknown = picked.filter((_, i) => grants[i] === null)
  return {
    ...(known.length > 0 && { grants: known }),
    ...(unknown.length > 0 && { drop: await sendFiles(host, unknown, sending) })
  }
}

/** Returns the name of the drop. Rejects with HostFailure, and nothing is kept then. */
export async function sendFiles(
  host: Host,
  files: readonly Picked[],
  sending: Sending = {}
): Promise<string> {
  const drop = crypto.randomUUID()
  const total = files.reduce((sum, { file }) => sum + file.size, 0)
  let done = 0
  const rest = files.values()
  const sender = async (): Promise<void> => {
    for (const { file, path } of rest)
      for (let at = 0; at === 0 || at < file.size; at += longestSlice) {
        await sending.whenGoingOn?.()
        if (sending.signal?.aborted) throw cancelled()
        const sent = await sendSlice(host, dropped(drop, path, at), file, at, total - done)
        done += sent
        sending.onProgress?.(done, total)
      }
  }
  try {
    const ended = await Promise.allSettled(Array.from({ length: atOnce }, sender))
    for (const each of ended) if (each.status === 'rejected') throw each.reason
    return drop
  } catch (error) {
    await forgetFiles(host, drop)
    throw error
  }
}

export async function forgetFiles({ bytes }: Host, drop: string): Promise<void> {
  // What cannot be removed now goes at the host's next start.
  await fetch(bytes.at + dropped(drop), { method: 'DELETE', headers: bytes.headers })
    .then(response => response.arrayBuffer())
    .catch(() => undefined)
}

async function sendSlice(
  { bytes }: Host,
  route: string,
  file: File,
  at: number,
  total: number
): Promise<number> {
  const unreadable = (): never => {
    throw failureHere('unreadable-file', 'notSent', { name: file.name })
  }
  // Bytes and not a Blob: Electron's main process waits for ever for one without any.
  const body = await file
    .slice(at, at + longestSlice)
    .arrayBuffer()
    .catch(unreadable)
  const headers = { ...bytes.headers, ...(at === 0 && { 'x-total': String(total) }) }
  const response = await fetch(bytes.at + route, {
    method: 'PUT',
    headers,
    ...(body.byteLength > 0 && { body })
  }).catch(unreadable)
  if (!response.ok)
    throw toldFailure((await response.json().catch(() => ({ message: response.statusText }))) as object)
  await response.arrayBuffer()
  return body.byteLength
}

const cancelled = () => failureHere('cancelled', 'sendStopped', {})
