/** A question as it was asked; it can be put in other words, which begins another branch. */
import { memo, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { EditIcon } from '../../ui/icons'
import { BranchSwitcher, type Siblings } from './branch-switcher'
import { CopyButton } from './copy-button'
import { GrowingField } from './growing-field'

interface Props extends Siblings {
  readonly message: ChatMessage
  readonly editing: boolean
  /** Undefined: no question is edited any more. */
  readonly onEdit: (messageId?: string) => void
}

export const Question = memo(({ message, editing, onEdit, ...where }: Props) => {
  const { t } = useTranslation('chat')
  const busy = useChat(({ answering }) => answering[where.chatId] !== undefined)
  if (editing)
    return (
      <Edited
        text={message.content}
        busy={busy}
        onDone={text => {
          onEdit()
          if (text !== undefined) void flows.questions.edit(where.chatId, message.id, text)
        }}
      />
    )
  return (
    <article id={`message-${message.id}`} className="asked" tabIndex={-1} aria-label={t('you')}>
      <p className="bubble">{message.content}</p>
      <div className="actions">
        <BranchSwitcher {...where} messageId={message.id} />
        <CopyButton label={t('copyQuestion')} text={() => message.content} />
        <button
          type="button"
          className="icon-button"
          aria-label={t('edit.begin')}
          title={t('edit.begin')}
          disabled={busy}
          onClick={() => onEdit(message.id)}
        >
          <EditIcon />
        </button>
      </div>
    </article>
  )
})
Question.displayName = 'Question'

interface EditedProps {
  readonly text: string
  readonly busy: boolean
  readonly onDone: (text?: string) => void
}

function Edited({ text: before, busy, onDone }: EditedProps) {
  const { t } = useTranslation('chat')
  const [text, setText] = useState(before)
  const mayAsk = !busy && text.trim() !== ''
  const ask = (): void => {
    if (mayAsk) onDone(text.trim())
  }
  return (
    <form
      className="asked editing"
      onSubmit={event => {
        event.preventDefault()
        ask()
      }}
      onKeyDown={event => {
        if (event.key !== 'Escape') return
        event.stopPropagation()
        onDone()
      }}
    >
      <GrowingField label={t('edit.label')} value={text} onChange={setText} onEnter={ask} autoFocus />
      <div className="edit-buttons">
        <button type="button" className="button small" onClick={() => onDone()}>
          {t('edit.cancel')}
        </button>
        <button type="submit" className="button small main" disabled={!mayAsk}>
          {t('edit.ask')}
        </button>
      </div>
      <p className="quiet">{t('edit.hint')}</p>
    </form>
  )
}
