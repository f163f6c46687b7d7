/** An answer on its way: to the screen once a frame, to disk every few seconds, into the tree at its end. */
import type { Chat, ChatMessage } from '../../contract/chat'
import { throttle } from '../../contract/throttle'
import { useChat, without } from '../store/chat'
import { grown, withMessage } from '../store/chat-tree'
import type { KeptChats } from './kept-chats'

/** Milliseconds: at most this much of an answer is lost when the page is reloaded. */
const keepEvery = 2000

export interface GrowingAnswer {
  /** The session is there; from now on the model is at work. */
  begin(): void
  add(text: string): void
  /** What was said without an end of its own is the content, unless `end` has one. */
  end(end: Partial<ChatMessage>): Promise<void>
}

/** Shows the chat with an empty answer at its end, and keeps it so: a reload from now on loses no question. */
export function beginAnswer(
  keptChats: KeptChats,
  documentId: string,
  chat: Chat,
  message: ChatMessage
): GrowingAnswer {
  const chatId = chat.id
  useChat.setState(({ chats, answering, shown }) => ({
    chats: { ...chats, [chatId]: grown(chat, message) },
    answering: { ...answering, [chatId]: { messageId: message.id, text: '', opening: true } },
    shown: { ...shown, [documentId]: chatId }
  }))
  const kept = throttle<string>(keepEvery, text => void keptChats.keep(documentId, chatId, text))
  kept.push('')

  let said = ''
  let frame = 0
  const change = (change: { text?: string; opening?: boolean }): void =>
    useChat.setState(({ answering }) => {
      const before = answering[chatId]
      return before ? { answering: { ...answering, [chatId]: { ...before, ...change } } } : {}
    })

  return {
    begin: () => change({ opening: false }),
    add(text) {
      said += text
      frame ||= requestAnimationFrame(() => {
        frame = 0
        change({ text: said })
      })
      kept.push(said)
    },
    end(end) {
      cancelAnimationFrame(frame)
      useChat.setState(({ chats, answering }) => ({
        answering: without(answering, chatId),
        // It may have been renamed meanwhile, or deleted.
        ...(chats[chatId] && {
          chats: { ...chats, [chatId]: withMessage(chats[chatId], message.id, { content: said, ...end }) }
        })
      }))
      return keptChats.keep(documentId, chatId)
    }
  }
}
