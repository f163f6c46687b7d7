/** What is on the screen: which document, which pane, which dialog. Plain data. */
import { create } from 'zustand'

export type Pane = 'library' | 'reader' | 'chat'
export type Dialog = 'settings' | 'models' | 'shortcuts' | 'diagnostics' | 'plan'

/** A place in the text to scroll to and highlight; a new object each time, so that the same place can be shown again. */
export interface Place {
  readonly documentId: string
  /** UTF-16 offsets, end exclusive. */
  readonly start: number
  readonly end: number
}

export interface ViewStore {
  readonly documentId?: string
  /** The one that is shown on a narrow window. */
  readonly pane: Pane
  /** Panes a person folded away on a wide window. */
  readonly folded: Readonly<Record<Pane, boolean>>
  readonly dialog?: Dialog
  readonly place?: Place
  /** Words to find in the Reader; a new object each time. */
  readonly find?: { readonly words: string }
}

export const useView = create<ViewStore>(() => ({
  pane: 'library',
  folded: { library: false, reader: false, chat: false }
}))

/** The Reader scrolls there and highlights; on a narrow window it comes to the front. */
export const showPlace = (place: Place): void =>
  useView.setState(({ folded }) => ({
    place,
    documentId: place.documentId,
    pane: 'reader',
    folded: { ...folded, reader: false }
  }))

/** The exact search beside an answer: opens the Reader's find with these words. */
export const findInText = (words: string): void =>
  useView.setState(({ folded }) => ({
    find: { words },
    pane: 'reader',
    folded: { ...folded, reader: false }
  }))
