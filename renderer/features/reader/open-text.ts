/** Opens a document's text in the Reader: view, text, outline, the place where it was left. */
import type { DocumentInfo } from '../../../contract/document'
import { sentenceOf } from '../../../contract/failure'
import { flows } from '../../flows/flows'
import { closeFind } from './find'
import { loadText, nextTurn } from './load-text'
import { emptyOutline, fetchOutline, levelsOf } from './outline'
import { useView } from '../../store/view'
import { useReader } from './reader-store'
import { setShownText, shownText } from './shown-text'
import { TextView } from './text-view'

/** Where each document was left: in this window, else as the library knows it. */
const left = new Map<string, number>()

interface Labels {
  readonly label: string
  readonly sheetLabel: (sheet: number) => string
}

/** Returns what closes it. */
export function openText(document: DocumentInfo, holder: HTMLElement, labels: Labels): () => void {
  const abort = new AbortController()
  useReader.setState({
    documentId: document.id,
    text: { name: 'loading', done: 0 },
    outline: emptyOutline,
    top: 0,
    // What was said of another text is no news any more.
    said: undefined
  })
  load(document, holder, labels, abort.signal).catch((error: unknown) => {
    if (abort.signal.aborted) return
    const reason = sentenceOf(error)
    useReader.setState({ text: { name: 'failed', reason } })
  })
  return () => {
    abort.abort()
    closeFind()
    shownText()?.destroy()
    setShownText(undefined)
  }
}

async function load(
  document: DocumentInfo,
  holder: HTMLElement,
  labels: Labels,
  signal: AbortSignal
): Promise<void> {
  const { id } = document
  const { bytes } = flows.host()
  // Without an outline the text can be read all the same.
  const outline = fetchOutline(bytes, id, signal).catch(() => emptyOutline)
  // The pane around it is drawn first: both in one task would hold the window up for 70 ms.
  await nextTurn()
  signal.throwIfAborted()
  const view = new TextView(holder, {
    ...labels,
    look: lookOf(document),
    isLog: isLog(document.name),
    onScroll: top => {
      left.set(id, top)
      flows.views.keepPlace(id, top)
      useReader.setState({ top })
    }
  })
  setShownText(view)
  view.wrap(useView.getState().wrapsLines || lookOf(document) === 'prose')
  let percent = 0
  await loadText(bytes, id, {
    signal,
    onPart: (text, breaks) => view.append(text, breaks),
    onProgress: done => {
      if (Math.floor(done * 100) === percent) return
      percent = Math.floor(done * 100)
      useReader.setState({ text: { name: 'loading', done } })
    }
  })
  const { headings, sheets, sheetNames } = await outline
  signal.throwIfAborted()
  // Before the marks, which name the pages.
  useReader.setState({ outline: { headings, sheets, sheetNames } })
  view.mark({ headings: { starts: headings.map(({ start }) => start), levels: levelsOf(headings) }, sheets })
  const before = left.get(id) ?? document.view?.place
  if (before) view.jump(before)
  useReader.setState({ text: { name: 'shown' } })
}

const isLog = (name: string): boolean => /\.(log|out|err)$/i.test(name)

/** Prose is set in a book's type and width; what lives from its columns in a fixed one. */
export function lookOf({ kind, name }: Pick<DocumentInfo, 'kind' | 'name'>): 'prose' | 'fixed' {
  const isFixed = ['code', 'table', 'json', 'files'].includes(kind) || isLog(name)
  return isFixed ? 'fixed' : 'prose'
}
