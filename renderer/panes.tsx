/**
 * Library, text and conversation: side by side, the library over the other two, or one at a time. It is one tree for
 * all widths, so that a window that is made narrower opens no text anew.
 */
import { type ReactNode, useEffect, useLayoutEffect } from 'react'
import { useTranslation } from 'react-i18next'
import { Chat } from './features/chat/chat'
import { LibraryPane } from './features/library/library-pane'
import { Notices } from './features/library/notices'
import { ReadingCard } from './features/library/reading-card'
import { Welcome } from './features/library/welcome'
import { Reader } from './features/reader/reader'
import { focusFirst } from './shortcuts/run-command'
import { useDocuments } from './store/documents'
import { defaultWidths, type Pane, setDrawer, useView } from './store/view'
import { Separator } from './ui/separator'
import { type Layout, useLayout } from './ui/use-layout'

/** A document is open, and so there is a text and something to ask about. */
export const useIsOpen = (): boolean => {
  const id = useView(view => view.documentId)
  return useDocuments(({ documents }) => id !== undefined && documents[id] !== undefined)
}

/** Which panes are on the screen. */
function useShown(layout: Layout): Readonly<Record<Pane, boolean>> {
  const { pane, folded, drawer } = useView()
  const isOpen = useIsOpen()
  if (layout === 'narrow')
    return { library: pane === 'library', reader: pane === 'reader', chat: pane === 'chat' }
  return {
    library: layout === 'middle' ? drawer : !folded.library,
    reader: !isOpen || !folded.reader,
    chat: isOpen && !folded.chat
  }
}

export function Panes() {
  const { t } = useTranslation()
  const layout = useLayout()
  const shown = useShown(layout)
  const isOpen = useIsOpen()
  const { library, chat } = useView(view => view.widths)
  const isDrawer = layout === 'middle' && shown.library
  useDrawer(layout, isDrawer)
  return (
    <div className="panes">
      <nav
        id="pane-library"
        className={layout === 'middle' ? 'pane drawer' : layout === 'narrow' ? 'pane grows' : 'pane'}
        aria-label={t('pane.library')}
        tabIndex={-1}
        hidden={!shown.library}
        style={layout === 'narrow' ? undefined : { flexBasis: library }}
      >
        <LibraryPane hasNotices={shown.library} />
      </nav>
      {isDrawer && <div className="drawer-scrim" onClick={() => setDrawer(false)} />}
      {layout === 'wide' && shown.library && <Bar pane="library" width={library} least={220} most={460} />}
      <div className="work" hidden={!shown.reader && !shown.chat} inert={isDrawer}>
        <main id="pane-reader" className="pane grows" tabIndex={-1} hidden={!shown.reader}>
          {isOpen ? <Reader /> : <Welcome layout={layout} />}
          {!shown.library && shown.reader && <Notices />}
          {shown.reader && <ReadingCard />}
        </main>
        {layout !== 'narrow' && shown.reader && shown.chat && (
          <Bar pane="chat" width={chat} least={260} most={900} isAfter />
        )}
        <aside
          id="pane-chat"
          className={shown.reader ? 'pane' : 'pane grows'}
          aria-label={t('pane.chat')}
          tabIndex={-1}
          hidden={!shown.chat}
          style={shown.reader ? { flexBasis: chatBasis(chat) } : undefined}
        >
          {!shown.reader && <ReadingCard />}
          {!shown.library && !shown.reader && <Notices />}
          <Chat />
        </aside>
      </div>
    </div>
  )
}

/** The text is what is read: until a person drags the bar, it gets more than half. */
const chatBasis = (width: number): string | number =>
  width === defaultWidths.chat ? `min(${width}px, 45%)` : width

interface BarProps {
  readonly pane: 'library' | 'chat'
  readonly width: number
  readonly least: number
  readonly most: number
  readonly isAfter?: boolean
}

function Bar({ pane, ...props }: BarProps): ReactNode {
  const { t } = useTranslation()
  const set = (width: number): void =>
    useView.setState(({ widths }) => ({ widths: { ...widths, [pane]: width } }))
  return (
    <Separator
      {...props}
      label={t(`width.${pane}`)}
      controls={`pane-${pane}`}
      onChange={set}
      onReset={() => set(defaultWidths[pane])}
    />
  )
}

/** The library over the other panes: the keyboard goes in, Escape closes it, and the focus comes back after. */
function useDrawer(layout: Layout, isOpen: boolean): void {
  const id = useView(view => view.documentId)
  // Another document is there to be looked at; and what was open at another width says nothing of this one.
  useEffect(() => setDrawer(false), [layout, id])
  useLayoutEffect(() => {
    if (!isOpen) return
    const before = document.activeElement
    focusFirst('library')
    addEventListener('keydown', closeByEscape)
    return () => {
      removeEventListener('keydown', closeByEscape)
      const isLost = document.activeElement === document.body || isInLibrary(document.activeElement)
      if (isLost && before instanceof HTMLElement) before.focus()
    }
  }, [isOpen])
}

const isInLibrary = (element: Element | null): boolean => !!element?.closest('#pane-library')

function closeByEscape(event: KeyboardEvent): void {
  // A dialog or a menu above it takes Escape for itself.
  if (event.key !== 'Escape' || event.defaultPrevented) return
  if (document.querySelector('dialog[open], [popover=auto]:popover-open')) return
  event.preventDefault()
  setDrawer(false)
}
