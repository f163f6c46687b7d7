/** Conversations that are open, as a tree of messages each. Plain data; flows/ask-question.ts and flows/chats.ts change it. */
import { create } from 'zustand'
import type { Chat, ChatInfo } from '../../contract/chat'

/** An answer on its way. What was said so far lies here and not in the tree, so that only this message grows. */
export interface Answering {
  readonly messageId: string
  readonly text: string
  /** The document's session is being got back from disk; nothing was asked yet. */
  readonly opening: boolean
}

interface ChatStore {
  /** Lists as the host tells them, by document. */
  readonly lists: Readonly<Record<string, readonly ChatInfo[]>>
  /** The conversation that is shown, by document; empty: a new one begins with the next question. */
  readonly shown: Readonly<Record<string, string>>
  /** By chat id. A chat that was never saved is here and in no list. */
  readonly chats: Readonly<Record<string, Chat>>
  /** By chat id. */
  readonly answering: Readonly<Record<string, Answering>>
  /** Why the last change of a conversation is not on disk, by chat id. */
  readonly unsaved: Readonly<Record<string, string>>
  /** Why something asked of a conversation could not be done; dismissed by a person. */
  readonly problem?: string
  /** Questions begun and not asked, by document. */
  readonly drafts: Readonly<Record<string, string>>
  /** A message to scroll to; a new object each time. */
  readonly goTo?: { readonly chatId: string; readonly messageId: string }
}

export const useChat = create<ChatStore>(() => ({
  lists: {},
  shown: {},
  chats: {},
  answering: {},
  unsaved: {},
  drafts: {}
}))

export const without = <T>(record: Readonly<Record<string, T>>, key: string): Record<string, T> =>
  Object.fromEntries(Object.entries(record).filter(([each]) => each !== key))
