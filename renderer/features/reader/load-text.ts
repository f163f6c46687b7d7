/** A document's text from its byte route into the view, in slices, so that no task holds the window up. */
import { Text } from '@codemirror/state'
import { type ByteAddress, documentText } from '../../../contract/bytes'
import { LineSplitter } from './split-lines'

interface Loading {
  readonly signal: AbortSignal
  /** The next part of the view, in order, with all breaks so far: soon the first, and all the rest at the end. */
  readonly onPart: (text: Text, breaks: readonly number[]) => void
  /** Share of the bytes that have come, 0 to 1. */
  readonly onProgress: (done: number) => void
}

/** Decoding and cutting 128 KB take 1 to 2 ms. */
const sliceBytes = 1 << 17
/** After this long the window gets its turn. */
const turnMs = 8

export async function loadText(
  { at, headers }: ByteAddress,
  documentId: string,
  { signal, onPart, onProgress }: Loading
): Promise<void> {
  const response = await fetch(at + documentText(documentId), { headers, signal })
  if (!response.ok || !response.body) {
    const failure = (await response.json().catch(() => ({}))) as { message?: string }
    throw new Error(failure.message ?? `The host answered with status ${response.status}.`)
  }
  const total = Number(response.headers.get('content-length') ?? 0)
  // A byte order mark counts as a character, as in every offset.
  const decoder = new TextDecoder('utf-8', { ignoreBOM: true })
  const splitter = new LineSplitter()
  const reader = response.body.getReader()
  let text = Text.empty
  let isFirst = true
  let received = 0
  let turn = performance.now()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) break
    for (let from = 0; from < value.length; from += sliceBytes) {
      text = text.append(
        splitter.push(decoder.decode(value.subarray(from, from + sliceBytes), { stream: true }))
      )
      if (performance.now() - turn < turnMs) continue
      await nextTurn()
      signal.throwIfAborted()
      turn = performance.now()
    }
    received += value.length
    if (isFirst && text.length > 0) {
      onPart(text, splitter.breaks.slice())
      text = Text.empty
      isFirst = false
    }
    if (total > 0) onProgress(Math.min(1, received / total))
  }
  text = text.append(splitter.push(decoder.decode())).append(splitter.end())
  signal.throwIfAborted()
  onPart(text, splitter.breaks)
}

/** A task later. A timer waits 4 ms; where the scheduler can yield, it does not. */
export const nextTurn = (): Promise<void> =>
  'scheduler' in globalThis && 'yield' in scheduler
    ? scheduler.yield()
    : new Promise(resolve => setTimeout(resolve))
