/** What was found in a folder, whether it will do here, and the question whether to copy it. */
import { useTranslation } from 'react-i18next'
import { useEngine } from '../../store/engine'
import { bitsOf, bytes, grouped } from '../../ui/format'
import { bookTokens, fitOf } from './fit'
import { Making, WeightChoices } from './precision'
import {
  acceptOffer,
  cancelImport,
  chooseOffered,
  type Offer,
  pauseImport,
  useOffer,
  withdraw
} from './offer'
import { tokensPerPage } from './published-models'

declare global {
  interface Navigator {
    /** Gigabytes, rounded, 8 at most. */
    readonly deviceMemory?: number
  }
}

export function ModelOffer() {
  const { t } = useTranslation('settings')
  const offer = useOffer(store => store.offer)
  switch (offer.state) {
    case 'none':
      return null
    case 'looking':
      return <p role="status">{t('offer.looking', { name: offer.name })}</p>
    case 'imported':
      return (
        <p role="status">
          {t('offer.imported', { name: offer.name })}
          {offer.problem !== undefined && ` ${offer.problem} ${t('precision.importFailed')}`}
        </p>
      )
    case 'refused':
      return (
        <div className="notice bad" role="alert">
          <p>
            <strong>{t('offer.refused', { name: offer.name })}</strong> {offer.reason} {t('offer.nothing')}
          </p>
        </div>
      )
    default:
      return <Found offer={offer} />
  }
}

function Found({ offer }: { offer: Extract<Offer, { state: 'offered' | 'importing' }> }) {
  const { t } = useTranslation('settings')
  const adapter = useEngine(engine => engine.adapter)
  const { offered, summary } = offer
  const fit = fitOf(summary, {
    software: adapter?.software ?? true,
    memoryBytes: navigator.deviceMemory && navigator.deviceMemory * 1e9
  })
  const facts: [string, string][] = [
    [t('offer.parameters'), grouped(summary.parameters)],
    [
      t('offer.weights'),
      `${bytes(summary.weightMemoryBytes)}, ${t('models.weights', { bits: bitsOf(summary.weights) })}`
    ],
    [
      t('offer.perPages'),
      t('offer.perBookValue', {
        memory: bytes(100 * tokensPerPage * summary.memoryBytesPerToken),
        disk: bytes(100 * tokensPerPage * summary.bytesPerToken + summary.bytesPerDocument)
      })
    ],
    [
      t('offer.perBook', { tokens: grouped(bookTokens) }),
      t('offer.perBookValue', {
        memory: bytes(bookTokens * summary.memoryBytesPerToken),
        disk: bytes(bookTokens * summary.bytesPerToken + summary.bytesPerDocument)
      })
    ],
    [
      t('offer.adapter'),
      adapter ? `${adapter.name}${adapter.software ? ` (${t('offer.software')})` : ''}` : '–'
    ],
    [
      t('offer.trained'),
      summary.trainedLength === undefined
        ? t('offer.unknown')
        : `${grouped(summary.trainedLength)} ${t('tokens')}`
    ]
  ]
  return (
    <section className="offer" aria-labelledby="offer">
      <h3 id="offer">{summary.title ?? offered.name}</h3>
      {summary.title !== undefined && <p className="quiet">{offered.name}</p>}
      <p className={`offer-fit ${fit}`}>{t(`fit.${fit}`)}</p>
      <p className="quiet">{t('offer.asItLies')}</p>
      {!summary.prompted && <p className="quiet">{t('offer.unprompted')}</p>}
      <dl>
        {facts.map(([name, value]) => (
          <div key={name}>
            <dt>{name}</dt>
            <dd className="numbers">{value}</dd>
          </div>
        ))}
      </dl>
      {offer.state === 'importing' && offer.making && (
        <Making making={offer.making} onCancel={cancelImport} />
      )}
      {offer.state === 'importing' && !offer.making && <Copying offer={offer} />}
      {offer.state === 'offered' && summary.choices.weights.length > 0 && (
        <WeightChoices choices={summary.choices} chosen={offer.weights} onChoose={chooseOffered} />
      )}
      {offer.state === 'offered' && (
        <p className="row">
          <button type="button" className="button main" autoFocus onClick={() => void acceptOffer()}>
            {t('offer.accept', { size: bytes(offered.bytes) })}
          </button>
          <button type="button" className="button" onClick={withdraw}>
            {t('cancel')}
          </button>
        </p>
      )}
    </section>
  )
}

function Copying({ offer }: { offer: Extract<Offer, { state: 'importing' }> }) {
  const { t } = useTranslation('settings')
  const { offered, done, paused } = offer
  const size = bytes(offered.bytes)
  return (
    <>
      <p role="status">{t(paused ? 'offer.paused' : 'offer.copying', { size })}</p>
      <progress aria-label={t('offer.copying', { size })} value={done} max={Math.max(1, offered.bytes)} />
      <p className="quiet numbers">{t('offer.copied', { done: bytes(done), size })}</p>
      <p className="row">
        <button type="button" className="button" onClick={() => pauseImport(!paused)}>
          {t(paused ? 'offer.resume' : 'offer.pause')}
        </button>
        <button type="button" className="button" onClick={cancelImport}>
          {t('cancel')}
        </button>
      </p>
    </>
  )
}
