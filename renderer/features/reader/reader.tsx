/** The text of the document that is open: read, searched, jumped about in. */
import { type KeyboardEvent, useEffect, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { useDocuments } from '../../store/documents'
import { useSettings } from '../../store/settings'
import { useView } from '../../store/view'
import { closeFind, openFind, step, useFind } from './find'
import { FindBar } from './find-bar'
import { Header } from './header'
import { openText } from './open-text'
import { useReader } from './reader-store'
import { sheetTitle } from './sheet-title'
import { shownText } from './shown-text'
import { Side } from './side'
import { useMarks } from './use-marks'
import './reader.css'

export function Reader() {
  const { t } = useTranslation('reader')
  const id = useView(view => view.documentId)
  const document = useDocuments(({ documents }) => (id === undefined ? undefined : documents[id]))
  const isLoaded = useDocuments(({ state }) => state === 'loaded')
  if (id === undefined) return <Nothing title={t('emptyTitle')} text={t('emptyText')} />
  if (!document) return isLoaded ? <Nothing title={t('removedTitle')} text={t('removedText')} /> : null
  return <OpenReader key={id} document={document} />
}

function Nothing({ title, text }: { title: string; text: string }) {
  const { t } = useTranslation('reader')
  return (
    <section className="reader" aria-label={t('reader')}>
      <div className="reader-nothing">
        <h2>{title}</h2>
        <p>{text}</p>
      </div>
    </section>
  )
}

/** The request to find that was followed last; it is not followed again when another document is opened. */
let answered: object | undefined

function OpenReader({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const [attempt, setAttempt] = useState(0)
  const hasFind = useFind(find => find.isOpen)
  const hasSide = useReader(({ side }) => side !== undefined)
  const find = useView(view => view.find)
  useEffect(() => {
    // On a narrow window the Reader may come only after it was asked.
    if (!find || find === answered) return
    answered = find
    openFind(find.words)
    if (find.words) useReader.setState({ side: 'hits' })
  }, [find])

  const press = (event: KeyboardEvent): void => {
    const hasModifier = event.ctrlKey || event.metaKey
    const key = event.key.toLowerCase()
    if (hasFind && (event.key === 'F3' || (hasModifier && key === 'g'))) step(event.shiftKey ? -1 : 1)
    else if (event.key === 'Escape' && hasFind) {
      closeFind()
      shownText()?.focus()
    } else return
    event.preventDefault()
  }
  return (
    <section className="reader" aria-label={t('reader')} onKeyDown={press}>
      <Header document={document} />
      {hasFind && <FindBar />}
      <div className="reader-body">
        {hasSide && <Side />}
        <TextPane key={attempt} document={document} onRetry={() => setAttempt(attempt + 1)} />
      </div>
      <Said />
    </section>
  )
}

function TextPane({ document, onRetry }: { document: DocumentInfo; onRetry: () => void }) {
  const { t } = useTranslation('reader')
  const holder = useRef<HTMLDivElement>(null)
  const fontSize = useSettings(settings => settings.fontSize)
  const text = useReader(reader => reader.text)
  const opened = useRef(document)
  useEffect(() => {
    const labels = {
      label: t('textOf', { name: opened.current.name }),
      sheetLabel: (sheet: number) => sheetTitle(t, useReader.getState().outline, sheet)
    }
    return openText(opened.current, holder.current!, labels)
    // The text of an id never changes; its other properties may, and so may the language.
  }, [])
  useEffect(() => shownText()?.measure(), [fontSize])
  useMarks(document)
  return (
    <div className="reader-text">
      {text.name === 'loading' && (
        <progress aria-label={t('loading', percentOf(text.done))} value={text.done} />
      )}
      {text.name === 'failed' && (
        <div className="notice bad reader-failed" role="alert">
          <h2>{t('failedTitle')}</h2>
          <p>{text.reason}</p>
          <button type="button" className="button" onClick={onRetry}>
            {t('tryAgain')}
          </button>
        </div>
      )}
      <div ref={holder} className="reader-page" style={{ '--reading-size': `${fontSize}px` } as object} />
    </div>
  )
}

const percentOf = (share: number): { percent: number } => ({ percent: Math.floor(share * 100) })

function Said() {
  const said = useReader(reader => reader.said)
  return (
    <p className="visually-hidden" role="status">
      {said && <span key={said.number}>{said.words}</span>}
    </p>
  )
}
