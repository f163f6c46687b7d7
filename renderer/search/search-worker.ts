/** Exact search in a text of any length, beside the page: one text, one question at a time. */
import { type ByteAddress, documentText } from '../../contract/bytes'
import { sentenceOf } from '../../contract/failure'
import { matches, type Question } from './match'
import type { FromSearch, ToSearch } from './protocol'

const scope = self as unknown as DedicatedWorkerGlobalScope
const post = (message: FromSearch, transfer: Transferable[] = []): void =>
  scope.postMessage(message, transfer)

let text: Promise<string> | undefined
let newest = 0

scope.onmessage = ({ data }: MessageEvent<ToSearch>) => {
  if (data.name === 'text') text = fetchText(data.bytes, data.documentId)
  else {
    newest = data.id
    find(data.id, data.question).catch((error: unknown) =>
      post({ name: 'failed', reason: sentenceOf(error) })
    )
  }
}

async function find(id: number, question: Question): Promise<void> {
  if (text === undefined) throw new Error('A question came before the text to search.')
  const searchedText = await text
  if (id !== newest) return
  const total = searchedText.length
  // First hits within a frame; later ones in fewer, larger messages. Between two slices a newer question is heard.
  let sliceMs = 10
  let begun = performance.now()
  const slices = matches(searchedText, question, () => performance.now() - begun > sliceMs)
  for (const { starts, searched } of slices) {
    const done = searched >= total
    post({ name: 'hits', id, starts, searched, total, done }, [starts.buffer])
    if (done) return
    await nextTask()
    if (id !== newest) return
    sliceMs = 60
    begun = performance.now()
  }
}

const waiting: (() => void)[] = []
const channel = new MessageChannel()
channel.port1.onmessage = () => waiting.shift()?.()

/** A task and not a microtask, so that messages are heard; a timer would wait 4 ms each time. */
function nextTask(): Promise<void> {
  return new Promise(resolve => {
    waiting.push(resolve)
    channel.port2.postMessage(null)
  })
}

async function fetchText({ at, headers }: ByteAddress, documentId: string): Promise<string> {
  const response = await fetch(at + documentText(documentId), { headers })
  if (!response.ok) {
    const failure = (await response.json().catch(() => ({}))) as { message?: string }
    throw new Error(failure.message ?? `The text could not be fetched (${response.status}).`)
  }
  // A byte order mark counts as a character, as it does in every offset; `response.text()` would drop it.
  return new TextDecoder('utf-8', { ignoreBOM: true }).decode(await response.arrayBuffer())
}
