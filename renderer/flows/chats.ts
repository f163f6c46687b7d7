/** Conversations: list, open, begin, branch off, rename, delete, search. What fails is told in the store's `problem`. */
import type { Chat, ChatHit } from '../../contract/chat'
import { sentenceOf } from '../../contract/failure'
import { useChat, without } from '../store/chat'
import { branchOf, newestLeaf } from '../store/chat-tree'
import { fetchChat, keepChat, kept, letGoOf } from './kept-chats'
import { openDocument } from './sessions'
import { currentEngine, currentHost, isHostGone } from './running-engine'
import { tellTrashed } from './tell-trashed'

export { exportChat } from './export-chat'

const set = useChat.setState

export const listChats = (documentId: string): Promise<void> =>
  told(async () => {
    const list = await currentHost().listChats(documentId)
    set(({ lists }) => ({ lists: { ...lists, [documentId]: list } }))
  })

/** What is seen when a document comes to the front: the conversation shown last, else the newest one. */
export async function showChats(documentId: string): Promise<void> {
  await listChats(documentId)
  const { lists, shown } = useChat.getState()
  const newest = lists[documentId]?.[0]
  if (newest && shown[documentId] === undefined) await openChat(documentId, newest.id)
}

/** With `messageId`, the branch that this message stands on, scrolled to it. */
export const openChat = (documentId: string, chatId: string, messageId?: string): Promise<void> =>
  told(async () => {
    // What is here is newer than the disk while an answer grows.
    const chat = useChat.getState().chats[chatId] ?? (await fetchChat(documentId, chatId))
    show(documentId, chat)
    if (messageId === undefined) return
    if (!branchOf(chat).some(({ id }) => id === messageId))
      showBranch(documentId, chatId, newestLeaf(chat.messages, messageId))
    set({ goTo: { chatId, messageId } })
  })

/** A hit of the search in all documents. */
export async function openHit({ documentId, chatId, messageId }: ChatHit): Promise<void> {
  await openDocument(documentId)
  await openChat(documentId, chatId, messageId)
}

/** Nothing is kept before its first question. */
export const newChat = (documentId: string): void =>
  set(({ shown }) => ({ shown: { ...shown, [documentId]: '' } }))

export function beginChat(question: string): Chat {
  const at = new Date().toISOString()
  const modelKey = currentEngine()?.modelKey ?? ''
  return {
    id: crypto.randomUUID(),
    title: titleOf(question),
    modelKey,
    messages: [],
    createdAt: at,
    updatedAt: at
  }
}

/** A conversation of its own that begins with the branch up to this message. */
export async function branchOff(documentId: string, chatId: string, messageId: string): Promise<void> {
  const chat = useChat.getState().chats[chatId]
  if (!chat) return
  const begun = {
    ...beginChat(''),
    title: branchTitle(chat.title, titlesOf(documentId)),
    messages: branchOf({ messages: chat.messages, leaf: messageId }),
    leaf: messageId
  }
  show(documentId, begun)
  await keepChat(documentId, begun.id)
}

/** `leaf`: the message at the end of the branch. */
export function showBranch(documentId: string, chatId: string, leaf: string): void {
  change(chatId, { leaf })
  void keepChat(documentId, chatId)
}

export const renameChat = (documentId: string, chatId: string, title: string): Promise<void> =>
  told(async () => {
    change(chatId, { title })
    await kept(chatId)
    await currentHost().renameChat(documentId, chatId, title)
    await listChats(documentId)
  })

/** Into the trash: the caller has asked. */
export const deleteChat = (documentId: string, chatId: string): Promise<void> =>
  told(async () => {
    set(({ chats, shown }) => ({
      chats: without(chats, chatId),
      shown: shown[documentId] === chatId ? { ...shown, [documentId]: '' } : shown
    }))
    await kept(chatId)
    letGoOf(chatId)
    const trashed = await currentHost().deleteChat(documentId, chatId)
    if (trashed) tellTrashed(trashed)
    await listChats(documentId)
  })

/** In all documents. Throws HostFailure with a sentence for people. */
export const searchChats = (words: string): Promise<ChatHit[]> => currentHost().searchChats(words)

export const setDraft = (documentId: string, text: string): void =>
  set(({ drafts }) => ({ drafts: { ...drafts, [documentId]: text } }))

export const dismissProblem = (): void => set({ problem: undefined })

const show = (documentId: string, chat: Chat): void =>
  set(({ chats, shown }) => ({
    chats: { ...chats, [chat.id]: chats[chat.id] ?? chat },
    shown: { ...shown, [documentId]: chat.id }
  }))

const change = (chatId: string, change: Partial<Chat>): void =>
  set(({ chats }) =>
    chats[chatId] ? { chats: { ...chats, [chatId]: { ...chats[chatId], ...change } } } : {}
  )

const titlesOf = (documentId: string): string[] =>
  (useChat.getState().lists[documentId] ?? []).map(({ title }) => title)

/** The same title with the next number that is free: "Who was Agnes? (2)". */
function branchTitle(title: string, taken: readonly string[]): string {
  const stem = title.replace(/ \(\d+\)$/, '')
  let number = 2
  while (taken.includes(`${stem} (${number})`)) number++
  return `${stem} (${number})`
}

/** The first line of the question, at most 60 characters of it, cut between words. */
function titleOf(question: string): string {
  const line = question.trim().split('\n', 1)[0] ?? ''
  if (line.length <= 60) return line
  const cut = line.slice(0, 60)
  return `${cut.slice(0, Math.max(cut.lastIndexOf(' '), 30))} …`
}

const told = (work: () => Promise<void>): Promise<void> =>
  work().catch((error: unknown) => {
    if (!isHostGone(error)) set({ problem: sentenceOf(error) })
  })
