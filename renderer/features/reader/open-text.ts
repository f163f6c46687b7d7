/** Opens a document's text in the Reader: view, text, outline, the place where it was left. */
import type { DocumentInfo } from '../../../contract/document'
import { currentHost } from '../../flows/start'
import { closeFind } from './find'
import { loadText } from './load-text'
import { emptyOutline, fetchOutline, levelsOf } from './outline'
import { useReader } from './reader-store'
import { setShownText, shownText } from './shown-text'
import { TextView } from './text-view'

/** Where each document was left, as long as the window lives. */
const left = new Map<string, number>()

/** Returns what closes it. */
export function openText(
  document: DocumentInfo,
  holder: HTMLElement,
  labels: { readonly label: string; readonly sheetLabel: (sheet: number) => string }
): () => void {
  const { id } = document
  const abort = new AbortController()
  const view = new TextView(holder, {
    ...labels,
    look: lookOf(document),
    onScroll: top => {
      left.set(id, top)
      useReader.setState({ top })
    }
  })
  setShownText(view)
  useReader.setState({ documentId: id, text: { name: 'loading', done: 0 }, outline: emptyOutline, top: 0 })
  load(document, view, abort.signal).catch((error: unknown) => {
    if (abort.signal.aborted) return
    const reason = error instanceof Error ? error.message : String(error)
    useReader.setState({ text: { name: 'failed', reason } })
  })
  return () => {
    abort.abort()
    closeFind()
    view.destroy()
    if (shownText() === view) setShownText(undefined)
  }
}

async function load({ id }: DocumentInfo, view: TextView, signal: AbortSignal): Promise<void> {
  const bytes = currentHost()?.bytes
  if (!bytes) throw new Error('The program has not started yet.')
  // Without an outline the text can be read all the same.
  const outline = fetchOutline(bytes, id, signal).catch(() => emptyOutline)
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
  const { headings, sheets } = await outline
  signal.throwIfAborted()
  view.mark({ headings: { starts: headings.map(({ start }) => start), levels: levelsOf(headings) }, sheets })
  const before = left.get(id)
  if (before) view.jump(before)
  useReader.setState({ text: { name: 'shown' }, outline: { headings, sheets } })
}

/** Prose is set in a book's type and width; what lives from its columns in a fixed one. */
export function lookOf({ kind, name }: Pick<DocumentInfo, 'kind' | 'name'>): 'prose' | 'fixed' {
  const isFixed = ['code', 'table', 'json', 'files'].includes(kind) || /\.(log|out|err)$/i.test(name)
  return isFixed ? 'fixed' : 'prose'
}
