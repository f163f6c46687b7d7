/** The passages that carried an answer: numbered chips that show the whole passage, and lead to it in the Reader. */
import { useTranslation } from 'react-i18next'
import type { Passage } from '../../../contract/chat'
import { usePlaceLabels } from './place-of'
import { showStretch, useChanged } from './places'
import { useTip } from './use-tip'

interface Props {
  readonly documentId: string
  readonly textDigest: string | undefined
  readonly sources: readonly Passage[]
}

export function Sources({ documentId, textDigest, sources }: Props) {
  const { t } = useTranslation('chat')
  const changed = useChanged(documentId, textDigest)
  const places = usePlaceLabels(documentId, sources, changed)
  if (sources.length === 0) return null
  return (
    <div role="group" className="sources" aria-label={t('sources.title')}>
      <p className="quiet" aria-hidden="true">
        {t(changed ? 'sources.changed' : 'sources.title')}
      </p>
      <ol>
        {sources.map((source, index) => (
          <Source
            key={source.start}
            documentId={documentId}
            source={source}
            changed={changed}
            number={index + 1}
            place={places[index]}
          />
        ))}
      </ol>
    </div>
  )
}

interface SourceProps {
  readonly documentId: string
  readonly source: Passage
  readonly changed: boolean
  readonly number: number
  readonly place: string | undefined
}

function Source({ documentId, source, changed, number, place }: SourceProps) {
  const { text, score } = source
  const { t } = useTranslation('chat')
  const { area, button, tip, hide } = useTip(text === '')
  return (
    <li {...area}>
      <button
        {...button}
        type="button"
        className="source"
        onClick={() => {
          hide()
          showStretch(documentId, source, changed)
        }}
      >
        <span className="number">{number}</span>
        <span className="where numbers">{place ?? t('sources.place')}</span>
        <span className="first-words">{firstWords(text) || t('sources.place')}</span>
      </button>
      <div {...tip} className="tip passage">
        <blockquote>{text.trim()}</blockquote>
        <p className="quiet numbers">
          {place !== undefined && `${place} · `}
          {t('sources.share', { percent: Math.round(score * 100) })}
        </p>
      </div>
    </li>
  )
}

/** More than a line holds in any pane; what is too much is cut by its width. */
const firstWords = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 160)
