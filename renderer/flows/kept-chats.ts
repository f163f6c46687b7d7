/** Conversations to and from the host. Writes of one conversation follow each other, so that an older state never comes last. */
import i18next from 'i18next'
import { documentChat } from '../../contract/bytes'
import type { Chat } from '../../contract/chat'
import { branchOf } from '../../contract/chat-branch'
import { HostFailure, hostGone, sentenceOf } from '../../contract/failure'
import { failureOf } from '../../contract/host'
import { useChat, without } from '../store/chat'
import { currentHost } from './running-engine'
import { mergedChats, shelve, shelved, unshelve } from './unsaved-chats'

/** Milliseconds before what could not be saved is tried again, doubled each time it fails. */
const pause = { first: 2000, most: 60_000 }
/** The browser finishes such a request also when the page goes away; 64 KiB of UTF-8 may be on their way at once. */
const longestKeepalive = 20_000

const writing = new Map<string, Promise<void>>()
/** What waits for the write before it, by chat id: what it will send. */
const waiting = new Map<string, () => Promise<unknown>>()
/** Of each conversation that was to be kept. */
const documentOf = new Map<string, string>()
const retries = new Map<string, { readonly timer: ReturnType<typeof setTimeout>; readonly wait: number }>()

// There is no later for a page that goes away: the host writes in the order in which it is asked.
globalThis.addEventListener?.('pagehide', () => {
  const { answering, unsaved } = useChat.getState()
  for (const chatId of new Set([...writing.keys(), ...Object.keys(answering), ...Object.keys(unsaved)])) {
    const now = asItIs(chatId)
    if (now) shelve(now)
  }
  for (const send of waiting.values()) void send().catch(() => undefined)
  for (const chatId of Object.keys(answering)) {
    const now = asItIs(chatId)
    if (now) void put(now.documentId, now.chat).catch(() => undefined)
  }
})

/** Throws HostFailure with a sentence for people. */
export async function fetchChat(documentId: string, chatId: string): Promise<Chat> {
  const response = await request(documentId, chatId, {})
  return (await response.json()) as Chat
}

/**
 * Keeps the conversation as it is now, or with `text` as what the growing answer has so far. A failure is kept in
 * `unsaved` and tried again by itself, and the conversation goes on. One that was deleted meanwhile is not written again.
 */
export function keepChat(documentId: string, chatId: string, text?: string): Promise<void> {
  documentOf.set(chatId, documentId)
  const send = async (): Promise<void> => {
    const chat = useChat.getState().chats[chatId]
    if (!chat) return
    await put(documentId, withText(chat, text))
    saved(documentId, chat)
  }
  waiting.set(chatId, send)
  const after = kept(chatId).then(async () => {
    if (waiting.get(chatId) === send) waiting.delete(chatId)
    try {
      await send()
    } catch (error) {
      unsavedNow(documentId, chatId, error)
    } finally {
      if (writing.get(chatId) === after) writing.delete(chatId)
    }
  })
  writing.set(chatId, after)
  return after
}

/** Resolves when nothing of this conversation is on its way to disk. */
export const kept = (chatId: string): Promise<void> => writing.get(chatId) ?? Promise.resolve()

/** All that is not on disk, an answer that grows included; resolves when it is, or could not be written. */
export async function keepAllChats(): Promise<void> {
  const { answering, unsaved } = useChat.getState()
  const wanted = new Set([...Object.keys(answering), ...Object.keys(unsaved)])
  for (const chatId of wanted) {
    const documentId = documentOf.get(chatId)
    if (documentId !== undefined) void keepChat(documentId, chatId, answering[chatId]?.text)
  }
  await Promise.all(writing.values())
}

/** A conversation that a person deleted is not kept for later either. */
export function letGoOf(chatId: string): void {
  clearTimeout(retries.get(chatId)?.timer)
  retries.delete(chatId)
  unshelve(chatId)
  useChat.setState(({ unsaved }) => ({ unsaved: without(unsaved, chatId) }))
}

/** What an earlier page could not save, to the host before anybody asks for it. What fails stays for the next time. */
export async function sendShelved(): Promise<void> {
  for (const { documentId, chat } of shelved())
    try {
      const host = await fetchChat(documentId, chat.id).catch(error => {
        if (error instanceof HostFailure && error.code === 'not-found') return undefined
        throw error
      })
      const whole = host ? mergedChats(host, chat) : chat
      if (JSON.stringify(whole) !== JSON.stringify(host)) await put(documentId, whole)
      unshelve(chat.id)
    } catch (error) {
      // The document is gone, and its conversations with it.
      if (error instanceof HostFailure && error.code === 'not-found') unshelve(chat.id)
    }
}

function unsavedNow(documentId: string, chatId: string, error: unknown): void {
  const now = asItIs(chatId)
  if (!now) return
  shelve(now)
  useChat.setState(({ unsaved }) => ({ unsaved: { ...unsaved, [chatId]: sentenceOf(error) } }))
  const before = retries.get(chatId)
  clearTimeout(before?.timer)
  const wait = Math.min((before?.wait ?? pause.first / 2) * 2, pause.most)
  const again = (): void => {
    if (useChat.getState().unsaved[chatId] !== undefined)
      void keepChat(documentId, chatId, useChat.getState().answering[chatId]?.text)
  }
  retries.set(chatId, { timer: setTimeout(again, wait), wait })
}

function saved(documentId: string, chat: Chat): void {
  listed(documentId, chat)
  letGoOf(chat.id)
}

function asItIs(chatId: string): { documentId: string; chat: Chat } | undefined {
  const { chats, answering } = useChat.getState()
  const [chat, documentId] = [chats[chatId], documentOf.get(chatId)]
  return chat && documentId !== undefined
    ? { documentId, chat: withText(chat, answering[chatId]?.text) }
    : undefined
}

function withText(chat: Chat, text: string | undefined): Chat {
  const growing = useChat.getState().answering[chat.id]?.messageId
  if (text === undefined || growing === undefined) return chat
  return {
    ...chat,
    messages: chat.messages.map(each => (each.id === growing ? { ...each, content: text } : each))
  }
}

/** The list follows without asking the host again. */
const listed = (documentId: string, chat: Chat): void =>
  useChat.setState(({ lists }) => {
    const { id, title, createdAt, updatedAt } = chat
    const others = (lists[documentId] ?? []).filter(each => each.id !== id)
    const info = { id, title, createdAt, updatedAt, messages: branchOf(chat).length }
    return { lists: { ...lists, [documentId]: [info, ...others] } }
  })

async function put(documentId: string, chat: Chat): Promise<void> {
  const body = JSON.stringify(chat)
  const send = (keepalive: boolean): Promise<Response> =>
    request(documentId, chat.id, { method: 'PUT', body, keepalive })
  const response = await (body.length < longestKeepalive
    ? send(true).catch(error => {
        // Refused by the browser and not by the host: its room for such requests is full. Once without it.
        if (error instanceof HostFailure && error.code === 'host-gone') return send(false)
        throw error
      })
    : send(false))
  // Until it is read, Chromium counts the request as under way, and after 64 KiB of them sends no more.
  await response.arrayBuffer()
}

async function request(documentId: string, chatId: string, init: RequestInit): Promise<Response> {
  const { at, headers } = currentHost().bytes
  const response = await fetch(at + documentChat(documentId, chatId), {
    ...init,
    headers: init.body === undefined ? headers : { ...headers, 'content-type': 'application/json' }
  }).catch(() => {
    throw hostGone()
  })
  if (response.ok) return response
  const reply: unknown = await response.json().catch(() => undefined)
  if (typeof reply === 'object' && reply !== null) throw failureOf(reply)
  throw new Error(i18next.t('chat:answeredStatus', { status: response.status }))
}
