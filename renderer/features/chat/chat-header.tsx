/** Which conversation is shown, and the others: list, search, new, export. */
import { useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { Chat } from '../../../contract/chat'
import { exportChat, showNewChat } from '../../flows/chats'
import { ChevronDownIcon, DownloadIcon, PlusIcon } from '../../ui/icons'
import { Menu } from '../../ui/menu'
import { ChatList } from './chat-list'
import { ChatSearch } from './chat-search'

interface Props {
  readonly documentId: string
  readonly chat: Chat | undefined
  /** After a new conversation began: the question is written next. */
  readonly onNew: () => void
}

export function ChatHeader({ documentId, chat, onNew }: Props) {
  const { t } = useTranslation('chat')
  const panel = useId()
  return (
    <header className="chat-header">
      <h2 className="visually-hidden">{t('title')}</h2>
      <button type="button" className="switcher" popoverTarget={panel} title={t('list.open')}>
        <span className="visually-hidden">{t('list.open')}: </span>
        <span className="title">{chat?.title ?? t('list.new')}</span>
        <ChevronDownIcon />
      </button>
      <Panel id={panel} documentId={documentId} chatId={chat?.id ?? ''} />
      <button
        type="button"
        className="icon-button"
        aria-label={t('list.begin')}
        title={t('list.begin')}
        disabled={!chat}
        onClick={() => {
          showNewChat(documentId)
          onNew()
        }}
      >
        <PlusIcon />
      </button>
      <ExportMenu documentId={documentId} chat={chat} />
    </header>
  )
}

interface PanelProps {
  readonly id: string
  readonly documentId: string
  readonly chatId: string
}

function Panel({ id, documentId, chatId }: PanelProps) {
  const { t } = useTranslation('chat')
  const panel = useRef<HTMLDivElement>(null)
  const [open, setOpen] = useState(false)
  const [words, setWords] = useState('')
  const close = (): void => panel.current?.hidePopover()
  return (
    <div
      ref={panel}
      id={id}
      popover="auto"
      role="dialog"
      aria-label={t('list.title')}
      className="chat-panel"
      onToggle={event => {
        setOpen(event.newState === 'open')
        setWords('')
      }}
    >
      {open && (
        <>
          <input
            type="search"
            className="search"
            aria-label={t('search.label')}
            placeholder={t('search.label')}
            value={words}
            onChange={event => setWords(event.target.value)}
          />
          {words.trim() === '' ? (
            <ChatList documentId={documentId} chatId={chatId} onDone={close} />
          ) : (
            <ChatSearch words={words.trim()} onDone={close} />
          )}
        </>
      )}
    </div>
  )
}

const formats = ['markdown', 'json'] as const

function ExportMenu({ documentId, chat }: { readonly documentId: string; readonly chat: Chat | undefined }) {
  const { t } = useTranslation('chat')
  if (!chat) return null
  return (
    <Menu
      label={t('export.label')}
      entries={() =>
        formats.map(format => ({
          label: t(`export.${format}`),
          onSelect: () => exportChat(documentId, chat, format)
        }))
      }
    >
      <DownloadIcon />
    </Menu>
  )
}
