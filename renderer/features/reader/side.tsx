/** Beside the text: its outline, or all hits of the search. Over the text where the pane is narrow. */
import { useMemo } from 'react'
import { useTranslation } from 'react-i18next'
import { useDocuments } from '../../store/documents'
import { CloseIcon } from '../../ui/icons'
import { ChoiceList } from './choice-list'
import { excerptAround } from './excerpt'
import { showHit, useFind } from './find'
import { partAt, sectionsOf, sheetName } from './outline'
import { useReader } from './reader-store'
import { sheetTitle } from './sheet-title'
import { shownText } from './shown-text'

/** More rows nobody scrolls through; "next" goes through all hits. */
const mostRows = 10_000

export function Side() {
  const { t } = useTranslation('reader')
  const side = useReader(reader => reader.side)
  return (
    <section className="reader-side" aria-label={t(side === 'hits' ? 'hitList' : 'outline')}>
      <div className="reader-side-head">
        <h3>{t(side === 'hits' ? 'hitList' : 'outline')}</h3>
        <button
          type="button"
          className="icon-button"
          aria-label={t(side === 'hits' ? 'hitListHide' : 'outlineHide')}
          title={t(side === 'hits' ? 'hitListHide' : 'outlineHide')}
          onClick={close}
        >
          <CloseIcon />
        </button>
      </div>
      {side === 'hits' ? <Hits /> : <OutlineList />}
    </section>
  )
}

const close = (): void => useReader.setState({ side: undefined })

/** Where the list lies over the text, what was picked is looked at next. */
function closeIfOver(): void {
  const side = document.querySelector('.reader-side')
  if (side && getComputedStyle(side).position === 'absolute') close()
}

function OutlineList() {
  const { t } = useTranslation('reader')
  const outline = useReader(reader => reader.outline)
  const documentId = useReader(reader => reader.documentId)
  const isFiles = useDocuments(({ documents }) => documents[documentId ?? '']?.kind === 'files')
  const sections = useMemo(
    () => sectionsOf(outline, sheet => sheetTitle(t, outline, sheet), isFiles),
    [outline, isFiles, t]
  )
  const starts = useMemo(() => sections.map(({ start }) => start), [sections])
  // The line that was jumped to stands some pixels below the top, so what begins within it counts.
  const current = useReader(({ top }) => partAt(starts, top + 1))
  if (sections.length === 0) return <p className="quiet reader-side-empty">{t('outlineNone')}</p>
  return (
    <ChoiceList
      label={t('outline')}
      count={sections.length}
      rowHeight={32}
      active={current}
      row={index => {
        const { title, level, sheet } = sections[index]!
        return (
          <>
            <span className={`section level-${Math.min(level, 5)}`}>{title}</span>
            {sheet !== undefined && (
              <span className="numbers quiet">{sheetName(outline, sheet) ?? sheet}</span>
            )}
          </>
        )
      }}
      onPick={index => {
        shownText()?.jump(sections[index]!.start)
        closeIfOver()
      }}
    />
  )
}

function Hits() {
  const { t } = useTranslation('reader')
  const { hits, active, state } = useFind()
  const outline = useReader(reader => reader.outline)
  const text = shownText()
  if (hits.count === 0 || !text)
    return <p className="quiet reader-side-empty">{state === 'done' ? t('noHits') : ''}</p>
  const rows = Math.min(hits.count, mostRows)
  return (
    <>
      <ChoiceList
        label={t('hitList')}
        count={rows}
        rowHeight={76}
        active={active < rows ? active : -1}
        row={index => {
          const start = hits.starts[index]!
          const { before, hit, after } = excerptAround(text, start, start + hits.length)
          const where =
            outline.sheets.length > 0
              ? sheetTitle(t, outline, Math.max(1, partAt(outline.sheets, start) + 1))
              : t('line', { line: text.lineAt(start).line })
          return (
            <>
              <span className="excerpt">
                {before}
                <mark>{hit}</mark>
                {after}
              </span>
              <span className="numbers quiet">{where}</span>
            </>
          )
        }}
        onPick={index => {
          showHit(index)
          closeIfOver()
        }}
      />
      {hits.count > rows && (
        <p className="quiet reader-side-more">{t('more', { count: hits.count - rows })}</p>
      )}
    </>
  )
}
