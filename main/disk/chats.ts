/** Conversations about a document: one JSON file each, inside the document's folder, so that they vanish with it. */
import { randomUUID } from 'node:crypto'
import { readdir, unlink } from 'node:fs/promises'
import { z } from 'zod'
import { HostFailure } from '../../contract/failure'
import { makeFolder } from './atomic-write'
import { codeOf, writeFailure } from './io-failure'
import { readJson, writeJson } from './json-file'
import { chatFile, chatsFolder } from './paths'

const Source = z.looseObject({ start: z.number(), end: z.number() })
const Message = z.looseObject({
  role: z.enum(['user', 'assistant']),
  content: z.string(),
  /** Where in the document an answer comes from. */
  sources: z.array(Source).optional()
})
const Chat = z.looseObject({
  id: z.string(),
  title: z.string(),
  modelKey: z.string(),
  messages: z.array(Message),
  createdAt: z.string(),
  updatedAt: z.string()
})
export type ChatMessage = z.infer<typeof Message>
export type Chat = z.infer<typeof Chat>
/** Without an id a new conversation begins. */
export type ChatDraft = Pick<Chat, 'title' | 'modelKey' | 'messages'> & { id?: string }

export async function saveChat(library: string, document: string, draft: ChatDraft): Promise<Chat> {
  const id = draft.id ?? randomUUID()
  const path = chatFile(library, document, id)
  const found = await readJson(path, Chat)
  const now = new Date().toISOString()
  const before = found.state === 'whole' ? found.value : { createdAt: now }
  const chat = Chat.parse({ ...before, ...draft, id, updatedAt: now })
  await makeFolder(chatsFolder(library, document))
  await writeJson(path, chat)
  return chat
}

export async function readChat(library: string, document: string, id: string): Promise<Chat> {
  const found = await readJson(chatFile(library, document, id), Chat)
  if (found.state === 'whole') return found.value
  if (found.state === 'broken')
    throw new HostFailure('unreadable-file', `The conversation ${id} is damaged. ${found.reason}`)
  throw new HostFailure('not-found', `The document ${document} has no conversation ${id}.`)
}

/** Newest first. A broken one is put aside, told to `report`, and left out. */
export async function listChats(
  library: string,
  document: string,
  report: (reason: string) => void
): Promise<Chat[]> {
  const names = await readdir(chatsFolder(library, document)).catch((): string[] => [])
  const chats: Chat[] = []
  for (const name of names) {
    const id = /^([A-Za-z0-9][A-Za-z0-9_-]*)\.json$/.exec(name)?.[1]
    if (id === undefined) continue
    const found = await readJson(chatFile(library, document, id), Chat)
    if (found.state === 'broken') report(found.reason)
    if (found.state === 'whole') chats.push(found.value)
  }
  return chats.sort((a, b) => (a.updatedAt < b.updatedAt ? 1 : -1))
}

export async function deleteChat(library: string, document: string, id: string): Promise<void> {
  const path = chatFile(library, document, id)
  await unlink(path).catch(async error => {
    if (codeOf(error) !== 'ENOENT') throw await writeFailure(error, path, 0)
  })
  // What was put aside is a trace as well.
  await unlink(`${path}.broken`).catch(() => undefined)
}
