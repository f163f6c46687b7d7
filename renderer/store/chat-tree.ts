/** A conversation is a tree: an edited question or a repeated answer is a sibling, and one branch of it is shown. */
import { type Chat, type ChatMessage, historyOf } from '../../contract/chat'
import { branchOf } from '../../contract/chat-branch'

export { branchOf }

/** The message and those that stand in its place on other branches, oldest first. */
export const siblingsOf = (messages: readonly ChatMessage[], { parent }: ChatMessage): ChatMessage[] =>
  messages.filter(each => each.parent === parent)

/** The end of the newest branch that goes through the message. */
export function newestLeaf(messages: readonly ChatMessage[], id: string): string {
  const through = new Set([id])
  let leaf = id
  // A message comes after its parent.
  for (const { id, parent } of messages) {
    if (parent === undefined || !through.has(parent)) continue
    through.add(id)
    leaf = id
  }
  return leaf
}

/** Adds messages at the end of the list; the last one becomes the leaf that is shown. */
export const grown = (chat: Chat, ...added: readonly ChatMessage[]): Chat => ({
  ...chat,
  messages: [...chat.messages, ...added],
  leaf: added.at(-1)?.id ?? chat.leaf,
  updatedAt: added.at(-1)?.at ?? chat.updatedAt
})

export const withMessage = (chat: Chat, id: string, change: Partial<ChatMessage>): Chat => ({
  ...chat,
  messages: chat.messages.map(each => (each.id === id ? { ...each, ...change } : each))
})

/** The conversation before a question, for the engine: pairs of question and answer; what got no answer is left out. */
export function historyBefore(
  chat: Pick<Chat, 'messages'>,
  parent: string | undefined
): { role: 'user' | 'assistant'; content: string }[] {
  if (parent === undefined) return []
  return historyOf(branchOf({ messages: chat.messages, leaf: parent }))
}

/** Interrupted until its end is known: so it stands on disk if the program ends before. */
export const begunAnswer = (message: Pick<ChatMessage, 'id' | 'at'>, question: string): ChatMessage => ({
  ...message,
  parent: question,
  role: 'assistant',
  content: '',
  state: 'interrupted'
})
