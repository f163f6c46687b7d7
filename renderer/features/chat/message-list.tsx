/**
 * The branch that is shown, question by question. Of a long one the end comes first and the rest as a person scrolls up:
 * 400 messages at once took 3 s to read as Markdown. What is out of sight is not laid out.
 */
import { type RefObject, useEffect, useLayoutEffect, useMemo, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Chat, ChatMessage } from '../../../contract/chat'
import { useChat } from '../../store/chat'
import { branchOf } from '../../store/chat-tree'
import { supportOf } from '../../store/support'
import { showHighlights } from '../reader/highlights'
import { Answer } from './answer'
import { NewestIcon } from './icons'
import { useChanged } from './places'
import { Question } from './question'
import { useStayAtNewest } from './stay-at-newest'

/** Messages that come at once. */
const atOnce = 30

interface Props {
  readonly documentId: string
  readonly chat: Chat
  readonly editing: string | undefined
  readonly onEdit: (messageId?: string) => void
}

export function MessageList({ documentId, chat, editing, onEdit }: Props) {
  const { t } = useTranslation('chat')
  const list = useRef<HTMLDivElement>(null)
  const content = useRef<HTMLDivElement>(null)
  const { away, onScroll, toNewest, hold } = useStayAtNewest(list, content)
  const answering = useChat(({ answering }) => answering[chat.id]?.messageId)
  const branch = useMemo(() => branchOf(chat), [chat])
  const places = useMemo(() => placesIn(chat.messages), [chat.messages])
  const [hidden, setHidden] = useState(() => Math.max(0, branch.length - atOnce))
  const earlier = Math.min(hidden, Math.max(0, branch.length - atOnce))
  useSourcesInReader(documentId, branch)
  useGoTo(chat.id, branch, earlier, setHidden, hold)
  // A new question is seen, wherever the person was.
  useLayoutEffect(() => {
    if (answering !== undefined) toNewest()
  }, [answering, toNewest])

  return (
    <div className="scroll-area">
      <div
        ref={list}
        className="messages"
        tabIndex={0}
        aria-label={t('messages')}
        role="region"
        onScroll={onScroll}
      >
        <div
          ref={content}
          className="content"
          role="log"
          aria-live="polite"
          aria-busy={answering !== undefined}
        >
          {earlier > 0 && (
            <Earlier list={list} count={earlier} onShow={() => setHidden(Math.max(0, earlier - atOnce))} />
          )}
          {branch.slice(earlier).map((message, index) => {
            const where = { documentId, chatId: chat.id, onSwitch: hold, ...places.get(message.id)! }
            return message.role === 'user' ? (
              <Question
                key={message.id}
                {...where}
                message={message}
                editing={editing === message.id}
                onEdit={onEdit}
              />
            ) : (
              <Answer
                key={message.id}
                {...where}
                message={message}
                question={branch[earlier + index - 1]?.content ?? ''}
              />
            )
          })}
        </div>
      </div>
      {away && (
        <button type="button" className="button small newest" onClick={toNewest}>
          <NewestIcon />
          {t('toNewest')}
        </button>
      )}
    </div>
  )
}

/** Of each message: which of how many in its place. */
function placesIn(messages: readonly ChatMessage[]): Map<string, { place: number; count: number }> {
  const byParent = Map.groupBy(messages, ({ parent }) => parent)
  const places = new Map<string, { place: number; count: number }>()
  for (const siblings of byParent.values())
    siblings.forEach(({ id }, place) => places.set(id, { place, count: siblings.length }))
  return places
}

/** The passages behind the last answer are marked in the text, without scrolling it. */
function useSourcesInReader(documentId: string, branch: readonly ChatMessage[]): void {
  const last = branch.findLast(({ role }) => role === 'assistant')
  const sources = useMemo(() => last && supportOf(last), [last])
  const textDigest = last?.textDigest
  const changed = useChanged(documentId, textDigest)
  useEffect(() => {
    showHighlights(documentId, changed ? [] : (sources ?? []))
    return () => showHighlights(documentId, [])
  }, [documentId, sources, changed])
}

interface EarlierProps {
  readonly list: RefObject<HTMLElement | null>
  readonly count: number
  readonly onShow: () => void
}

/** Before the first message that is here: coming near it is enough. */
function Earlier({ list, count, onShow }: EarlierProps) {
  const { t } = useTranslation('chat')
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    const near = new IntersectionObserver(([entry]) => entry?.isIntersecting && onShow(), {
      root: list.current,
      rootMargin: '600px 0px 0px'
    })
    if (button.current) near.observe(button.current)
    return () => near.disconnect()
  })
  return (
    <button ref={button} type="button" className="button small earlier" onClick={onShow}>
      {t('earlier', { count })}
    </button>
  )
}

/** Scrolls to the message that a search found, and puts the focus there. */
function useGoTo(
  chatId: string,
  branch: readonly ChatMessage[],
  earlier: number,
  setHidden: (count: number) => void,
  hold: () => void
): void {
  const goTo = useChat(({ goTo }) => goTo)
  useEffect(() => {
    if (goTo?.chatId !== chatId) return
    const index = branch.findIndex(({ id }) => id === goTo.messageId)
    if (index < 0) return
    hold()
    if (index < earlier) return setHidden(index)
    const message = document.getElementById(`message-${goTo.messageId}`)
    message?.scrollIntoView({ block: 'start' })
    message?.focus({ preventScroll: true })
    useChat.setState({ goTo: undefined })
  }, [goTo, chatId, branch, earlier, setHidden, hold])
}
