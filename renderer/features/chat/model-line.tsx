/** While the model that came with the program answers: what it can and cannot do, and the way to others. */
import { useTranslation } from 'react-i18next'
import { descriptionIn } from '../../../contract/model-card'
import { openDialog } from '../../store/view'
import { useModelFor } from './model-for'

export function ModelLine({ documentId }: { readonly documentId: string }) {
  const { t, i18n } = useTranslation('chat')
  const model = useModelFor(documentId)
  if (!model?.embedded || !model.card) return null
  return (
    <p className="model-line quiet">
      <strong>{model.name}</strong>: {descriptionIn(model.card, i18n.language)}{' '}
      <button type="button" className="link" onClick={() => openDialog('models')}>
        {t('model.other')}
      </button>
    </p>
  )
}
