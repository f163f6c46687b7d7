/**
 * While a model that came with the program answers: what it can and cannot do, the way to others, and to one that answers
 * better, whether it has read the document or not.
 */
import { useEffect, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ModelInfo } from '../../../contract/host'
import { descriptionIn } from '../../../contract/model-card'
import { flows } from '../../flows/flows'
import { betterThan, readAsRun } from '../../flows/model-choice'
import type { Offer } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { openDialog } from '../../store/view'
import { duration } from '../../ui/format'
import { useDocument } from '../library/use-document'
import { useAsking } from './asking'
import { useModelFor } from './model-for'

export function ModelLine({ documentId }: { readonly documentId: string }) {
  const { t, i18n } = useTranslation('chat')
  const model = useModelFor(documentId)
  const { name } = useAsking(documentId)
  if (!model?.embedded || !model.card) return null
  const [better] = betterThan(model.id)
  return (
    <p className="model-line quiet">
      <strong>{model.name}</strong>: {descriptionIn(model.card, i18n.language)}{' '}
      {better && name === 'all' && (
        <>
          <UseBetter key={documentId} documentId={documentId} better={better} />{' '}
        </>
      )}
      <button type="button" className="link" onClick={() => openDialog('models')}>
        {t('model.other')}
      </button>
    </p>
  )
}

interface BetterProps {
  readonly documentId: string
  readonly better: ModelInfo
}

function UseBetter({ documentId, better }: BetterProps) {
  const { t } = useTranslation('chat')
  const document = useDocument(documentId)
  useSettings(({ precisions }) => precisions[better.id])
  if (!document || readAsRun(document, better)?.state !== 'complete')
    return <ReadBetter documentId={documentId} better={better} />
  return (
    <button
      type="button"
      className="link"
      onClick={() => void flows.documents.update(documentId, { modelId: better.id })}
    >
      {t('model.betterRead', { model: better.name })}
    </button>
  )
}

/** One press: it is read with the better model, which then answers. What was read before is kept. */
function ReadBetter({ documentId, better }: BetterProps) {
  const { t } = useTranslation('chat')
  const offer = useOffer(documentId, better.id)
  const time = offer && t('model.about', { value: duration(offer.seconds) })
  return (
    <button
      type="button"
      className="link"
      onClick={() => void flows.adding.readWithModel(documentId, better.id)}
    >
      {time ? t('model.betterFor', { model: better.name, time }) : t('model.better', { model: better.name })}
    </button>
  )
}

/** What it would take; undefined until that is known. */
function useOffer(documentId: string, modelId: string): Offer | undefined {
  const [offer, setOffer] = useState<Offer>()
  const loaded = useEngine(engine => engine.modelId)
  const engine = useEngine(({ state }) => state.name)
  useEffect(() => {
    let isWanted = true
    void flows.adding.offersFor(documentId).then(offers => {
      const found = offers?.find(each => each.modelId === modelId)
      if (isWanted && found) setOffer(found)
    })
    return () => void (isWanted = false)
  }, [documentId, modelId, loaded, engine])
  return offer
}
