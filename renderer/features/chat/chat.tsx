/** The conversations about the document that is open: questions, answers as they come, and the passages behind them. */
import { useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { dismissProblem } from '../../flows/chats'
import { useChat } from '../../store/chat'
import { branchOf } from '../../store/chat-tree'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useView } from '../../store/view'
import { ChatHeader } from './chat-header'
import './chat.css'
import { MessageList } from './message-list'
import { QuestionBox } from './question-box'
import { FurtherSuggestions, Suggestions } from './suggestions'

export function Chat() {
  const { t } = useTranslation('chat')
  const documentId = useView(({ documentId }) => documentId)
  const known = useDocuments(
    ({ documents }) => documentId !== undefined && documents[documentId] !== undefined
  )
  if (documentId === undefined || !known)
    return (
      <section className="chat" aria-label={t('title')}>
        <div className="empty">
          <h3>{t('empty.title')}</h3>
          <p className="quiet">{t('empty.noDocument')}</p>
        </div>
      </section>
    )
  return <ChatOf key={documentId} documentId={documentId} />
}

function ChatOf({ documentId }: { readonly documentId: string }) {
  const { t } = useTranslation('chat')
  const chat = useChat(({ chats, shown }) => chats[shown[documentId] ?? ''])
  const [editing, setEditing] = useState<string>()
  const field = useRef<HTMLTextAreaElement>(null)
  useEffect(() => void flows.chats.show(documentId), [documentId])
  const edit = (messageId?: string): void => {
    setEditing(messageId)
    if (messageId === undefined) field.current?.focus()
  }
  return (
    <section
      className="chat"
      aria-label={t('title')}
      onKeyDown={event => {
        // An open list or menu takes Escape for itself.
        if (event.key !== 'Escape' || !chat || document.querySelector('[popover=auto]:popover-open')) return
        flows.questions.stop(chat.id)
      }}
    >
      <ChatHeader documentId={documentId} chat={chat} onNew={() => field.current?.focus()} />
      {chat ? (
        <MessageList key={chat.id} documentId={documentId} chat={chat} editing={editing} onEdit={edit} />
      ) : (
        <Suggestions documentId={documentId} />
      )}
      {chat && <FurtherSuggestions key={`further ${chat.id}`} documentId={documentId} chat={chat} />}
      <Notices documentId={documentId} chatId={chat?.id ?? ''} />
      <QuestionBox
        documentId={documentId}
        chatId={chat?.id ?? ''}
        field={field}
        onEditLast={() => setEditing(chat && branchOf(chat).findLast(({ role }) => role === 'user')?.id)}
      />
      <Said chatId={chat?.id ?? ''} />
    </section>
  )
}

function Notices({ documentId, chatId }: { readonly documentId: string; readonly chatId: string }) {
  const { t } = useTranslation('chat')
  const problem = useChat(({ problem }) => problem)
  const unsaved = useChat(({ unsaved }) => unsaved[chatId])
  // While the program is away the banner says so, once for all.
  const isHere = useEngine(({ host }) => host === 'here')
  return (
    <>
      {unsaved !== undefined && isHere && (
        <div className="notice bad" role="alert">
          <p>{t('unsaved', { reason: unsaved })}</p>
          <button
            type="button"
            className="button small"
            onClick={() => void flows.keptChats.keep(documentId, chatId)}
          >
            {t('saveAgain')}
          </button>
        </div>
      )}
      {problem !== undefined && (
        <div className="notice bad" role="alert">
          <p>{problem}</p>
          <button type="button" className="button small" onClick={dismissProblem}>
            {t('dismiss')}
          </button>
        </div>
      )}
    </>
  )
}

/** Two words to screen readers instead of one for every token. */
function Said({ chatId }: { readonly chatId: string }) {
  const { t } = useTranslation('chat')
  const busy = useChat(({ answering }) => answering[chatId] !== undefined)
  const [before, setBefore] = useState(false)
  useEffect(() => {
    if (busy) setBefore(true)
  }, [busy])
  return (
    <p role="status" className="visually-hidden">
      {busy ? t('thinking') : before ? t('done') : ''}
    </p>
  )
}
