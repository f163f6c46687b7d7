/** Printed pages of a document, where the original has pages: offset in the text → number of the page. */
import { useEffect, useState } from 'react'
import { documentOutline } from '../../../contract/bytes'
import type { Outline } from '../../../contract/document'
import { currentHost } from '../../flows/running-engine'
import { useDocuments } from '../../store/documents'

const none: readonly number[] = []

/** Starts of the pages in UTF-16 offsets; empty where there are none or as long as they are not known. */
export function useSheets(documentId: string): readonly number[] {
  const paged = useDocuments(({ documents }) => (documents[documentId]?.sheets ?? 0) > 0)
  const [sheets, setSheets] = useState(none)
  useEffect(() => {
    if (!paged) return setSheets(none)
    const leaving = new AbortController()
    const { at, headers } = currentHost().bytes
    // Without page numbers the passages still lead to their places.
    void fetch(at + documentOutline(documentId), { headers, signal: leaving.signal })
      .then(response => (response.ok ? (response.json() as Promise<Outline>) : undefined))
      .then(outline => setSheets(outline?.sheets ?? none))
      .catch(() => undefined)
    return () => leaving.abort()
  }, [documentId, paged])
  return sheets
}

/** The page, from 1, on which this offset lies; undefined before the first and where there are none. */
export function sheetOf(sheets: readonly number[], offset: number): number | undefined {
  let first = 0
  let end = sheets.length
  while (first < end) {
    const middle = (first + end) >> 1
    if (sheets[middle]! <= offset) first = middle + 1
    else end = middle
  }
  return first === 0 ? undefined : first
}
