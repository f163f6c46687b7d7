/** The first pages of a document's text, from which questions are made; the rest is not fetched. */
import { useEffect, useState } from 'react'
import { documentText } from '../../../contract/bytes'
import { flows } from '../../flows/flows'
import { useDocuments } from '../../store/documents'

/** Some fifty pages: enough to choose from, and looked through in a few milliseconds. */
const most = 120_000

/** Undefined until it is there. What cannot be fetched gives no questions; the Reader tells why. */
export function useBeginning(documentId: string): string | undefined {
  const digest = useDocuments(({ documents }) => documents[documentId]?.textDigest)
  const [beginning, setBeginning] = useState<string>()
  useEffect(() => {
    const leaving = new AbortController()
    setBeginning(undefined)
    fetchBeginning(documentId, leaving.signal).then(setBeginning, () => undefined)
    return () => leaving.abort()
  }, [documentId, digest])
  return beginning
}

async function fetchBeginning(documentId: string, signal: AbortSignal): Promise<string> {
  const { at, headers } = flows.host().bytes
  const response = await fetch(at + documentText(documentId), { headers, signal })
  if (!response.ok || !response.body) {
    await response.body?.cancel()
    return ''
  }
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let text = ''
  while (text.length < most) {
    const { done, value } = await reader.read()
    if (done) return text
    text += value
  }
  await reader.cancel()
  // The last sentence may be cut.
  return text.slice(0, text.lastIndexOf('.', most) + 1)
}
