/**
 * What reading the open document takes, how far it is, and what can be done about it: a slim bar below the text, so
 * that the text stays where it is when the bar comes, grows or goes. Nothing to say, nothing shown.
 */
import type { ReactNode } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo, Reading } from '../../../contract/document'
import { flows } from '../../flows/flows'
import { embeddedModels, modelOf, readWith } from '../../flows/model-choice'
import { hasStopped, useEngine } from '../../store/engine'
import { useView } from '../../store/view'
import { grouped } from '../../ui/format'
import { InfoIcon, WarningIcon } from '../../ui/icons'
import { partWords } from '../../ui/pages'
import type { DocumentState } from './document-state'
import './library.css'
import { PlanCard } from './plan-card'
import { ReadingProgressCard } from './reading-progress'
import { useDocument, useModelOf, useStateOf } from './use-document'

export function ReadingCard() {
  const id = useView(view => view.documentId)
  const document = useDocument(id ?? '')
  return document ? <Card key={document.id} document={document} /> : null
}

function Card({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('library')
  const state = useStateOf(document)
  if (state.name === 'read' && document.file !== 'gone') return null
  return (
    <section className={`reading-card ${state.name}`} aria-label={t('card.label')}>
      <Content document={document} state={state} />
    </section>
  )
}

function Content({ document, state }: { document: DocumentInfo; state: DocumentState }) {
  const { t } = useTranslation('library')
  const model = useModelOf(document)
  const stopped = useEngine(hasStopped)
  const { id } = document
  const plan = (): void => void flows.adding.plan(id)
  switch (state.name) {
    case 'planned':
      return <PlanCard id={id} plan={state.plan} />
    case 'reading':
    case 'pausing':
      return <ReadingProgressCard id={id} state={state} />
    case 'planning':
      return (
        <Line words={t('card.planning')}>
          <progress aria-label={t('card.planning')} />
        </Line>
      )
    case 'queued':
      return (
        <Line
          words={
            stopped
              ? t('card.waiting')
              : state.place === 1
                ? t('card.next')
                : t('card.queued', { place: state.place })
          }
        >
          <Act onPress={() => void flows.adding.cancel(id)}>{t('card.cancel')}</Act>
        </Line>
      )
    case 'unread':
      return (
        <Line words={t('card.unread')}>
          <Act main onPress={plan}>
            {t('card.read')}
          </Act>
        </Line>
      )
    case 'partial':
    case 'limited': {
      const { read, tokens } = state.reading
      const words = t(state.name === 'limited' ? 'card.limited' : 'card.paused', {
        part: partWords(document, read, tokens)
      })
      return (
        <Line words={words} more={t('card.tokens', { tokens: grouped(read), total: grouped(tokens) })}>
          <Act main={state.name === 'partial'} onPress={() => void flows.adding.read(id)}>
            {t(state.name === 'limited' ? 'card.readRest' : 'card.resume')}
          </Act>
        </Line>
      )
    }
    case 'other-model':
      return (
        <Line words={t('card.otherModel', { before: state.reading.modelName, now: model?.name ?? '' })}>
          <Act main onPress={plan}>
            {t('card.readWith', { model: model?.name ?? '' })}
          </Act>
          <UseBefore document={document} reading={state.reading} />
        </Line>
      )
    case 'changed':
      return (
        <Line words={t('card.changed')} icon={<WarningIcon />}>
          <Act main onPress={() => void flows.documents.refresh(id)}>
            {t('card.readChange')}
          </Act>
        </Line>
      )
    case 'failed':
      return (
        <Line words={t('card.failed', { reason: state.reason })} icon={<WarningIcon />} alert>
          <Act onPress={plan}>{t('card.retry')}</Act>
        </Line>
      )
    case 'read':
      return <Line words={t('card.gone')} icon={<InfoIcon />} />
  }
}

/** The way back to a model that came with the program and read the document before. */
function UseBefore({ document, reading }: { document: DocumentInfo; reading: Reading }) {
  const { t } = useTranslation('library')
  const models = embeddedModels()
  const before = models.find(model => readWith({ readings: [reading] }, model))
  if (models.length < 2 || !before || before.id === modelOf(document)) return null
  return (
    <Act onPress={() => void flows.documents.update(document.id, { modelId: before.id })}>
      {t('card.useBefore', { model: before.name })}
    </Act>
  )
}

interface LineProps {
  readonly words: string
  /** In the tooltip. */
  readonly more?: string
  readonly icon?: ReactNode
  readonly alert?: boolean
  readonly children?: ReactNode
}

function Line({ words, more, icon, alert, children }: LineProps) {
  return (
    <div className="card-line">
      {icon}
      <p role={alert ? 'alert' : undefined} title={more}>
        {words}
      </p>
      {children && <div className="card-actions">{children}</div>}
    </div>
  )
}

interface ActProps {
  readonly main?: boolean
  readonly onPress: () => void
  readonly children: ReactNode
}

const Act = ({ main, onPress, children }: ActProps) => (
  <button type="button" className={main ? 'button small main' : 'button small'} onClick={onPress}>
    {children}
  </button>
)
