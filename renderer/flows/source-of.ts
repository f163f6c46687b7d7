/** Files → what the host takes them from: its own disk where it may know their paths, what is sent to it where not. */
import type { FileSource } from '../../contract/document'
import type { Host } from '../../contract/host'
import { type Picked, sendFiles, type Sending } from './send-files'

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
