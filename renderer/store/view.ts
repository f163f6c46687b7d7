/** What is on the screen: which document, which pane, which dialog. Plain data; what a person arranged is kept in the browser. */
import { create, type StoreApi, type UseBoundStore } from 'zustand'
import { persist } from 'zustand/middleware'

export type Pane = 'library' | 'reader' | 'chat'
type Dialog = 'open' | 'add' | 'settings' | 'models' | 'shortcuts' | 'diagnostics'

/** A place in the text to scroll to and highlight; a new object each time, so that the same place can be shown again. */
export interface Place {
  readonly documentId: string
  /** UTF-16 offsets, end exclusive. */
  readonly start: number
  readonly end: number
}

/** Several files or a folder, about which a person has to be asked. */
export interface ToAdd {
  readonly picked: readonly { readonly file: File; readonly path: string }[]
  /** Name of the one folder that they are; absent: several files. */
  readonly folder?: string
  /** The folder itself, where the host looks through it. */
  readonly grant?: string
}

interface ViewStore {
  readonly documentId?: string
  /** The one that is shown on a narrow window. */
  readonly pane: Pane
  /** Panes a person folded away on a wide window. */
  readonly folded: Readonly<Record<Pane, boolean>>
  /** The library lies over text and conversation, where the window has no room for it beside them. */
  readonly drawer: boolean
  /** CSS pixels of the panes beside the Reader. */
  readonly widths: Readonly<Record<'library' | 'chat', number>>
  /** Headings of the library that are folded up. */
  readonly closedGroups: readonly string[]
  readonly dialog?: Dialog
  /** What is shown in the dialog "add". */
  readonly toAdd?: ToAdd
  /** Long lines of code, logs and tables go on in the next row. */
  readonly wrapsLines: boolean
  /** How HTML files are taken in. */
  readonly html: 'readable' | 'whole'
  readonly place?: Place
  /** Words to find in the Reader; a new object each time. None: the find bar opens and waits. */
  readonly find?: { readonly words: string }
}

export const defaultWidths = { library: 300, chat: 420 } as const

export const useView: UseBoundStore<StoreApi<ViewStore>> = create<ViewStore>()(
  persist(
    (): ViewStore => ({
      pane: 'library',
      folded: { library: false, reader: false, chat: false },
      drawer: false,
      widths: defaultWidths,
      closedGroups: [],
      wrapsLines: true,
      html: 'readable'
    }),
    {
      name: 'readonce-view',
      partialize: ({ documentId, pane, folded, widths, closedGroups, wrapsLines, html }) => ({
        documentId,
        pane,
        folded,
        widths,
        closedGroups,
        wrapsLines,
        html
      })
    }
  )
)

/** The Reader scrolls there and highlights; on a narrow window it comes to the front. */
export const showPlace = (place: Place): void =>
  useView.setState(({ folded }) => ({
    place,
    documentId: place.documentId,
    pane: 'reader',
    drawer: false,
    folded: { ...folded, reader: false }
  }))

/** The exact search beside an answer: opens the Reader's find with these words. */
export const findInText = (words: string): void =>
  useView.setState(({ folded }) => ({
    find: { words },
    pane: 'reader',
    drawer: false,
    folded: { ...folded, reader: false }
  }))

export const openDialog = (dialog: Dialog): void => useView.setState({ dialog })

export const closeDialog = (): void => useView.setState({ dialog: undefined, toAdd: undefined })

/** Folds a pane away or back. Reader and Chat are never both away: something of the document stays. */
export const foldPane = (pane: Pane): void =>
  useView.setState(({ folded }) => {
    const next = { ...folded, [pane]: !folded[pane] }
    if (next.reader && next.chat) next[pane === 'reader' ? 'chat' : 'reader'] = false
    return { folded: next }
  })

export const showPane = (pane: Pane): void =>
  useView.setState(({ folded }) => ({
    pane,
    drawer: pane === 'library',
    folded: { ...folded, [pane]: false }
  }))

export const setDrawer = (drawer: boolean): void => useView.setState({ drawer })

/** A document was chosen: where the library hides it, it gives way. */
export const leaveLibrary = (): void =>
  useView.setState(({ pane }) => ({ pane: pane === 'library' ? 'reader' : pane, drawer: false }))
