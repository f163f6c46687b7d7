/** Find in the text: the question, all its hits as a worker tells them, and which of them is shown. */
import { create } from 'zustand'
import { firstFrom } from '../../search/count-while'
import type { Question } from '../../search/match'
import type { FromSearch, ToSearch } from '../../search/protocol'
import { flows } from '../../flows/flows'
import { useView } from '../../store/view'
import { type Marks, noHits } from './marks'
import { useReader } from './reader-store'
import { shownText } from './shown-text'

interface FindStore extends Question {
  readonly isOpen: boolean
  readonly state: 'idle' | 'searching' | 'done' | 'failed'
  readonly reason?: string
  /** Starts of all hits so far, `count` of them filled; each as long as the words. */
  readonly hits: Marks['hits']
  /** The hit that is shown, an index; -1: none. */
  readonly active: number
  /** Grows when the field shall take the focus. */
  readonly focused: number
}

export const useFind = create<FindStore>(() => ({
  words: '',
  matchCase: false,
  wholeWords: false,
  isOpen: false,
  state: 'idle',
  hits: noHits,
  active: -1,
  focused: 0
}))

let worker: Worker | undefined
let asked = 0
/** The offset from which the first hit is sought. */
let origin = 0
/** All hits so far; the store has those that were told at `toldAt`. */
let found: Marks['hits'] = noHits
let toldAt = 0
const betweenNewsMs = 150

/** Opens the find bar, with these words if there are any. */
export function openFind(words = ''): void {
  const { isOpen, focused } = useFind.getState()
  if (!isOpen) origin = shownText()?.top() ?? 0
  useFind.setState({ isOpen: true, focused: focused + 1 })
  startWorker()
  const now = words || useFind.getState().words
  if (now) ask({ words: now })
}

/** Ends the search and gives its memory back: the worker holds a copy of the text. */
export function closeFind(): void {
  worker?.terminate()
  worker = undefined
  asked++
  found = noHits
  useFind.setState({ isOpen: false, state: 'idle', hits: noHits, active: -1 })
  useReader.setState(({ side }) => (side === 'hits' ? { side: undefined } : {}))
  shownText()?.mark({ hits: noHits, activeHit: -1 })
}

export function ask(change: Partial<Question>): void {
  const { hits, active } = useFind.getState()
  if (active >= 0) origin = hits.starts[active]!
  useFind.setState({ ...change, hits: noHits, active: -1 })
  const { words, matchCase, wholeWords } = useFind.getState()
  const id = ++asked
  found = noHits
  shownText()?.mark({ hits: noHits, activeHit: -1 })
  if (words === '') return useFind.setState({ state: 'idle' })
  useFind.setState({ state: 'searching' })
  const question = { words, matchCase, wholeWords }
  startWorker()?.postMessage({ name: 'find', id, question } satisfies ToSearch)
}

/** To the next hit or the one before, and on from the other end. */
export function step(by: 1 | -1): void {
  const { active, hits } = useFind.getState()
  if (hits.count === 0) return
  showHit(active < 0 ? (by > 0 ? 0 : hits.count - 1) : (active + by + hits.count) % hits.count)
}

export function showHit(index: number): void {
  const { hits } = useFind.getState()
  const start = hits.starts[index]!
  useFind.setState({ active: index })
  shownText()?.mark({ hits, activeHit: index })
  shownText()?.reveal(start, start + hits.length)
}

/** The worker fetches the text as soon as the bar is open, while the words are still being typed. */
function startWorker(): Worker | undefined {
  const { documentId } = useView.getState()
  if (worker || documentId === undefined) return worker
  worker = new Worker(new URL('../../search/search-worker.ts', import.meta.url), { type: 'module' })
  worker.onmessage = ({ data }: MessageEvent<FromSearch>) => receive(data)
  worker.onerror = ({ message }) => fail(message)
  worker.postMessage({ name: 'text', bytes: flows.host().bytes, documentId } satisfies ToSearch)
  return worker
}

function receive(message: FromSearch): void {
  if (message.name === 'failed') return fail(message.reason)
  if (message.id !== asked) return
  found = { ...added(found, message.starts), length: useFind.getState().words.length }
  const { active } = useFind.getState()
  // Drawing for each of hundreds of messages would take longer than the search.
  const now = performance.now()
  if (!message.done && active >= 0 && now - toldAt < betweenNewsMs) return
  toldAt = now
  const hits = found
  useFind.setState({ hits, state: message.done ? 'done' : 'searching' })
  shownText()?.mark({ hits })
  if (active >= 0) return
  const next = firstFrom(hits.starts, hits.count, origin)
  if (next < hits.count) showHit(next)
  else if (message.done && hits.count > 0) showHit(0)
}

function fail(reason: string): void {
  worker?.terminate()
  worker = undefined
  useFind.setState({ state: 'failed', reason })
}

/** The array doubles, so that a million messages would not copy the hits a million times. */
function added(
  { starts, count }: { readonly starts: Uint32Array; readonly count: number },
  more: Uint32Array
): { readonly starts: Uint32Array; readonly count: number } {
  let room = starts
  if (count + more.length > starts.length) {
    room = new Uint32Array(Math.max(count + more.length, starts.length * 2))
    room.set(starts.subarray(0, count))
  }
  room.set(more, count)
  return { starts: room, count: count + more.length }
}
