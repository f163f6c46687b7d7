/** The passages in full, where they are worth more than the model's words about them. */
import { useTranslation } from 'react-i18next'
import type { Passage } from '../../../contract/chat'
import { usePlaceLabels } from './place-of'
import { showStretch, useChanged } from './places'

interface Props {
  readonly documentId: string
  readonly textDigest: string | undefined
  readonly sources: readonly Passage[]
}

export function FullPassages({ documentId, textDigest, sources }: Props) {
  const { t } = useTranslation('chat')
  const changed = useChanged(documentId, textDigest)
  const places = usePlaceLabels(documentId, sources, changed)
  return (
    <ol className="full-passages" aria-label={t(changed ? 'sources.changed' : 'sources.title')}>
      {sources.map((source, index) => (
        <li key={source.start}>
          <button
            type="button"
            className="whereabouts"
            title={t('sources.show')}
            onClick={() => showStretch(documentId, source, changed)}
          >
            <span className="number">{index + 1}</span>
            <span className="numbers">{places[index] ?? t('sources.place')}</span>
          </button>
          <blockquote>{source.text.trim()}</blockquote>
        </li>
      ))}
    </ol>
  )
}
