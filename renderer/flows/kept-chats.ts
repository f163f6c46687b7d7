/** Conversations to and from the host. Writes of one conversation follow each other, so that an older state never comes last. */
import i18next from 'i18next'
import { documentChat } from '../../contract/bytes'
import type { Chat } from '../../contract/chat'
import { branchOf } from '../../contract/chat-branch'
import { HostFailure, hostGone, sentenceOf } from '../../contract/failure'
import { failureOf, type Host } from '../../contract/host'
import { useChat, without } from '../store/chat'
import { SerialQueue } from '../../contract/serial-queue'
import { mergedChats, shelve, shelved, unshelve } from './unsaved-chats'

/** Milliseconds before what could not be saved is tried again, doubled each time it fails. */
const pause = { first: 2000, most: 60_000 }
/** The browser finishes such a request also when the page goes away; 64 KiB of UTF-8 may be on their way at once. */
const longestKeepalive = 20_000

export class KeptChats {
  /** By chat id: writes of one conversation follow each other. */
  private readonly writing = new Map<string, SerialQueue>()
  /** What waits for the write before it, by chat id: what it will send. */
  private readonly waiting = new Map<string, () => Promise<unknown>>()
  /** Of each conversation that was to be kept. */
  private readonly documentOf = new Map<string, string>()
  private readonly retries = new Map<
    string,
    { readonly timer: ReturnType<typeof setTimeout>; readonly wait: number }
  >()

  constructor(private readonly host: () => Host) {}

  /** Throws HostFailure with a sentence for people. */
  async fetch(documentId: string, chatId: string): Promise<Chat> {
    const response = await this.request(documentId, chatId, {})
    return (await response.json()) as Chat
  }

  /**
   * Keeps the conversation as it is now, or with `text` as what the growing answer has so far. A failure is kept in
   * `unsaved` and tried again by itself, and the conversation goes on. One that was deleted meanwhile is not written again.
   */
  keep(documentId: string, chatId: string, text?: string): Promise<void> {
    this.documentOf.set(chatId, documentId)
    const send = async (): Promise<void> => {
      const chat = useChat.getState().chats[chatId]
      if (!chat) return
      await this.put(documentId, withText(chat, text))
      listed(documentId, chat)
      this.forget(chatId)
    }
    this.waiting.set(chatId, send)
    const queue = this.writing.get(chatId) ?? new SerialQueue()
    this.writing.set(chatId, queue)
    return queue.run(async () => {
      if (this.waiting.get(chatId) === send) this.waiting.delete(chatId)
      await send().catch((error: unknown) => this.unsavedNow(documentId, chatId, error))
    })
  }

  /** Resolves when nothing of this conversation is on its way to disk. */
  async kept(chatId: string): Promise<void> {
    await this.writing.get(chatId)?.idle()
  }

  /** All that is not on disk, an answer that grows included; resolves when it is, or could not be written. */
  async keepAll(): Promise<void> {
    const { answering, unsaved } = useChat.getState()
    const wanted = new Set([...Object.keys(answering), ...Object.keys(unsaved)])
    for (const chatId of wanted) {
      const documentId = this.documentOf.get(chatId)
      if (documentId !== undefined) void this.keep(documentId, chatId, answering[chatId]?.text)
    }
    await Promise.all(Array.from(this.writing.values(), queue => queue.idle()))
  }

  /** A conversation that a person deleted is not kept for later either. */
  forget(chatId: string): void {
    clearTimeout(this.retries.get(chatId)?.timer)
    this.retries.delete(chatId)
    unshelve(chatId)
    useChat.setState(({ unsaved }) => ({ unsaved: without(unsaved, chatId) }))
  }

  /** What an earlier page could not save, to the host before anybody asks for it. What fails stays for the next time. */
  async sendShelved(): Promise<void> {
    for (const { documentId, chat } of shelved())
      try {
        const host = await this.fetch(documentId, chat.id).catch(error => {
          if (error instanceof HostFailure && error.code === 'not-found') return undefined
          throw error
        })
        const whole = host ? mergedChats(host, chat) : chat
        if (JSON.stringify(whole) !== JSON.stringify(host)) await this.put(documentId, whole)
        unshelve(chat.id)
      } catch (error) {
        // The document is gone, and its conversations with it.
        if (error instanceof HostFailure && error.code === 'not-found') unshelve(chat.id)
      }
  }

  /** For a page that goes away: there is no later, and the host writes in the order in which it is asked. */
  sendNow(): void {
    const { answering, unsaved } = useChat.getState()
    const underWay = [...this.writing].filter(([, queue]) => !queue.isIdle).map(([chatId]) => chatId)
    for (const chatId of new Set([...underWay, ...Object.keys(answering), ...Object.keys(unsaved)])) {
      const now = this.asItIs(chatId)
      if (now) shelve(now)
    }
    for (const send of this.waiting.values()) void send().catch(() => undefined)
    for (const chatId of Object.keys(answering)) {
      const now = this.asItIs(chatId)
      if (now) void this.put(now.documentId, now.chat).catch(() => undefined)
    }
  }

  private unsavedNow(documentId: string, chatId: string, error: unknown): void {
    const now = this.asItIs(chatId)
    if (!now) return
    shelve(now)
    useChat.setState(({ unsaved }) => ({ unsaved: { ...unsaved, [chatId]: sentenceOf(error) } }))
    const before = this.retries.get(chatId)
    clearTimeout(before?.timer)
    const wait = Math.min((before?.wait ?? pause.first / 2) * 2, pause.most)
    const again = (): void => {
      if (useChat.getState().unsaved[chatId] !== undefined)
        void this.keep(documentId, chatId, useChat.getState().answering[chatId]?.text)
    }
    this.retries.set(chatId, { timer: setTimeout(again, wait), wait })
  }

  private asItIs(chatId: string): { documentId: string; chat: Chat } | undefined {
    const { chats, answering } = useChat.getState()
    const [chat, documentId] = [chats[chatId], this.documentOf.get(chatId)]
    return chat && documentId !== undefined
      ? { documentId, chat: withText(chat, answering[chatId]?.text) }
      : undefined
  }

  private async put(documentId: string, chat: Chat): Promise<void> {
    const body = JSON.stringify(chat)
    const send = (keepalive: boolean): Promise<Response> =>
      this.request(documentId, chat.id, { method: 'PUT', body, keepalive })
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

  private async request(documentId: string, chatId: string, init: RequestInit): Promise<Response> {
    const { at, headers } = this.host().bytes
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
