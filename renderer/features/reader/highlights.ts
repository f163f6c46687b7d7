/** Sources of the shown answer, marked in the text. Chat says which; the Reader shows those of its document. */
import { create } from 'zustand'

export interface HighlightSpan {
  /** UTF-16 offsets, end exclusive. */
  readonly start: number
  readonly end: number
  /** As the answer counts its sources, from 1; absent: by the order given. */
  readonly number?: number
}

interface HighlightsStore {
  readonly documentId?: string
  readonly spans: readonly HighlightSpan[]
}

export const useHighlights = create<HighlightsStore>(() => ({ spans: [] }))

/** Takes the place of what was highlighted before; no spans: nothing is. */
export const showHighlights = (documentId: string, spans: readonly HighlightSpan[]): void =>
  useHighlights.setState({ documentId, spans })
