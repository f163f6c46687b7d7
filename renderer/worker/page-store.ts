/** gpu's PageStore by the byte routes `pages`, verb by verb; main/disk/page-file.ts is at the other end. */
import { pages } from '../../contract/bytes'
import type { PageStore, SavedPages } from '../../gpu/index'
import { fill, type Routes } from './routes'

/** `client`: a random name of this worker; opening takes the file over from an earlier one. */
export function pageStore(routes: Routes, documentId: string, modelKey: string, client: string): PageStore {
  const at = pages(documentId, modelKey, client)
  let bytes = 0

  async function send(method: string, verb: string, body?: BodyInit): Promise<Response> {
    const response = await routes(`${at}/${verb}`, { method, body })
    const told = response.headers.get('x-bytes')
    if (told !== null) bytes = Number(told)
    return response
  }
  const done = async (method: string, verb: string, body?: BodyInit): Promise<void> => {
    // Read to its end, or the connection is not free for the next request.
    await (await send(method, verb, body)).arrayBuffer()
  }

  return {
    open: async identity =>
      (await (await send('POST', 'open', JSON.stringify(identity))).json()) as SavedPages,
    begin: identity => done('POST', 'begin', JSON.stringify(identity)),
    async read(index, into) {
      const response = await send('GET', `records/${index}`)
      if (response.status === 409) {
        await response.arrayBuffer()
        return false
      }
      await fill(
        into,
        response.body,
        got => new Error(`page store: record ${index} has ${into.length} bytes, got ${got}`)
      )
      return true
    },
    append: (kind, ...payload) => done('POST', `records/${kind}`, joined(payload)),
    cut: index => done('POST', `cut/${index}`),
    keepCheckpoint: (...payload) => done('PUT', 'checkpoint', joined(payload)),
    async checkpoint() {
      const response = await send('GET', 'checkpoint')
      const payload = new Uint8Array(await response.arrayBuffer())
      return response.status === 204 ? undefined : payload
    },
    seal: () => done('POST', 'seal'),
    get bytes() {
      return bytes
    },
    close: () => done('POST', 'close')
  }
}

// One body with a length: the host refuses what has none. The parts may be mapped memory that is gone on return.
function joined(parts: readonly Uint8Array[]): Uint8Array<ArrayBuffer> {
  const all = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0))
  let at = 0
  for (const part of parts) {
    all.set(part, at)
    at += part.length
  }
  return all
}
