/** The answer to "how many times is … mentioned": the Reader's exact search, in a worker that lives as long as the count. */
import type { ByteAddress } from '../../contract/bytes'
import type { ChatMessage } from '../../contract/chat'
import { mentionedWords } from '../search/counting-question'
import type { FromSearch, ToSearch } from '../search/protocol'

/** Undefined for any other question, and where the search was stopped or failed: the search itself is still offered then. */
export async function countedIn(
  bytes: ByteAddress,
  documentId: string,
  question: string,
  signal: AbortSignal
): Promise<ChatMessage['counted']> {
  const words = mentionedWords(question)
  if (words === undefined) return undefined
  const places = await countPlaces(bytes, documentId, words, signal).catch(() => undefined)
  return places === undefined ? undefined : { words, places }
}

function countPlaces(
  bytes: ByteAddress,
  documentId: string,
  words: string,
  signal: AbortSignal
): Promise<number> {
  const worker = new Worker(new URL('../search/search-worker.ts', import.meta.url), { type: 'module' })
  const counted = new Promise<number>((resolve, reject) => {
    let places = 0
    worker.onmessage = ({ data }: MessageEvent<FromSearch>) => {
      if (data.name === 'failed') return reject(new Error(data.reason))
      places += data.starts.length
      if (data.done) resolve(places)
    }
    worker.onerror = ({ message }) => reject(new Error(message))
    signal.addEventListener('abort', () => reject(signal.reason as Error), { once: true })
  })
  const ask = (message: ToSearch): void => worker.postMessage(message)
  ask({ name: 'text', bytes, documentId })
  ask({ name: 'find', id: 1, question: { words, matchCase: false, wholeWords: false } })
  return counted.finally(() => worker.terminate())
}
