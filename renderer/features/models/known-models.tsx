/** Names of models worth having, to be copied: Readonce itself fetches nothing. */
import { useTranslation } from 'react-i18next'
import { bytes } from '../../ui/format'
import { CopyButton } from '../chat/copy-button'
import { type KnownModel, knownModels, tokensPerPage } from './published-models'

export function KnownModels() {
  const { t } = useTranslation('settings')
  return (
    <section className="known-models" aria-labelledby="known-models">
      <h3 id="known-models">{t('known.title')}</h3>
      <p className="quiet">{t('known.what')}</p>
      {knownModels.map(model => (
        <Known key={model.repository} model={model} />
      ))}
      <p className="quiet">{t('known.good')}</p>
      <p className="quiet">{t('known.others')}</p>
      <p className="quiet">{t('known.unmeasured')}</p>
    </section>
  )
}

function Known({ model }: { model: KnownModel }) {
  const { t } = useTranslation('settings')
  const { title, repository, licence, memoryBytes, bytesPerToken } = model
  return (
    <div>
      <strong>{title}</strong>
      <p className="row">
        <code>{repository}</code>
        <CopyButton label={t('known.copyName', { name: repository })} text={() => repository} />
      </p>
      <p className="quiet numbers">
        {t('known.facts', {
          size: bytes(model.bytes),
          memory: bytes(memoryBytes),
          pages: bytes(100 * tokensPerPage * bytesPerToken),
          licence
        })}
      </p>
    </div>
  )
}
