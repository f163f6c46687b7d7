/** The conversations of a document: open, rename, delete after a question; and the search in those of all documents. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatInfo } from '../../../contract/chat'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { day } from '../../ui/format'
import { EditIcon, TrashIcon } from '../../ui/icons'

const none: readonly ChatInfo[] = []

interface Props {
  readonly documentId: string
  readonly chatId: string
  readonly onDone: () => void
}

export function ChatList({ documentId, chatId, onDone }: Props) {
  const { t } = useTranslation('chat')
  const list = useChat(({ lists }) => lists[documentId] ?? none)
  if (list.length === 0) return <p className="quiet nothing">{t('list.empty')}</p>
  return (
    <ul className="chats" aria-label={t('list.title')}>
      {list.map(info => (
        <Row key={info.id} documentId={documentId} info={info} shown={info.id === chatId} onDone={onDone} />
      ))}
    </ul>
  )
}

interface RowProps {
  readonly documentId: string
  readonly info: ChatInfo
  readonly shown: boolean
  readonly onDone: () => void
}

function Row({ documentId, info: { id, title, updatedAt, messages }, shown, onDone }: RowProps) {
  const { t } = useTranslation('chat')
  const [doing, setDoing] = useState<'renaming' | 'deleting'>()
  if (doing === 'renaming')
    return (
      <li>
        <Rename
          title={title}
          onDone={renamed => {
            setDoing(undefined)
            if (renamed) void flows.chats.rename(documentId, id, renamed)
          }}
        />
      </li>
    )
  if (doing === 'deleting')
    return (
      <li className="confirm" role="alertdialog" aria-label={t('list.delete', { title })}>
        <p>{t('list.confirm', { title })}</p>
        <button type="button" className="button small" autoFocus onClick={() => setDoing(undefined)}>
          {t('list.keep')}
        </button>
        <button
          type="button"
          className="button small danger"
          onClick={() => void flows.chats.remove(documentId, id)}
        >
          {t('list.deleteNow')}
        </button>
      </li>
    )
  return (
    <li>
      <button
        type="button"
        className="open"
        aria-current={shown}
        onClick={() => {
          onDone()
          void flows.chats.open(documentId, id)
        }}
      >
        <span className="title">{title}</span>
        <span className="quiet numbers">
          {day(updatedAt)} · {t('list.messages', { count: messages })}
        </span>
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t('list.rename', { title })}
        title={t('list.rename', { title })}
        onClick={() => setDoing('renaming')}
      >
        <EditIcon />
      </button>
      <button
        type="button"
        className="icon-button"
        aria-label={t('list.delete', { title })}
        title={t('list.delete', { title })}
        onClick={() => setDoing('deleting')}
      >
        <TrashIcon />
      </button>
    </li>
  )
}

function Rename({ title, onDone }: { readonly title: string; readonly onDone: (title?: string) => void }) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState(title)
  return (
    <form
      className="rename"
      onSubmit={event => {
        event.preventDefault()
        onDone(text.trim() || undefined)
      }}
    >
      <input
        aria-label={t('list.newTitle')}
        value={text}
        maxLength={200}
        autoFocus
        onFocus={event => event.target.select()}
        onChange={event => setText(event.target.value)}
        onKeyDown={event => {
          if (event.key !== 'Escape') return
          // The list stays open.
          event.preventDefault()
          event.stopPropagation()
          onDone()
        }}
      />
      <button type="submit" className="button small main">
        {t('list.save')}
      </button>
    </form>
  )
}
