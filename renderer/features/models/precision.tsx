/** In which precision a model is run: what each choice takes, and making the weights that are not there yet. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ModelInfo } from '../../../contract/host'
import type { ModelPrecision } from '../../../contract/settings'
import type { PrecisionChoices } from '../../../gpu/index'
import { useSettings } from '../../store/settings'
import { bitsOf, bytes, grouped } from '../../ui/format'
import {
  cancelMaking,
  choose,
  type ChoosingState,
  deleteWeights,
  endChoosing,
  useChoosing,
  type Weights
} from './choosing'
import { bookTokens } from './fit'

export function Precision({ model }: { readonly model: ModelInfo }) {
  const { t } = useTranslation('settings')
  const choosing = useChoosing(store => store.choosing)
  if (choosing?.model.id !== model.id) return null
  const { choices, making, failed } = choosing
  return (
    <section className="precision" aria-label={t('precision.title', { name: model.name })}>
      {failed !== undefined && (
        <p className="notice bad" role="alert">
          {failed} {t('precision.failed')}
        </p>
      )}
      {making && <Making making={making} />}
      {!making && choices && <Choices model={model} choices={choices} wanted={choosing.wanted} />}
      {!making && !choices && failed === undefined && (
        <p role="status">{t('precision.looking', { name: model.name })}</p>
      )}
    </section>
  )
}

function Choices({
  model,
  choices,
  wanted: before
}: {
  readonly model: ModelInfo
  readonly choices: PrecisionChoices
  /** What was asked for and could not be. */
  readonly wanted: ModelPrecision | undefined
}) {
  const { t } = useTranslation('settings')
  const now = useSettings(settings => settings.precisions[model.id]) ?? {}
  const start = before ?? now
  const [weights, setWeights] = useState(start.weights)
  const [pages, setPages] = useState<ModelPrecision['pages']>(
    start.pages ?? choices.pages.find(({ kind }) => kind === choices.own.pages)?.kind
  )
  const wanted = choices.weights.find(({ precision }) => precision === weights)
  const others = choices.weights.filter(({ precision, made }) => made && precision !== now.weights)
  return (
    <form
      onSubmit={event => {
        event.preventDefault()
        void choose(model, { weights, pages: pages === choices.own.pages ? undefined : pages })
      }}
    >
      <WeightChoices choices={choices} chosen={weights} onChoose={setWeights} />
      <fieldset>
        <legend>{t('precision.pages')}</legend>
        {choices.pages.map(({ kind, bytesPerToken, onGrid }) => (
          <label key={kind}>
            <input type="radio" name="pages" checked={pages === kind} onChange={() => setPages(kind)} />
            <span>
              {t('precision.pageBits', {
                bits: bitsOf(kind),
                size: bytes(bytesPerToken * bookTokens),
                tokens: grouped(bookTokens)
              })}
              {kind === choices.own.pages && ` (${t('precision.ownPages')})`}
              {onGrid && <span className="quiet"> {t('precision.onGrid')}</span>}
            </span>
          </label>
        ))}
      </fieldset>
      <p className="quiet">{t('precision.readings')}</p>
      <p className="row">
        <button type="submit" className="button main">
          {wanted && !wanted.made ? t('precision.make', { size: bytes(wanted.bytes) }) : t('precision.use')}
        </button>
        <button type="button" className="button" onClick={endChoosing}>
          {t('cancel')}
        </button>
        {others.map(({ precision, bytes: size }) => (
          <button
            key={precision}
            type="button"
            className="button small"
            onClick={() => void deleteWeights(model, precision)}
          >
            {t('precision.delete', { bits: bitsOf(precision), size: bytes(size) })}
          </button>
        ))}
      </p>
    </form>
  )
}

/** The model's own weights and those that can be made of them. */
export function WeightChoices({
  choices,
  chosen,
  onChoose
}: {
  readonly choices: Pick<PrecisionChoices, 'own' | 'weights'>
  readonly chosen: Weights | undefined
  readonly onChoose: (weights: Weights | undefined) => void
}) {
  const { t } = useTranslation('settings')
  const { own, weights } = choices
  return (
    <fieldset>
      <legend>{t('precision.weights')}</legend>
      <label>
        <input
          type="radio"
          name="weights"
          checked={chosen === undefined}
          onChange={() => onChoose(undefined)}
        />
        <span>{t('precision.ownWeights', { bits: bitsOf(own.weights), size: bytes(own.weightBytes) })}</span>
      </label>
      {weights.map(({ precision, bytes: size, made }) => (
        <label key={precision}>
          <input
            type="radio"
            name="weights"
            checked={chosen === precision}
            onChange={() => onChoose(precision)}
          />
          <span>
            {t('precision.madeWeights', { bits: bitsOf(precision), size: bytes(size) })}
            {made && ` (${t('precision.alreadyMade')})`}
            <span className="quiet"> {t(`precision.${precision}`)}</span>
          </span>
        </label>
      ))}
      {own.onGrids && <p className="quiet">{t('precision.onGrids')}</p>}
    </fieldset>
  )
}

export function Making({
  making: { precision, done, total },
  onCancel = cancelMaking
}: {
  readonly making: NonNullable<ChoosingState['making']>
  readonly onCancel?: () => void
}) {
  const { t } = useTranslation('settings')
  const words = t('precision.making', { bits: bitsOf(precision) })
  return (
    <>
      <p role="status">{words}</p>
      <progress aria-label={words} value={done} max={Math.max(1, total)} />
      <p className="quiet numbers">{t('precision.makingOf', { done: bytes(done), size: bytes(total) })}</p>
      <p className="row">
        <button type="button" className="button" onClick={onCancel}>
          {t('cancel')}
        </button>
      </p>
    </>
  )
}
