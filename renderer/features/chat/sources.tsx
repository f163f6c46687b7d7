/** The passages that carried an answer: numbered chips that show the whole passage, and lead to it in the Reader. */
import { useId, useRef } from 'react'
import { useTranslation } from 'react-i18next'
import type { Passage } from '../../../contract/chat'
import { showStretch, useChanged } from './places'
import { sheetOf, useSheets } from './sheets'

interface Props {
  readonly documentId: string
  readonly textDigest: string | undefined
  readonly sources: readonly Passage[]
}

export function Sources({ documentId, textDigest, sources }: Props) {
  const { t } = useTranslation('chat')
  const changed = useChanged(documentId, textDigest)
  const pages = useSheets(documentId)
  const sheets = changed ? [] : pages
  if (sources.length === 0) return null
  return (
    <div role="group" className="sources" aria-label={t('sources.title')}>
      <p className="quiet" aria-hidden="true">
        {t(changed ? 'sources.changed' : 'sources.title')}
      </p>
      <ol>
        {sources.map((source, index) => (
          <Source
            key={source.start}
            documentId={documentId}
            source={source}
            changed={changed}
            number={index + 1}
            sheet={sheetOf(sheets, source.start)}
          />
        ))}
      </ol>
    </div>
  )
}

interface SourceProps {
  readonly documentId: string
  readonly source: Passage
  readonly changed: boolean
  readonly number: number
  readonly sheet: number | undefined
}

function Source({ documentId, source, changed, number, sheet }: SourceProps) {
  const { text, score } = source
  const { t } = useTranslation('chat')
  const id = useId()
  const chip = useRef<HTMLButtonElement>(null)
  const passage = useRef<HTMLDivElement>(null)
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined)
  const show = (): void => {
    clearTimeout(waiting.current)
    if (text !== '' && !passage.current?.matches(':popover-open'))
      passage.current?.showPopover({ source: chip.current ?? undefined })
  }
  const hide = (): void => {
    clearTimeout(waiting.current)
    passage.current?.hidePopover()
  }
  const soon = (change: () => void): void => {
    clearTimeout(waiting.current)
    waiting.current = setTimeout(change, 120)
  }
  return (
    <li
      // Text that scrolls under a pointer at rest also sends moves, of no distance.
      onMouseMove={({ movementX, movementY }) => {
        if (movementX !== 0 || movementY !== 0) soon(show)
      }}
      // The pointer may cross the gap between the chip and its passage.
      onMouseLeave={() => soon(hide)}
      onKeyDown={event => {
        if (event.key !== 'Escape' || !passage.current?.matches(':popover-open')) return
        event.stopPropagation()
        hide()
      }}
    >
      <button
        ref={chip}
        type="button"
        className="source"
        aria-describedby={id}
        onFocus={show}
        onBlur={hide}
        onClick={() => {
          hide()
          showStretch(documentId, source, changed)
        }}
      >
        <span className="number">{number}</span>
        {sheet !== undefined && <span className="numbers">{t('sources.page', { page: sheet })}</span>}
        <span className="first-words">{firstWords(text) || t('sources.place')}</span>
      </button>
      <div ref={passage} id={id} popover="manual" className="passage">
        <blockquote>{text.trim()}</blockquote>
        <p className="quiet numbers">
          {sheet !== undefined && `${t('sources.page', { page: sheet })} · `}
          {t('sources.share', { percent: Math.round(score * 100) })}
        </p>
      </div>
    </li>
  )
}

const firstWords = (text: string): string => text.trim().replace(/\s+/g, ' ').slice(0, 60)
