/** A document while it is read: tokens of total, percent, speed, time left, disk; pause and cancel. */
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import { cancelReading, pauseReading } from '../../flows/read-queue'
import { bytes, duration, grouped, percent } from '../../ui/format'
import { PauseIcon } from '../../ui/icons'
import type { DocumentState } from './document-state'
import { Confirm } from './questions'

/** Seconds of work that are not thrown away by one press. */
const worthAsking = 60

interface ReadingProgressProps {
  readonly id: string
  readonly state: DocumentState & { readonly name: 'reading' | 'pausing' }
}

export function ReadingProgressCard({ id, state }: ReadingProgressProps) {
  const { t } = useTranslation('library')
  const progress = state.name === 'reading' ? state.progress : undefined
  const [asking, setAsking] = useState(false)
  const cancel = (): Promise<void> => cancelReading(id)
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
              onClick={() => {
                if ((progress?.seconds ?? 0) > worthAsking) setAsking(true)
                else void cancel()
              }}
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
      {asking && (
        <Confirm
          title={t('card.cancelAsk')}
          action={t('card.cancelDo')}
          keep={t('card.cancelKeep')}
          close={() => setAsking(false)}
          act={cancel}
        >
          <p>{t('card.cancelText', { tokens: grouped(progress?.tokens ?? 0) })}</p>
        </Confirm>
      )}
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
