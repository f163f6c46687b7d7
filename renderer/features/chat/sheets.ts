/** Printed pages of a document, where the original has pages: offset in the text → number of the page. */
import { useEffect, useState } from 'react'
import { currentHost } from '../../flows/running-engine'
import { useDocuments } from '../../store/documents'
import { fetchOutline, partAt } from '../reader/outline'

const none: readonly number[] = []

/** Starts of the pages in UTF-16 offsets; empty where there are none or as long as they are not known. */
export function useSheets(documentId: string): readonly number[] {
  const paged = useDocuments(({ documents }) => (documents[documentId]?.sheets ?? 0) > 0)
  const [sheets, setSheets] = useState(none)
  useEffect(() => {
    if (!paged) return setSheets(none)
    const leaving = new AbortController()
    // Without page numbers the passages still lead to their places.
    void fetchOutline(currentHost().bytes, documentId, leaving.signal)
      .then(({ sheets }) => setSheets(sheets))
      .catch(() => undefined)
    return () => leaving.abort()
  }, [documentId, paged])
  return sheets
}

/** The page, from 1, on which this offset lies; undefined before the first and where there are none. */
export const sheetOf = (sheets: readonly number[], offset: number): number | undefined =>
  partAt(sheets, offset) + 1 || undefined
