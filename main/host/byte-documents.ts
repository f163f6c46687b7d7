/** Routes of documents: the text, its outline, one conversation. */
import { failureInEnglish } from '../../contract/failure'
import { SerialQueue } from '../../contract/serial-queue'
import { isDocumentId, unknown } from '../disk/documents'
import type { Library } from '../disk/library'
import { json, jsonBodyOf, notAllowed, type ServeKind, unknownRoute } from './replies'

const longestChat = 50e6
// A page that goes away sends a conversation's last state while the one before is still on its way.
const chatWrites = new SerialQueue()

export const serveDocument: ServeKind = async ({ library }, [id, part, chat, ...rest], request) => {
  if (rest.length > 0) throw unknownRoute()
  if (part === 'chats' && chat !== undefined) {
    if (!['GET', 'PUT'].includes(request.method)) return notAllowed('GET, PUT')
    if (request.method === 'GET') {
      await known(library(), id)
      return json(200, await library().readChat(id, chat))
    }
    return chatWrites.run(async () => {
      await known(library(), id)
      const sent = await jsonBodyOf(request, longestChat)
      if (typeof sent !== 'object' || sent === null)
        throw failureInEnglish('bad-request', 'The body is no conversation.')
      const { messages, title, createdAt, updatedAt } = await library().writeChat(id, { ...sent, id: chat })
      return json(200, { id: chat, title, createdAt, updatedAt, messages: messages.length })
    })
  }
  if (chat !== undefined) throw unknownRoute()
  if (!['GET', 'HEAD'].includes(request.method)) return notAllowed('GET, HEAD')
  // Those that a newer text replaced are served too: what was read of them is of use for the newer one.
  await known(library(), id)
  if (part === 'outline') return json(200, await library().outline(id))
  if (part === 'text') return serveText(await library().text(id), request)
  throw unknownRoute()
}

async function known(library: Library, id: string): Promise<void> {
  if (!isDocumentId(id)) throw unknown(id.slice(0, 80))
  await library.get(id)
}

function serveText(text: string, request: Request): Response {
  const bytes = Buffer.from(text)
  return new Response(request.method === 'HEAD' ? null : bytes, {
    headers: {
      'content-type': 'text/plain; charset=utf-8',
      'content-length': String(bytes.length),
      'cache-control': 'no-store',
      'x-content-type-options': 'nosniff'
    }
  })
}
