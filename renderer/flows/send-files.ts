/** Files to the machine by the byte route `dropped`, where the host may not know their paths. */
import { dropped } from '../../contract/bytes'
import type { Host } from '../../contract/host'
import { HostFailure } from '../../contract/failure'
import { toldFailure } from '../host/told-failure'

export interface Picked {
  readonly file: File
  /** With "/" between folders. */
  readonly path: string
}

/** A browser opens six connections to a host; some are left for the engine's pages. */
const atOnce = 3

/** Returns the name of the drop. Rejects with HostFailure, and nothing is kept then. */
export async function sendFiles(host: Host, files: readonly Picked[]): Promise<string> {
  const drop = crypto.randomUUID()
  const rest = files.values()
  const sender = async (): Promise<void> => {
    for (const { file, path } of rest) await send(host, dropped(drop, path), file)
  }
  try {
    await Promise.all(Array.from({ length: atOnce }, sender))
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

async function send({ bytes }: Host, route: string, file: File): Promise<void> {
  const response = await fetch(bytes.at + route, { method: 'PUT', headers: bytes.headers, body: file }).catch(
    () => {
      throw new HostFailure(
        'unreadable-file',
        `${file.name} could not be sent: it is a folder, cannot be read any more, or the program behind this page has ended.`
      )
    }
  )
  if (!response.ok)
    throw toldFailure((await response.json().catch(() => ({ message: response.statusText }))) as object)
  await response.arrayBuffer()
}
