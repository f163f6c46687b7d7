/** Above the text: what it is, where in it one is, and the ways to move. */
import { type FormEvent, useId, useRef, useState } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo, DocumentKind } from '../../../contract/document'
import { encodings } from '../../../contract/encodings'
import { flows } from '../../flows/flows'
import { useView } from '../../store/view'
import { CutName } from '../../ui/cut-name'
import { ListIcon, SearchIcon } from '../../ui/icons'
import { noteSentence } from '../../words/note-sentence'
import { WrapIcon } from './icons'
import { closeFind, openFind, useFind } from './find'
import { lookOf } from './open-text'
import { sheetName } from './outline'
import { parsePlace, percentPosition, type Position, sheetPosition } from './position'
import { isShown, useReader } from './reader-store'
import { shownText } from './shown-text'

const kinds = {
  text: 'kindText',
  markdown: 'kindMarkdown',
  code: 'kindCode',
  table: 'kindTable',
  json: 'kindJson',
  html: 'kindHtml',
  pdf: 'kindPdf',
  docx: 'kindDocx',
  epub: 'kindEpub',
  rtf: 'kindRtf',
  odt: 'kindOdt',
  files: 'kindFiles'
} as const satisfies Record<DocumentKind, string>

export function Header({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const hasOutline = useReader(({ side }) => side === 'outline')
  const hasFind = useFind(find => find.isOpen)
  const toggleOutline = (): void => useReader.setState({ side: hasOutline ? undefined : 'outline' })
  return (
    <header className="reader-header">
      <button
        type="button"
        className="icon-button"
        aria-label={t('outline')}
        title={t(hasOutline ? 'outlineHide' : 'outlineShow')}
        aria-pressed={hasOutline}
        onClick={toggleOutline}
      >
        <ListIcon />
      </button>
      <div className="reader-name">
        <h2 title={document.name}>
          <CutName name={document.name} />
        </h2>
        <span className="tag">{t(kinds[document.kind])}</span>
      </div>
      <GoTo document={document} />
      {lookOf(document) === 'fixed' && <WrapSwitch />}
      <button
        type="button"
        className="icon-button"
        aria-label={t('find')}
        title={t('find')}
        aria-pressed={hasFind}
        onClick={() => (hasFind ? closeFind() : openFind())}
      >
        <SearchIcon />
      </button>
      <Notes document={document} />
    </header>
  )
}

function WrapSwitch() {
  const { t } = useTranslation('reader')
  const isOn = useView(view => view.wrapsLines)
  return (
    <button
      type="button"
      className="icon-button"
      aria-label={t('wrap')}
      title={t('wrap')}
      aria-pressed={isOn}
      onClick={() => {
        useView.setState({ wrapsLines: !isOn })
        shownText()?.wrap(!isOn)
      }}
    >
      <WrapIcon />
    </button>
  )
}

/** What the text does not hold, and what can be done about it. */
function Notes({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const { id, notes, isOlderText, isEncodingChosen, file } = document
  const canBeReadAgain = file === 'same' || file === 'changed'
  const isOffered = isOlderText && canBeReadAgain
  const count = notes.length + (isEncodingChosen ? 1 : 0) + (isOffered ? 1 : 0)
  if (count === 0) return null
  return (
    <details className="reader-notes">
      <summary>{t('notes', { count })}</summary>
      {notes.map(note => (
        <p key={note.message}>{noteSentence(note)}</p>
      ))}
      {isEncodingChosen && <p>{t('encodingChosen')}</p>}
      {flows.documents.canReadAgain(document) && document.encoding !== '' && (
        <EncodingChoice document={document} />
      )}
      {isOffered && (
        <p>
          {t('olderText')}{' '}
          <button type="button" className="button small" onClick={() => void flows.documents.refresh(id)}>
            {t('takeAgain')}
          </button>
        </p>
      )}
    </details>
  )
}

/** A guess may be wrong: another encoding reads the file again. */
function EncodingChoice({ document: { id, encoding } }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const [isTaking, setIsTaking] = useState(false)
  const isListed = encodings.some(each => each === encoding)
  const choose = (chosen: string): void => {
    const found = encodings.find(each => each === chosen)
    if (!found) return
    setIsTaking(true)
    void flows.documents.refresh(id, { encoding: found }).finally(() => setIsTaking(false))
  }
  return (
    <label className="field">
      <span>{t('encoding')}</span>
      <select value={encoding} disabled={isTaking} onChange={event => choose(event.target.value)}>
        {!isListed && <option value={encoding}>{encoding}</option>}
        {encodings.map(each => (
          <option key={each} value={each}>
            {each}
          </option>
        ))}
      </select>
    </label>
  )
}

/** Where one is, as a button that opens a small form: page, line or percent to go to. */
function GoTo({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const id = useId()
  const popover = useRef<HTMLFormElement>(null)
  const field = useRef<HTMLInputElement>(null)
  const [isBad, setIsBad] = useState(false)
  const { sheets, sheetNames } = useReader(({ outline }) => outline)
  const isReady = useReader(isShown(document.id))
  const most = sheets.length > 0 ? sheets.length : isReady ? (shownText()?.lineAt(0).lines ?? 1) : 1
  const go = (event: FormEvent<HTMLFormElement>): void => {
    event.preventDefault()
    const found = parsePlace(String(new FormData(event.currentTarget).get('place')), most, sheetNames)
    const text = shownText()
    setIsBad(!found)
    if (!found || !text) return
    if ('share' in found) text.jump(Math.floor(text.length * found.share))
    else text.jump(sheets.length > 0 ? sheets[found.count - 1]! : text.startOfLine(found.count))
    popover.current?.hidePopover()
    text.focus()
  }
  return (
    <>
      <button
        type="button"
        className="button small numbers reader-position"
        popoverTarget={id}
        title={t('goTo')}
        disabled={!isReady}
      >
        <Where document={document} />
      </button>
      <form
        ref={popover}
        id={id}
        popover="auto"
        className="reader-goto"
        onSubmit={go}
        onToggle={() => field.current?.select()}
      >
        <label className="field">
          <span>
            {sheets.length === 0
              ? t('goToLine', { lines: most })
              : sheetNames
                ? t('goToNamedSheet', { first: sheetNames[0]!, last: sheetNames.at(-1)! })
                : t('goToSheet', { sheets: most })}
          </span>
          <input ref={field} name="place" autoComplete="off" placeholder={t('goToHint')} />
        </label>
        <button type="submit" className="button main">
          {t('go')}
        </button>
        <p role="alert" className="quiet">
          {isBad && t('goToBad', { most })}
        </p>
      </form>
    </>
  )
}

function Where({ document }: { document: DocumentInfo }) {
  const { t } = useTranslation('reader')
  const outline = useReader(reader => reader.outline)
  const { sheets } = outline
  const top = useReader(reader => reader.top)
  const isReady = useReader(isShown(document.id))
  const text = shownText()
  const position: Position =
    sheets.length > 0
      ? sheetPosition(sheets, top)
      : isReady && text && lookOf(document) === 'fixed'
        ? { name: 'line', ...text.lineAt(top) }
        : percentPosition(top, document.characters)
  switch (position.name) {
    case 'sheet': {
      const name = sheetName(outline, position.sheet)
      return name === undefined ? t('sheetOf', position) : t('sheetNamedOf', { ...position, name })
    }
    case 'line':
      return t('lineOf', position)
    case 'percent':
      return t('percent', position)
  }
}
