/** Conversations to and from the host. Writes of one conversation follow each other, so that an older state never comes last. */
import { documentChat } from '../../contract/bytes'
import type { Chat } from '../../contract/chat'
import { failureOf } from '../../contract/host'
import { useChat, without } from '../store/chat'
import { currentHost } from './running-engine'

const writing = new Map<string, Promise<void>>()
/** What waits for the write before it, by chat id: what it will send. */
const waiting = new Map<string, () => Promise<unknown>>()

// There is no later for a page that goes away: the host writes in the order in which it is asked.
globalThis.addEventListener?.('pagehide', () => {
  for (const send of waiting.values()) void send().catch(() => undefined)
})

/** Throws HostFailure with a sentence for people. */
export async function fetchChat(documentId: string, chatId: string): Promise<Chat> {
  const response = await request(documentId, chatId, {})
  return (await response.json()) as Chat
}

/**
 * Keeps the conversation as it is now, or with `text` as what the growing answer has so far. A failure is kept in
 * `unsaved` and the conversation goes on. One that was deleted meanwhile is not written again.
 */
export function keepChat(documentId: string, chatId: string, text?: string): Promise<void> {
  const send = async (): Promise<void> => {
    const chat = useChat.getState().chats[chatId]
    if (!chat) return
    const body = JSON.stringify(withText(chat, text))
    // The browser finishes such a request also when the page goes away, up to 64 KiB.
    await request(documentId, chatId, { method: 'PUT', body, keepalive: body.length < 20_000 })
    listed(documentId, chat)
  }
  waiting.set(chatId, send)
  const after = kept(chatId).then(async () => {
    if (waiting.get(chatId) === send) waiting.delete(chatId)
    try {
      await send()
    } catch (error) {
      useChat.setState(({ unsaved }) => ({ unsaved: { ...unsaved, [chatId]: sentenceOf(error) } }))
    }
  })
  writing.set(chatId, after)
  return after
}

/** Resolves when nothing of this conversation is on its way to disk. */
export const kept = (chatId: string): Promise<void> => writing.get(chatId) ?? Promise.resolve()

export const sentenceOf = (error: unknown): string => (error instanceof Error ? error.message : String(error))

function withText(chat: Chat, text: string | undefined): Chat {
  const growing = useChat.getState().answering[chat.id]?.messageId
  if (text === undefined || growing === undefined) return chat
  return {
    ...chat,
    messages: chat.messages.map(each => (each.id === growing ? { ...each, content: text } : each))
  }
}

/** The list follows without asking the host again. */
const listed = (documentId: string, { id, title, createdAt, updatedAt, messages }: Chat): void =>
  useChat.setState(({ lists, unsaved }) => {
    const others = (lists[documentId] ?? []).filter(each => each.id !== id)
    const info = { id, title, createdAt, updatedAt, messages: messages.length }
    return { unsaved: without(unsaved, id), lists: { ...lists, [documentId]: [info, ...others] } }
  })

async function request(documentId: string, chatId: string, init: RequestInit): Promise<Response> {
  const { at, headers } = currentHost().bytes
  const response = await fetch(at + documentChat(documentId, chatId), {
    ...init,
    headers: init.body === undefined ? headers : { ...headers, 'content-type': 'application/json' }
  })
  if (!response.ok) throw failureOf((await response.json()) as { code?: unknown; message?: unknown })
  return response
}
