/**
 * The byte routes of contract/bytes.ts as one function (Request) => Promise<Response>: Electron's protocol.handle, the local
 * browser host and the tests run the same code. Each kind of route has a file of its own.
 */
import { longestSlice } from '../../contract/bytes'
import { HostFailure } from '../../contract/failure'
import { serveDocument } from './byte-documents'
import { serveDrop } from './byte-drops'
import { serveModel } from './byte-models'
import { longestRecord, servePages } from './byte-pages'
import type { MachineHost } from './host'
import { failureReply, type ServeKind, unknownRoute } from './replies'

export { servePage } from './serve-page'

const kinds: Readonly<Record<string, ServeKind>> = {
  models: serveModel,
  drops: serveDrop,
  documents: serveDocument,
  pages: servePages
}

/** `path` is what follows `Host.bytes.at`. */
export async function serveBytes(host: MachineHost, path: string, request: Request): Promise<Response> {
  try {
    const [first, kind, ...parts] = path.split('/').map(decoded)
    if (first !== '' || parts.length === 0 || parts.includes('') || !Object.hasOwn(kinds, kind))
      throw unknownRoute()
    return await kinds[kind](host, parts, request)
  } catch (error) {
    if (!(error instanceof HostFailure)) host.failed(`bytes ${request.method} ${path.split('/')[1]}`, error)
    return failureReply(error)
  }
}

/** The longest body that any route takes, for a transport that wants to know before it reads. */
export const longestBody = (path: string): number =>
  path.startsWith('/drops/') ? longestSlice : longestRecord

function decoded(part: string): string {
  try {
    return decodeURIComponent(part)
  } catch {
    throw unknownRoute()
  }
}
