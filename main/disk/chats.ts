/** Conversations about a document: one JSON file each, inside the document's folder, so that they vanish with it. */
import { randomUUID } from 'node:crypto'
import { readdir, rename, unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { z } from 'zod'
import type { Chat } from '../../contract/chat'
import { failureInEnglish, failureSaying } from '../../contract/failure'
import { inEnglish } from '../../contract/failure-words'
import { makeFolder } from './atomic-write'
import { ChatRecord, type FlatMessage, StoredChat } from './chat-record'
import { codeOf, writeFailure } from './io-failure'
import { readJson, writeJson } from './json-file'
import { chatFile, chatsFolder } from './paths'

export type { Chat } from '../../contract/chat'
export type { FlatMessage } from './chat-record'
/** Without an id a new conversation begins. */
export interface ChatDraft {
  readonly id?: string
  readonly title: string
  readonly modelKey: string
  readonly messages: readonly FlatMessage[]
}

/** A conversation without branches, as the command line holds them. */
export async function saveChat(library: string, document: string, draft: ChatDraft): Promise<Chat> {
  const id = draft.id ?? randomUUID()
  const found = await readJson(chatFile(library, document, id), StoredChat)
  const now = new Date().toISOString()
  const before = found.state === 'whole' ? found.value : { createdAt: now }
  return writeChat(
    library,
    document,
    StoredChat.parse({ ...before, ...draft, id, leaf: undefined, updatedAt: now })
  )
}

/** Replaces the whole conversation. What is no conversation is refused with what was wrong. */
export async function writeChat(library: string, document: string, chat: unknown): Promise<Chat> {
  const checked = ChatRecord.safeParse(chat)
  if (!checked.success)
    throw failureInEnglish(
      'bad-request',
      `This is no conversation: ${z.prettifyError(checked.error).replaceAll('\n', ' ').slice(0, 500)}`
    )
  await makeFolder(chatsFolder(library, document))
  await writeJson(chatFile(library, document, checked.data.id), checked.data)
  return checked.data
}

export async function readChat(library: string, document: string, id: string): Promise<Chat> {
  const found = await readJson(chatFile(library, document, id), StoredChat)
  if (found.state === 'whole') return found.value
  if (found.state === 'broken') throw failureSaying('unreadable-file', 'chatBroken', { reason: found.reason })
  throw failureSaying('not-found', 'chatGone', {})
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
    const found = await readJson(chatFile(library, document, id), StoredChat)
    if (found.state === 'broken') report(inEnglish(found.reason.name, found.reason.values))
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

/** To the document that takes another's place. Names are random, so that none is in the way of another. */
export async function moveChats(library: string, from: string, to: string): Promise<void> {
  const [source, target] = [chatsFolder(library, from), chatsFolder(library, to)]
  const names = await readdir(source).catch((): string[] => [])
  if (names.length > 0) await makeFolder(target)
  for (const name of names)
    await rename(join(source, name), join(target, name)).catch(async error => {
      throw await writeFailure(error, target, 0)
    })
}
