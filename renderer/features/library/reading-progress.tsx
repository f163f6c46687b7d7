/** A document while it is read: tokens of total, percent, speed, time left, disk; pause and cancel. */
import { useTranslation } from 'react-i18next'
import { cancelReading, pauseReading } from '../../flows/read-queue'
import { bytes, duration, grouped, percent } from '../../ui/format'
import { PauseIcon } from '../../ui/icons'
import type { DocumentState } from './document-state'

interface ReadingProgressProps {
  readonly id: string
  readonly state: DocumentState & { readonly name: 'reading' | 'pausing' }
}

export function ReadingProgressCard({ id, state }: ReadingProgressProps) {
  const { t } = useTranslation('library')
  const progress = state.name === 'reading' ? state.progress : undefined
  return (
    <div className="card-reading">
      <div className="card-line">
        <p className="numbers">
          <Figures state={state} />
        </p>
        {state.name === 'reading' && (
          <div className="card-actions">
            <button type="button" className="button small" onClick={() => void pauseReading()}>
              <PauseIcon />
              {t('card.pause')}
            </button>
            <button
              type="button"
              className="button small plain"
              title={t('card.cancelTitle')}
              onClick={() => void cancelReading(id)}
            >
              {t('card.cancel')}
            </button>
          </div>
        )}
      </div>
      <progress
        aria-label={t('card.label')}
        {...(progress && { value: progress.tokens, max: progress.total })}
      />
    </div>
  )
}

function Figures({ state }: { state: ReadingProgressProps['state'] }) {
  const { t } = useTranslation('library')
  if (state.name === 'pausing') return t('card.pausing')
  const { progress, tokenizing } = state
  if (!progress)
    return tokenizing === undefined
      ? t('card.starting')
      : t('card.tokenizing', { percent: percent(tokenizing, 1) })
  const { tokens, total, tokensPerSecond, bytes: disk } = progress
  const speed = tokensPerSecond > 0
  const parts = [
    t('card.reading', { tokens: grouped(tokens), total: grouped(total) }),
    speed && t('card.speed', { speed: grouped(tokensPerSecond) }),
    speed && tokens < total && t('card.left', { time: duration((total - tokens) / tokensPerSecond) }),
    disk > 0 && t('card.disk', { bytes: bytes(disk) })
  ]
  return (
    <>
      <strong>{percent(tokens, total, true)}</strong> {parts.filter(part => part !== false).join(' · ')}
    </>
  )
}
