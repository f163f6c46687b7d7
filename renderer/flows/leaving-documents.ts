/** Of readings that are given up, each document once: it may have been read in several ways. A text that a newer one replaced is told by itself. */
import type { Leaving } from '../../contract/host'

export function documentsOf(leaving: readonly Leaving[]): Leaving[] {
  const byDocument = new Map(leaving.map(each => [`${each.documentId} ${each.replaced}`, each]))
  return [...byDocument.values()]
}
