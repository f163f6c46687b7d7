/** Files that are being turned into text. */
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { CutName } from '../../ui/cut-name'

/** A folder may hold thousands. */
const mostShown = 5

export function ImportingList() {
  const { t } = useTranslation('library')
  const importing = useDocuments(store => store.importing)
  if (importing.length === 0) return null
  return (
    <section className="importing" aria-label={t('importing')}>
      <p className="quiet" role="status">
        {t('importing')}: {t('count', { count: importing.length })}
      </p>
      <ul>
        {importing.slice(0, mostShown).map(({ name, done, total }, i) => (
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
