/**
 * Conversations that are not on disk yet, kept in the browser so that a reload or a crash takes nothing: put there when a save
 * fails and when the page goes away, sent and taken out at the next start. What the host has meanwhile is never written over.
 */
import type { Chat, ChatMessage } from '../../contract/chat'

interface UnsavedChat {
  readonly documentId: string
  readonly chat: Chat
}

const key = 'readonce-unsaved'

/** At once and not later: there is no later for a page that goes away. */
export function shelve(unsaved: UnsavedChat): void {
  write([...shelved().filter(({ chat }) => chat.id !== unsaved.chat.id), unsaved])
}

export function unshelve(chatId: string): void {
  const before = shelved()
  const after = before.filter(({ chat }) => chat.id !== chatId)
  if (after.length < before.length) write(after)
}

export function shelved(): UnsavedChat[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isUnsaved) : []
  } catch {
    return []
  }
}

/** Both together: what only one has, and of an answer that was interrupted the longer words. */
export function mergedChats(host: Chat, kept: Chat): Chat {
  const own = new Map(kept.messages.map(message => [message.id, message]))
  const known = new Set(host.messages.map(({ id }) => id))
  const messages = [
    ...host.messages.map(message => later(message, own.get(message.id))),
    ...kept.messages.filter(({ id }) => !known.has(id))
  ]
  const newer = kept.updatedAt >= host.updatedAt ? kept : host
  return { ...host, messages, leaf: newer.leaf, updatedAt: newer.updatedAt }
}

const later = (message: ChatMessage, other: ChatMessage | undefined): ChatMessage =>
  other &&
  message.state === 'interrupted' &&
  (other.state !== 'interrupted' || other.content.length > message.content.length)
    ? other
    : message

function write(all: readonly UnsavedChat[]): void {
  try {
    if (all.length > 0) localStorage.setItem(key, JSON.stringify(all))
    else localStorage.removeItem(key)
  } catch {
    // A browser keeps some 5 MB: what has no room there is kept in the window alone.
  }
}

function isUnsaved(value: unknown): value is UnsavedChat {
  const { documentId, chat } = (value ?? {}) as Partial<UnsavedChat>
  return typeof documentId === 'string' && typeof chat?.id === 'string' && Array.isArray(chat.messages)
}
