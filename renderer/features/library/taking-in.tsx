/** Files that are being turned into text. */
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { CutName } from '../../ui/cut-name'

/** A folder may hold thousands. */
const mostShown = 5

export function TakingInList() {
  const { t } = useTranslation('library')
  const takingIn = useDocuments(store => store.takingIn)
  if (takingIn.length === 0) return null
  return (
    <section className="taking-in" aria-label={t('takingIn')}>
      <p className="quiet" role="status">
        {t('takingIn')}: {t('count', { count: takingIn.length })}
      </p>
      <ul>
        {takingIn.slice(0, mostShown).map(({ name, done, total }, i) => (
          <li key={`${i} ${name}`}>
            <span className="document-name" title={name}>
              <CutName name={name} />
            </span>
            <progress aria-label={name} {...(total > 0 && { value: done, max: total })} />
          </li>
        ))}
      </ul>
    </section>
  )
}
