/** An answer: its words, how much of the document was in view, the passages behind it, and what can be done with it. */
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { branchOff } from '../../flows/chats'
import { regenerate } from '../../flows/ask-question'
import { useChat } from '../../store/chat'
import { useSettings } from '../../store/settings'
import { BranchIcon, RefreshIcon } from '../../ui/icons'
import { BranchSwitcher, type Siblings } from './branch-switcher'
import { CopyButton } from './copy-button'
import { CoverageLine } from './coverage-line'
import { ExactSearch } from './exact-search'
import { Markdown } from './markdown'
import { Quotations } from './quotation'
import { Sources } from './sources'

interface Props extends Siblings {
  readonly message: ChatMessage
  readonly question: string
}

export const Answer = memo(({ message, question, ...where }: Props) => {
  const { t } = useTranslation('chat')
  const { documentId, chatId } = where
  const growing = useChat(({ answering }) =>
    answering[chatId]?.messageId === message.id ? answering[chatId] : undefined
  )
  const text = growing?.text ?? message.content
  const { state, textDigest, quotations } = message
  const broken = state === 'failed' || state === 'interrupted'
  return (
    <article id={`message-${message.id}`} className="answer" tabIndex={-1} aria-label={t('answer')}>
      {growing && text === '' && <Waiting opening={growing.opening} />}
      <div className={`words${growing ? ' growing' : ''}`}>
        <Markdown text={text} documentId={documentId} textDigest={textDigest} quotations={quotations} />
      </div>
      {!growing && <Ending message={message} chatId={chatId} />}
      {!growing && message.inView && <CoverageLine message={message} inView={message.inView} />}
      {!growing && <Quotations documentId={documentId} textDigest={textDigest} quotations={quotations} />}
      {message.sources && (
        <Sources documentId={documentId} textDigest={textDigest} sources={message.sources} />
      )}
      {!growing && !broken && <ExactSearch question={question} />}
      {!growing && (
        <div className="actions">
          <BranchSwitcher {...where} messageId={message.id} />
          {text !== '' && <CopyButton label={t('copyAnswer')} text={() => text} />}
          {!broken && <Again chatId={chatId} messageId={message.id} />}
          <button
            type="button"
            className="icon-button"
            aria-label={t('branchOff')}
            title={t('branchOff')}
            onClick={() => void branchOff(documentId, chatId, message.id)}
          >
            <BranchIcon />
          </button>
        </div>
      )}
    </article>
  )
})
Answer.displayName = 'Answer'

function Waiting({ opening }: { readonly opening: boolean }) {
  const { t } = useTranslation('chat')
  return (
    <p className="waiting quiet">
      <span className="dots" aria-hidden="true">
        <span />
        <span />
        <span />
      </span>
      {t(opening ? 'opening' : 'thinking')}
    </p>
  )
}

/** How it ended, where that is not by itself. */
function Ending({
  message: { id, state, reason, content },
  chatId
}: {
  message: ChatMessage
  chatId: string
}) {
  const { t } = useTranslation('chat')
  if (state === 'failed' || state === 'interrupted')
    return (
      <div className={`notice${state === 'failed' ? ' bad' : ''}`}>
        <p>{reason ?? t(`state.${state}`)}</p>
        <button type="button" className="button small" onClick={() => void regenerate(chatId, id)}>
          {t('askAgain')}
        </button>
      </div>
    )
  if (state === 'stopped' || state === 'cut' || state === 'repeated')
    return <p className="ending quiet">{t(`state.${state}`)}</p>
  return content.trim() === '' ? <p className="ending quiet">{t('saidNothing')}</p> : null
}

function Again({ chatId, messageId }: { readonly chatId: string; readonly messageId: string }) {
  const { t } = useTranslation('chat')
  const same = useSettings(({ sampling }) => sampling.temperature === 0)
  const busy = useChat(({ answering }) => answering[chatId] !== undefined)
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={t('again')}
      title={same ? t('againSame') : t('again')}
      disabled={busy}
      onClick={() => void regenerate(chatId, messageId)}
    >
      <RefreshIcon />
    </button>
  )
}
