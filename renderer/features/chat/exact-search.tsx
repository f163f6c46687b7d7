/** Beside an answer to "how many …": the search that counts, while the model estimates. */
import { useTranslation } from 'react-i18next'
import { findInText } from '../../store/view'
import { SearchIcon } from '../../ui/icons'
import { countingWords } from './counting-question'

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
