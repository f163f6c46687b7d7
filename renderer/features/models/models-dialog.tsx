/** The models on this computer, which one is used for what, and the import of another from disk. */
import { sentenceOf } from '../../../contract/failure'
import { useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ModelInfo } from '../../../contract/host'
import { descriptionIn } from '../../../contract/model-card'
import { flows } from '../../flows/flows'
import { settingFor, usualModel } from '../../flows/model-choice'
import { addNotice, useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { useView } from '../../store/view'
import { Dialog } from '../../ui/dialog'
import { bitsOf, bytes, grouped, pageBits } from '../../ui/format'
import { MoreIcon } from '../../ui/icons'
import { Menu, type MenuEntry } from '../../ui/menu'
import { KnownModels } from './known-models'
import { ModelOffer } from './model-offer'
import './models.css'
import { beginChoosing, endChoosing } from './choosing'
import { offerModel, withdraw } from './offer'
import { Precision } from './precision'

export function ModelsDialog() {
  const { t } = useTranslation('settings')
  const open = useView(({ dialog }) => dialog === 'models')
  const models = useEngine(engine => engine.models)
  const input = useRef<HTMLInputElement>(null)
  if (!open) return null
  return (
    <Dialog
      title={t('models.title')}
      onClose={() => {
        withdraw()
        endChoosing()
        useView.setState({ dialog: undefined })
      }}
      actions={
        <button type="button" className="button" onClick={() => input.current?.click()}>
          {t('models.import')} …
        </button>
      }
    >
      <div className="models">
        <p className="quiet">{t('models.what')}</p>
        <ModelOffer />
        <ul className="models-list">
          {models.map(model => (
            <Model key={model.id} model={model} />
          ))}
        </ul>
        <KnownModels />
        <input
          ref={input}
          type="file"
          hidden
          multiple
          aria-label={t('models.import')}
          {...{ webkitdirectory: '' }}
          onChange={event => {
            const files = [...(event.target.files ?? [])]
            event.target.value = ''
            if (files.length > 0)
              void offerModel(files.map(file => ({ file, path: file.webkitRelativePath || file.name })))
          }}
        />
      </div>
    </Dialog>
  )
}

function Model({ model }: { model: ModelInfo }) {
  const { t, i18n } = useTranslation('settings')
  const loaded = useEngine(engine => (engine.modelId === model.id ? engine.model : undefined))
  useSettings(settings => settings.defaultModel)
  const usual = usualModel()?.id === model.id
  const documentId = useView(view => view.documentId)
  const document = useDocuments(store => (documentId ? store.documents[documentId] : undefined))
  const [removing, setRemoving] = useState(false)
  const told = (work: Promise<unknown>): void =>
    void work.catch((error: unknown) => addNotice('refused', sentenceOf(error)))
  const entries = (): MenuEntry[] => [
    {
      label: t('models.useForNew'),
      checked: usual,
      onSelect: () => {
        void flows.settings.change({ defaultModel: settingFor(model.id) })
        told(flows.models.switchTo(model.id))
      }
    },
    ...(document
      ? [
          {
            label: t('models.useForThis', { name: document.name }),
            checked: document.modelId === model.id,
            onSelect: () => told(flows.documents.update(document.id, { modelId: model.id }))
          }
        ]
      : []),
    { label: t('models.precision'), onSelect: () => void beginChoosing(model) },
    ...(model.embedded
      ? []
      : ['line' as const, { label: t('models.remove'), danger: true, onSelect: () => setRemoving(true) }])
  ]
  const length = loaded?.config.trainedLength
  return (
    <li>
      <div>
        <strong>{model.name}</strong> {loaded && <span className="tag accent">{t('models.loaded')}</span>}{' '}
        {usual && <span className="tag">{t('models.usual')}</span>}
        <p className="quiet numbers">
          {bytes(model.bytes)}
          {model.embedded && ` · ${t('models.embedded')}`}
          {loaded && ` · ${t('models.weights', { bits: bitsOf(loaded.weights) })}`}
          {loaded && ` · ${t('models.pages', { bits: pageBits(loaded.pages) })}`}
          {length !== undefined && ` · ${t('models.trained', { tokens: grouped(length) })}`}
        </p>
        {model.card && <p className="quiet">{descriptionIn(model.card, i18n.language)}</p>}
        {model.cardProblem !== undefined && <p className="quiet">{model.cardProblem}</p>}
        <Precision model={model} />
        {removing && (
          <p className="row" role="group" aria-label={t('models.remove')}>
            <span>{t('models.removeAsk', { name: model.name, size: bytes(model.bytes) })}</span>
            <button
              type="button"
              className="button small danger"
              autoFocus
              onClick={() => told(flows.models.remove(model.id))}
            >
              {t('models.remove')}
            </button>
            <button type="button" className="button small" onClick={() => setRemoving(false)}>
              {t('cancel')}
            </button>
          </p>
        )}
      </div>
      <Menu label={t('models.menu', { name: model.name })} entries={entries}>
        <MoreIcon />
      </Menu>
    </li>
  )
}
