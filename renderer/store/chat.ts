/** Conversations that are open, as a tree of messages each. Plain data; flows/ask-question.ts and flows/chats.ts change it. */
import { create } from 'zustand'
import type { Chat, ChatInfo } from '../../contract/chat'

export interface ChatStore {
  /** Lists as the host tells them, by document. */
  readonly lists: Readonly<Record<string, readonly ChatInfo[]>>
  /** The conversation that is shown, by document. */
  readonly shown: Readonly<Record<string, string>>
  /** By chat id. A chat that was never saved is here and in no list. */
  readonly chats: Readonly<Record<string, Chat>>
  /** Message id of the answer that is being given, by chat. */
  readonly answering: Readonly<Record<string, string>>
}

export const useChat = create<ChatStore>(() => ({ lists: {}, shown: {}, chats: {}, answering: {} }))
