/** Beside an answer to "how many …": the search that counts, while the model estimates. */
import { useTranslation } from 'react-i18next'
import type { ChatMessage } from '../../../contract/chat'
import { countingWords } from '../../search/counting-question'
import { findInText } from '../../store/view'
import { SearchIcon } from '../../ui/icons'

export function ExactSearch({ question }: { readonly question: string }) {
  const { t } = useTranslation('chat')
  const words = countingWords(question)
  if (words === undefined) return null
  return (
    <div className="exact-search">
      <p className="quiet">{t('exact.why')}</p>
      <button type="button" className="button small" onClick={() => findInText(words)}>
        <SearchIcon />
        {words === '' ? t('exact.open') : t('exact.search', { words })}
      </button>
    </div>
  )
}

/** The answer to "how many times is … mentioned": counted, and one press from every place. */
export function ExactCount({
  counted: { words, places }
}: {
  readonly counted: NonNullable<ChatMessage['counted']>
}) {
  const { t } = useTranslation('chat')
  return (
    <p className="exact-count">
      <strong>{t('exact.places', { count: places, words })}</strong>
      {places > 0 && (
        <button type="button" className="button small" onClick={() => findInText(words)}>
          <SearchIcon />
          {t('exact.show', { count: places })}
        </button>
      )}
    </p>
  )
}
