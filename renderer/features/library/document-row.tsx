/** One document in the library: name, state in words, length; what can be done with it now. */
import { memo } from 'react'
import { useTranslation } from 'react-i18next'
import type { DocumentInfo } from '../../../contract/document'
import { flows } from '../../flows/flows'
import { leaveLibrary, useView } from '../../store/view'
import { CutName } from '../../ui/cut-name'
import { bytes, grouped } from '../../ui/format'
import { PinIcon } from '../../ui/icons'
import { pagesOf, pageWords } from '../../ui/pages'
import { type DocumentState, progressOf, readingBytes } from './document-state'
import { type Asked, DocumentMenu } from './document-menu'
import { KindIcon } from './kind-icon'
import { RowAction } from './row-action'
import { useBriefWords, useStateWords } from './state-words'
import { useDocument, useStateOf } from './use-document'

interface RowProps {
  readonly id: string
  /** The one row that Tab reaches. */
  readonly reachable: boolean
  readonly ask: (asked: Asked) => void
}

export const DocumentRow = memo(function DocumentRow({ id, reachable, ask }: RowProps) {
  const document = useDocument(id)
  return document ? <Row document={document} reachable={reachable} ask={ask} /> : null
})

function Row({ document, reachable, ask }: Omit<RowProps, 'id'> & { document: DocumentInfo }) {
  const { t } = useTranslation('library')
  const { id, name, kind, pinned } = document
  const isOpen = useView(view => view.documentId === id)
  const state = useStateOf(document)
  const tabIndex = reachable ? 0 : -1
  return (
    <li className={isOpen ? 'document-row open' : 'document-row'}>
      <button
        type="button"
        data-row={id}
        className="document-open"
        tabIndex={tabIndex}
        aria-current={isOpen || undefined}
        aria-keyshortcuts="F2 Delete"
        onClick={() => {
          void flows.sessions.show(id)
          leaveLibrary()
        }}
      >
        <span className="document-kind" title={t(`kind.${kind}`)}>
          <KindIcon kind={kind} />
          <span className="visually-hidden">{t(`kind.${kind}`)}</span>
        </span>
        <span className="document-name" title={name}>
          <CutName name={name} />
        </span>
        <Line document={document} state={state} />
        {!isOpen && <Progress state={state} />}
      </button>
      <div className="document-side">
        {pinned && (
          <span className="document-pin" title={t('pinned')}>
            <PinIcon />
            <span className="visually-hidden">{t('pinned')}</span>
          </span>
        )}
        <DocumentMenu document={document} ask={ask} tabIndex={tabIndex} />
      </div>
      <RowAction id={id} name={name} state={state} tabIndex={tabIndex} />
    </li>
  )
}

/** Of the one that is open the card below its text shows it. */
function Progress({ state }: { state: DocumentState }) {
  const progress = progressOf(state)
  if (state.name !== 'reading' && state.name !== 'partial') return null
  // The words beside it say the same.
  return (
    <progress
      aria-hidden="true"
      {...(progress && { value: progress.done, max: progress.total })}
      className={state.name}
    />
  )
}

/** State and length in one line; the rest in its tooltip, and read out. */
export function Line({ document, state }: { document: DocumentInfo; state: DocumentState }) {
  const { t } = useTranslation('library')
  const words = useStateWords(state)
  const brief = useBriefWords(state)
  const tokens = tokensOf(document, state)
  const kept = readingBytes(document)
  const rest = [
    bytes(document.size),
    tokens !== undefined && t('tokens', { tokens: grouped(tokens) }),
    kept > 0 && t('onDisk', { bytes: bytes(kept) })
  ]
    .filter(part => part !== false)
    .join(' · ')
  return (
    <span className="document-line" title={`${words}\n${pageWords(document)} · ${rest}`}>
      <span className={`document-state ${state.name}`}>{brief}</span>
      <span className="document-length numbers">{t('sheets', { count: pagesOf(document) })}</span>
      <span className="visually-hidden">{brief === words ? rest : `${words} · ${rest}`}</span>
    </span>
  )
}

function tokensOf({ readings }: DocumentInfo, state: DocumentState): number | undefined {
  if ('reading' in state && state.reading) return state.reading.tokens
  if (state.name === 'reading' && state.progress) return state.progress.total
  if ('plan' in state && state.plan) return state.plan.tokens
  return readings[0]?.tokens
}
