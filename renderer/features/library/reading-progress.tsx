/** A document while it is read: percent, pages of all, time left, disk; pause and cancel. Tokens are in the tooltip. */
import i18next from 'i18next'
import { useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { ReadingProgress } from '../../../gpu/index'
import { flows } from '../../flows/flows'
import { bytes, duration, grouped, percent } from '../../ui/format'
import { PauseIcon } from '../../ui/icons'
import { partWords } from '../../ui/pages'
import type { DocumentState } from './document-state'
import { Confirm } from './questions'
import { useDocument } from './use-document'

/** Seconds of work that are not thrown away by one press; what an earlier run read never is. */
const worthAsking = 60

interface ReadingProgressProps {
  readonly id: string
  readonly state: DocumentState & { readonly name: 'reading' | 'pausing' }
}

export function ReadingProgressCard({ id, state }: ReadingProgressProps) {
  const { t } = useTranslation('library')
  const progress = state.name === 'reading' ? state.progress : undefined
  const [asking, setAsking] = useState(false)
  const cancel = (): Promise<void> => flows.adding.cancel(id)
  const loss = lossOf(progress)
  return (
    <div className="card-reading">
      <div className="card-line">
        <p className="numbers" title={moreOf(progress)}>
          <Figures id={id} state={state} />
        </p>
        {state.name === 'reading' && (
          <div className="card-actions">
            <button
              type="button"
              className="button small"
              onClick={() => void flows.adding.queue.stop('pause')}
            >
              <PauseIcon />
              {t('card.pause')}
            </button>
            <button
              type="button"
              className="button small plain"
              title={t('card.cancelTitle')}
              onClick={() => {
                if (loss.earlier > 0 || loss.seconds > worthAsking) setAsking(true)
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
          <p>{t('card.cancelText', { tokens: grouped(loss.tokens), time: duration(loss.seconds) })}</p>
          {loss.earlier > 0 && <p>{t('card.cancelEarlier', { tokens: grouped(loss.earlier) })}</p>}
        </Confirm>
      )}
    </div>
  )
}

/** What a cancel takes away: all that was read, by this run and those before it. */
export function lossOf(progress: ReadingProgress | undefined): {
  readonly tokens: number
  /** Of them by earlier runs. */
  readonly earlier: number
  readonly seconds: number
} {
  if (!progress) return { tokens: 0, earlier: 0, seconds: 0 }
  const { tokens, reused, seconds, tokensPerSecond } = progress
  const speed = tokensPerSecond > 0 ? tokensPerSecond : (tokens - reused) / Math.max(seconds, 1)
  return { tokens, earlier: reused, seconds: speed > 0 ? tokens / speed : 0 }
}

/** Figures for people who know what a token is. */
function moreOf(progress: ReadingProgress | undefined): string | undefined {
  if (!progress) return undefined
  const { tokens, total, tokensPerSecond } = progress
  const parts: string[] = [
    i18next.t('library:card.tokens', { tokens: grouped(tokens), total: grouped(total) })
  ]
  if (tokensPerSecond > 0) parts.push(i18next.t('library:card.speed', { speed: grouped(tokensPerSecond) }))
  return parts.join(' · ')
}

function Figures({ id, state }: ReadingProgressProps) {
  const { t } = useTranslation('library')
  const document = useDocument(id)
  if (state.name === 'pausing') return t('card.pausing')
  const { progress, tokenizing } = state
  if (!progress || !document)
    return tokenizing === undefined
      ? t('card.starting')
      : t('card.tokenizing', { percent: percent(tokenizing, 1) })
  const { tokens, total, tokensPerSecond, bytes: disk } = progress
  const speed = tokensPerSecond > 0
  const parts = [
    partWords(document, tokens, total),
    speed && tokens < total && t('card.left', { time: duration((total - tokens) / tokensPerSecond) }),
    disk > 0 && t('card.disk', { bytes: bytes(disk) })
  ]
  return (
    <>
      <strong>{percent(tokens, total, true)}</strong> {parts.filter(part => part !== false).join(' · ')}
    </>
  )
}
