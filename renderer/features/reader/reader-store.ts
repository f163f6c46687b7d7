/** What the Reader shows. Plain data; open-text.ts changes it. */
import { create } from 'zustand'
import type { Outline } from '../../../contract/document'
import { emptyOutline } from './outline'

type TextState =
  | { readonly name: 'loading'; readonly done: number }
  | { readonly name: 'shown' }
  | { readonly name: 'failed'; readonly reason: string }

interface ReaderStore {
  /** Of the document that all the rest belongs to. */
  readonly documentId?: string
  readonly text: TextState
  readonly outline: Outline
  /** UTF-16 offset in the text at the top of the view. */
  readonly top: number
  readonly side?: 'outline' | 'hits'
  /** For the live region; a number goes along so that the same words are said again. */
  readonly said?: { readonly words: string; readonly number: number }
}

export const useReader = create<ReaderStore>(() => ({
  text: { name: 'loading', done: 0 },
  outline: emptyOutline,
  top: 0
}))

/** Selector: the whole text of this document is in the view. */
export const isShown =
  (id: string) =>
  ({ documentId, text }: ReaderStore): boolean =>
    documentId === id && text.name === 'shown'

export const say = (words: string): void =>
  useReader.setState(({ said }) => ({ said: { words, number: (said?.number ?? 0) + 1 } }))
