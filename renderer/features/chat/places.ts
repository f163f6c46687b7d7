/** From an answer to the place in the text; offsets into an earlier text of a changed file lead nowhere, its words may. */
import { useDocuments } from '../../store/documents'
import { findInText, showPlace } from '../../store/view'

interface Stretch {
  readonly start: number
  readonly end: number
  readonly text: string
}

/** The document's text is another one than the answer was given on. */
export const useChanged = (documentId: string, textDigest: string | undefined): boolean =>
  useDocuments(({ documents }) => {
    const now = documents[documentId]?.textDigest
    return now !== undefined && textDigest !== undefined && now !== textDigest
  })

export function showStretch(documentId: string, { start, end, text }: Stretch, changed: boolean): void {
  if (changed && text !== '') findInText(text.trim().split('\n', 1)[0]!.slice(0, 80))
  else if (!changed) showPlace({ documentId, start, end })
}
