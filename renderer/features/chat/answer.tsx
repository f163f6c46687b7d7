/**
 * An answer: its words and the passages behind it, whichever is worth more first; how much of the document was in view
 * where that is not all of it; and what can be done with it.
 */
import { memo, useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { saysNothing, saysNumberOnly, type Trust, trustOf } from '../../../contract/certainty'
import type { ChatMessage } from '../../../contract/chat'
import { flows } from '../../flows/flows'
import { useChat } from '../../store/chat'
import { useSettings } from '../../store/settings'
import { supportOf } from '../../store/support'
import { BranchIcon, RefreshIcon } from '../../ui/icons'
import { AboutAnswer } from './about-answer'
import { BranchSwitcher, type Siblings } from './branch-switcher'
import { CopyButton } from './copy-button'
import { CoverageLine } from './coverage-line'
import { ExactCount, ExactSearch } from './exact-search'
import { FullPassages } from './full-passages'
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
  const { state, textDigest, quotations, counted } = message
  const broken = state === 'failed' || state === 'interrupted'
  const sources = useMemo(() => supportOf(message), [message])
  const trust = trustOf(message)
  const hidden = counted !== undefined && (saysNothing(text) || saysNumberOnly(text))
  // A count needs no passages; what the model says beside it is the lesser thing.
  const order = growing || counted ? 'words' : orderOf(trust, sources.length > 0 && !broken)
  const words = (
    <div className={`words${growing ? ' growing' : ''}`}>
      <Markdown text={text} documentId={documentId} textDigest={textDigest} quotations={quotations} />
    </div>
  )
  return (
    <article id={`message-${message.id}`} className="answer" tabIndex={-1} aria-label={t('answer')}>
      {counted && <ExactCount counted={counted} />}
      {growing && text === '' && <Waiting opening={growing.opening} />}
      {order === 'passages' && (
        <>
          <p className={`trust ${trust}`}>{t(trust === 'unsure' ? 'trust.unsure' : 'trust.unmeasured')}</p>
          <FullPassages documentId={documentId} textDigest={textDigest} sources={sources} />
        </>
      )}
      {text !== '' && counted && !growing && !hidden && <p className="said-by quiet">{t('exact.model')}</p>}
      {text !== '' && order === 'passages' && (
        <p className="said-by quiet">{t(`said.${trust === 'unsure' ? 'unsure' : 'unmeasured'}`)}</p>
      )}
      {!hidden && words}
      {!growing && !broken && !counted && order === 'words' && trust === 'unsure' && (
        <p className="trust unsure">{t('trust.unsureAlone')}</p>
      )}
      {!growing && !broken && !counted && trust === 'silent' && (
        <p className="trust silent">{t('trust.silent')}</p>
      )}
      {!growing && !(counted && text === '') && <Ending message={message} chatId={chatId} />}
      {!growing && message.inView && <CoverageLine inView={message.inView} />}
      {!growing && <Quotations documentId={documentId} textDigest={textDigest} quotations={quotations} />}
      {order === 'words' && !counted && (
        <Sources documentId={documentId} textDigest={textDigest} sources={sources} />
      )}
      {!growing && !broken && !counted && <ExactSearch question={question} />}
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
            onClick={() => void flows.chats.branchOff(documentId, chatId, message.id)}
          >
            <BranchIcon />
          </button>
          <AboutAnswer message={message} />
        </div>
      )}
    </article>
  )
})
Answer.displayName = 'Answer'

/** Words first only where the model is known to be more often right than wrong, or where there is nothing else. */
const orderOf = (trust: Trust, hasPassages: boolean): 'words' | 'passages' =>
  hasPassages && (trust === 'unsure' || trust === 'unmeasured') ? 'passages' : 'words'

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

/** How the answer ended, where it did not come to its own end. */
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
        <button
          type="button"
          className="button small"
          onClick={() => void flows.questions.regenerate(chatId, id)}
        >
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
      onClick={() => void flows.questions.regenerate(chatId, messageId)}
    >
      <RefreshIcon />
    </button>
  )
}
