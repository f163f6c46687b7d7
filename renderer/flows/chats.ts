/** Conversations: list, open, begin, branch off, rename, delete, search. What fails is told in the store's `problem`. */
import type { Chat, ChatHit } from '../../contract/chat'
import { sentenceOf } from '../../contract/failure'
import type { Host } from '../../contract/host'
import { useChat, without } from '../store/chat'
import { branchOf, newestLeaf } from '../store/chat-tree'
import type { KeptChats } from './kept-chats'
import { isHostGone, type RunningEngine } from './running-engine'
import type { Sessions } from './sessions'
import { tellTrashed } from './tell-trashed'

export { exportChat } from './export-chat'

const set = useChat.setState

export class Chats {
  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine,
    private readonly sessions: Sessions,
    private readonly keptChats: KeptChats
  ) {}

  list(documentId: string): Promise<void> {
    return orProblem(async () => {
      const list = await this.host().listChats(documentId)
      set(({ lists }) => ({ lists: { ...lists, [documentId]: list } }))
    })
  }

  /** What is seen when a document comes to the front: the conversation shown last, else the newest one. */
  async show(documentId: string): Promise<void> {
    await this.list(documentId)
    const { lists, shown } = useChat.getState()
    const newest = lists[documentId]?.[0]
    if (newest && shown[documentId] === undefined) await this.open(documentId, newest.id)
  }

  /** With `messageId`, the branch that this message stands on, scrolled to it. */
  open(documentId: string, chatId: string, messageId?: string): Promise<void> {
    return orProblem(async () => {
      // What is here is newer than the disk while an answer grows.
      const chat = useChat.getState().chats[chatId] ?? (await this.keptChats.fetch(documentId, chatId))
      show(documentId, chat)
      if (messageId === undefined) return
      if (!branchOf(chat).some(({ id }) => id === messageId))
        this.showBranch(documentId, chatId, newestLeaf(chat.messages, messageId))
      set({ goTo: { chatId, messageId } })
    })
  }

  /** A hit of the search in all documents. */
  async openHit({ documentId, chatId, messageId }: ChatHit): Promise<void> {
    await this.sessions.show(documentId)
    await this.open(documentId, chatId, messageId)
  }

  /** Not kept before its first question. */
  begin(question: string): Chat {
    return newChat(question, this.engine.current?.modelKey ?? '')
  }

  /** A conversation of its own that begins with the branch up to this message. */
  async branchOff(documentId: string, chatId: string, messageId: string): Promise<void> {
    const chat = useChat.getState().chats[chatId]
    if (!chat) return
    const begun = {
      ...this.begin(''),
      title: branchTitle(chat.title, titlesOf(documentId)),
      messages: branchOf({ messages: chat.messages, leaf: messageId }),
      leaf: messageId
    }
    show(documentId, begun)
    await this.keptChats.keep(documentId, begun.id)
  }

  /** `leaf`: the message at the end of the branch. */
  showBranch(documentId: string, chatId: string, leaf: string): void {
    change(chatId, { leaf })
    void this.keptChats.keep(documentId, chatId)
  }

  rename(documentId: string, chatId: string, title: string): Promise<void> {
    return orProblem(async () => {
      change(chatId, { title })
      await this.keptChats.kept(chatId)
      await this.host().renameChat(documentId, chatId, title)
      await this.list(documentId)
    })
  }

  /** Into the trash: the caller has asked. */
  remove(documentId: string, chatId: string): Promise<void> {
    return orProblem(async () => {
      set(({ chats, shown }) => ({
        chats: without(chats, chatId),
        shown: shown[documentId] === chatId ? { ...shown, [documentId]: '' } : shown
      }))
      await this.keptChats.kept(chatId)
      this.keptChats.forget(chatId)
      const trashed = await this.host().deleteChat(documentId, chatId)
      if (trashed) tellTrashed(trashed)
      await this.list(documentId)
    })
  }

  /** In all documents. Throws HostFailure with a sentence for people. */
  search(words: string): Promise<ChatHit[]> {
    return this.host().searchChats(words)
  }
}

/** Nothing is kept before its first question. */
export const showNewChat = (documentId: string): void =>
  set(({ shown }) => ({ shown: { ...shown, [documentId]: '' } }))

export const setDraft = (documentId: string, text: string): void =>
  set(({ drafts }) => ({ drafts: { ...drafts, [documentId]: text } }))

export const dismissProblem = (): void => set({ problem: undefined })

function newChat(question: string, modelKey: string): Chat {
  const at = new Date().toISOString()
  return {
    id: crypto.randomUUID(),
    title: titleOf(question),
    modelKey,
    messages: [],
    createdAt: at,
    updatedAt: at
  }
}

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

const orProblem = (work: () => Promise<void>): Promise<void> =>
  work().catch((error: unknown) => {
    if (!isHostGone(error)) set({ problem: sentenceOf(error) })
  })
