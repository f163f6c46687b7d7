/** Where questions are written. Disabled only with a reason; what was begun is kept per document. */
import { type RefObject, useId } from 'react'
import { useTranslation } from 'react-i18next'
import { flows } from '../../flows/flows'
import { setDraft } from '../../flows/chats'
import { useChat } from '../../store/chat'
import { StopIcon } from '../../ui/icons'
import { type Asking, useAsking } from './asking'
import { GrowingField } from './growing-field'
import { AskIcon } from './icons'
import { ModelLine } from './model-line'

interface Props {
  readonly documentId: string
  readonly chatId: string
  readonly field: RefObject<HTMLTextAreaElement | null>
  readonly onEditLast: () => void
}

export function QuestionBox({ documentId, chatId, field, onEditLast }: Props) {
  const { t } = useTranslation('chat')
  const hint = useId()
  const text = useChat(({ drafts }) => drafts[documentId] ?? '')
  const busy = useChat(({ answering }) => answering[chatId] !== undefined)
  const asking = useAsking(documentId)
  const readable = asking.name === 'all' || asking.name === 'so-far'
  const mayAsk = readable && !busy && text.trim() !== ''
  const ask = (): void => {
    if (!mayAsk) return
    setDraft(documentId, '')
    void flows.questions.ask(documentId, text.trim())
  }
  return (
    <form
      className="question-box"
      onSubmit={event => {
        event.preventDefault()
        ask()
      }}
    >
      <div className="box">
        <GrowingField
          ref={field}
          label={t('box.label')}
          placeholder={t(
            readable ? 'box.placeholder' : asking.name === 'no-engine' ? 'box.stopped' : 'box.cannot'
          )}
          value={text}
          disabled={!readable}
          describedBy={hint}
          onChange={text => setDraft(documentId, text)}
          onEnter={ask}
          onKeyDown={event => {
            if (event.key !== 'ArrowUp' || text !== '' || busy) return
            event.preventDefault()
            onEditLast()
          }}
        />
        {busy ? (
          <button
            type="button"
            className="icon-button round main"
            {...named(t('box.stop'))}
            onClick={() => flows.questions.stop(chatId)}
          >
            <StopIcon />
          </button>
        ) : (
          <button
            type="submit"
            className="icon-button round main"
            {...named(t('box.ask'))}
            disabled={!mayAsk}
          >
            <AskIcon />
          </button>
        )}
      </div>
      <div id={hint} className="hint quiet">
        <Hint asking={asking} documentId={documentId} />
      </div>
      <ModelLine documentId={documentId} />
    </form>
  )
}

const named = (name: string) => ({ 'aria-label': name, title: name })

function Hint({ asking, documentId }: { readonly asking: Asking; readonly documentId: string }) {
  const { t } = useTranslation('chat')
  switch (asking.name) {
    case 'all':
      return <span className="keys">{t('box.keys')}</span>
    case 'so-far':
      return (
        <span className="so-far numbers">
          {t(asking.reading ? 'box.readingSoFar' : 'box.soFar', { percent: asking.percent })}
        </span>
      )
    case 'not-read':
      return (
        <>
          <span>{t('box.notRead')}</span>
          <button type="button" className="button small" onClick={() => void flows.adding.read(documentId)}>
            {t('box.read')}
          </button>
        </>
      )
    case 'soon':
      return <span>{t('box.soon')}</span>
    case 'loading':
      return <span>{t('box.loading')}</span>
    case 'no-engine':
      return <span>{t('box.noEngine')}</span>
  }
}
