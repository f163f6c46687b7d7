/** Documents are read one at a time, in the order of asking; and what a person may do with a document. */
import type { Encoding } from '../../contract/encodings'
import type { DocumentInfo } from '../../contract/document'
import { sentenceOf } from '../../contract/failure'
import { EngineError } from '../engine/engine-client'
import { dropDocument, type Plan, putDocument, setActivity, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useView } from '../store/view'
import { type Entry, keepQueue, keptQueue } from './kept-queue'
import { keepPlan } from './kept-views'
import { planFor, readingOf } from './plan-reading'
import { type Ended, readOne } from './read-one'
import { currentHost, modelOf, takeEngine } from './running-engine'
import { closeSession, openDocument } from './sessions'
import { tellTrashed } from './tell-trashed'

interface Current extends Entry {
  readonly stop: AbortController
  readonly ended: Promise<unknown>
  /** Why it was stopped. */
  ending?: 'pause' | 'cancel' | 'remove'
}

let waiting: (Entry & { readonly plan?: Plan })[] = []
let current: Current | undefined
const planning = new Map<string, AbortController>()

/** Says what reading would take. What fits and is short is read at once; anything else waits for a person's word. */
export async function planReading(id: string): Promise<void> {
  const info = useDocuments.getState().documents[id]
  if (!info || isBusy(id)) return
  const stop = new AbortController()
  planning.set(id, stop)
  setActivity(id, { name: 'planning' })
  try {
    const use = await takeEngine(modelOf(info), 'other')
    const plan = await planIfUnread(info, use).finally(use.release)
    if (stop.signal.aborted) return
    setActivity(id, plan && { name: 'planned', plan })
    keepPlan(id, plan?.verdict.name === 'fits' ? undefined : plan, modelOf(info))
    if (plan?.verdict.name === 'fits') enqueue({ id, plan })
  } catch (error) {
    if (stop.signal.aborted) return
    // Without an engine there is nothing wrong with the document.
    const engineGone =
      error instanceof EngineError && ['gpu-lost', 'gpu-lacking', 'closed', 'host-gone'].includes(error.code)
    setActivity(id, engineGone ? undefined : { name: 'failed', reason: sentenceOf(error) })
  } finally {
    if (planning.get(id) === stop) planning.delete(id)
  }
}

async function planIfUnread(
  info: DocumentInfo,
  { engine }: Awaited<ReturnType<typeof takeEngine>>
): Promise<Plan | undefined> {
  if (readingOf(info, engine.modelKey)?.state === 'complete') return undefined
  return planFor(info, engine)
}

/** Reads a document, or goes on with it. `most`: a person said that reading shall end at this token. */
export function readDocument(id: string, most?: number): Promise<void> {
  if (!useDocuments.getState().documents[id] || isReading(id)) return Promise.resolve()
  planning.get(id)?.abort()
  planning.delete(id)
  const activity = useDocuments.getState().activity[id]
  const plan = activity?.name === 'planned' ? activity.plan : undefined
  enqueue({ id, ...(most !== undefined && { most }), ...(plan && { plan }) })
  return Promise.resolve()
}

/** The document being read stops; what was read is kept, the next one in the queue begins. */
export async function pauseReading(): Promise<void> {
  if (current) await stopCurrent(current, 'pause')
}

/** Stops, and puts all that was read with this model into the trash. One that only waited leaves the queue. */
export async function cancelReading(id: string): Promise<void> {
  if (current?.id === id) await stopCurrent(current, 'cancel')
  else leaveQueue(id)
}

export async function removeDocument(id: string): Promise<void> {
  if (current?.id === id) await stopCurrent(current, 'remove')
  leaveQueue(id)
  await closeSession(id)
  const trashed = await currentHost().removeDocument(id)
  dropDocument(id)
  tellTrashed(trashed)
  if (useView.getState().documentId === id) useView.setState({ documentId: undefined, place: undefined })
}

/** Puts what was read with one model into the trash. */
export async function removeReading(id: string, modelKey: string): Promise<void> {
  await letGoOfReading(id)
  tellTrashed(await currentHost().trashReading(id, modelKey))
}

/** Nothing of ours holds its page files any more. */
export async function letGoOfReading(id: string): Promise<void> {
  if (current?.id === id) await stopCurrent(current, 'pause')
  await closeSession(id)
}

export async function updateDocument(
  id: string,
  change: Partial<Pick<DocumentInfo, 'name' | 'group' | 'pinned'>> & { modelId?: string }
): Promise<void> {
  // What is being read goes on with the model that it began with, so another one means another reading.
  if (change.modelId !== undefined && current?.id === id) await stopCurrent(current, 'pause')
  putDocument(await currentHost().updateDocument(id, change))
}

/** The file changed on disk: its new text takes the place of the old one, and only what differs is read. */
export async function refreshDocument(id: string, how?: { encoding: Encoding }): Promise<void> {
  if (current?.id === id) await stopCurrent(current, 'pause')
  leaveQueue(id)
  await closeSession(id)
  const next = await currentHost().refreshDocument(id, how)
  putDocument(next)
  if (useView.getState().documentId === id) await openDocument(next.id)
  if (next.id !== id) await planReading(next.id)
}

/** Goes on with what a closed or crashed window left. */
export function resumeQueue(): void {
  const { documents } = useDocuments.getState()
  for (const entry of keptQueue()) if (documents[entry.id] && !isReading(entry.id)) enqueue(entry)
  keepAll()
  void pump()
}

function enqueue(entry: Entry & { readonly plan?: Plan }): void {
  keepPlan(entry.id, undefined, '')
  waiting = [...waiting, entry]
  setActivity(entry.id, { name: 'queued', plan: entry.plan })
  keepAll()
  void pump()
}

async function pump(): Promise<void> {
  const { state, host } = useEngine.getState()
  if (current || host !== 'here' || state.name === 'lost' || state.name === 'unsupported') return
  const [next, ...others] = waiting
  if (!next) return
  waiting = others
  const stop = new AbortController()
  const over = Promise.withResolvers<undefined>()
  const own: Current = { ...next, stop, ended: over.promise }
  current = own
  keepAll()
  const ended = await readOne(next, next.plan, stop.signal)
  await settle(own, next, ended).catch(error =>
    setActivity(next.id, { name: 'failed', reason: sentenceOf(error) })
  )
  current = undefined
  keepAll()
  over.resolve(undefined)
  void pump()
}

async function settle(
  { id, ending }: Current,
  entry: Entry & { readonly plan?: Plan },
  ended: Ended
): Promise<void> {
  switch (ended.name) {
    case 'read':
      return setActivity(id, undefined)
    case 'interrupted':
      // It stays first in the queue and goes on from disk with the next engine.
      waiting = [entry, ...waiting]
      return setActivity(id, { name: 'queued', plan: entry.plan })
    case 'refused':
      keepPlan(id, ended.plan, modelOf(useDocuments.getState().documents[id]))
      return setActivity(id, { name: 'planned', plan: ended.plan })
    case 'failed':
      return setActivity(id, { name: 'failed', reason: ended.reason })
    case 'stopped': {
      if (ending === 'cancel' && ended.modelKey !== undefined)
        tellTrashed(await currentHost().trashReading(id, ended.modelKey))
      return setActivity(id, undefined)
    }
  }
}

function stopCurrent(reading: Current, ending: NonNullable<Current['ending']>): Promise<unknown> {
  reading.ending = ending
  setActivity(reading.id, { name: 'pausing' })
  reading.stop.abort()
  return reading.ended
}

function leaveQueue(id: string): void {
  planning.get(id)?.abort()
  planning.delete(id)
  waiting = waiting.filter(entry => entry.id !== id)
  keepPlan(id, undefined, '')
  if (current?.id !== id) setActivity(id, undefined)
  keepAll()
}

function keepAll(): void {
  useDocuments.setState({ queue: waiting.map(({ id }) => id) })
  // A paused one is not kept: it goes on when a person says so.
  const now = current && current.ending === undefined ? [current] : []
  keepQueue([...now, ...waiting].map(({ id, most }) => ({ id, ...(most !== undefined && { most }) })))
}

const isReading = (id: string): boolean => current?.id === id || waiting.some(entry => entry.id === id)
const isBusy = (id: string): boolean => isReading(id) || planning.has(id)
