/** Which messages of a conversation a person sees: one branch of its tree. */
import type { Chat, ChatMessage } from './chat'

/** From the first message to the leaf. A leaf that is gone shows the newest message's branch. */
export function branchOf({ messages, leaf }: Pick<Chat, 'messages' | 'leaf'>): ChatMessage[] {
  const byId = new Map(messages.map(message => [message.id, message]))
  const branch: ChatMessage[] = []
  let message = (leaf === undefined ? undefined : byId.get(leaf)) ?? messages.at(-1)
  while (message) {
    branch.push(message)
    // A file from disk could hold a loop.
    byId.delete(message.id)
    message = message.parent === undefined ? undefined : byId.get(message.parent)
  }
  return branch.reverse()
}
