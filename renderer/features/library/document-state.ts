/** What the library says of a document, in one named state: what is being done, else what was read, else what is wanted. */
import type { DocumentInfo, Reading } from '../../../contract/document'
import type { Activity, Plan } from '../../store/documents'

export type DocumentState =
  | { readonly name: 'unread' }
  | { readonly name: 'planning' }
  /** Waits for a person's word. */
  | { readonly name: 'planned'; readonly plan: Plan }
  /** `place` 1: the next. */
  | { readonly name: 'queued'; readonly place: number; readonly plan?: Plan }
  | (Activity & { readonly name: 'reading' })
  | { readonly name: 'pausing' }
  | { readonly name: 'failed'; readonly reason: string }
  /** Another text lies where the file was. */
  | { readonly name: 'changed'; readonly reading?: Reading }
  | { readonly name: 'partial'; readonly reading: Reading }
  /** To a limit, by a person's word. */
  | { readonly name: 'limited'; readonly reading: Reading }
  | { readonly name: 'read'; readonly reading: Reading }
  /** Read, but not with the model that is chosen for it. */
  | { readonly name: 'other-model'; readonly reading: Reading; readonly chosen?: string }

/** `place`: 1 for the first in the queue, 0 for none. `modelName`: of the model chosen for the document. */
export function stateOf(
  document: DocumentInfo,
  activity: Activity | undefined,
  place: number,
  modelName: string | undefined
): DocumentState {
  switch (activity?.name) {
    case 'planning':
    case 'planned':
    case 'reading':
    case 'pausing':
    case 'failed':
      return activity
    case 'queued':
      return { name: 'queued', place: Math.max(1, place), plan: activity.plan }
  }
  const reading = readingWith(document, modelName)
  if (document.file === 'changed') return { name: 'changed', reading }
  if (!reading) {
    const other = document.readings.find(({ state }) => state === 'complete') ?? document.readings[0]
    return other ? { name: 'other-model', reading: other, chosen: modelName } : { name: 'unread' }
  }
  if (reading.state === 'complete' || reading.read >= reading.tokens) return { name: 'read', reading }
  const isLimited = reading.limit !== undefined && reading.read >= reading.limit
  return { name: isLimited ? 'limited' : 'partial', reading }
}

/** Without a name, whatever was read last. */
export function readingWith(document: DocumentInfo, modelName: string | undefined): Reading | undefined {
  const newest = document.readings.toSorted((a, b) => b.updatedAt.localeCompare(a.updatedAt))
  return modelName === undefined ? newest[0] : newest.find(reading => reading.modelName === modelName)
}

export const readingBytes = ({ readings }: DocumentInfo): number =>
  readings.reduce((sum, { pageFileBytes }) => sum + pageFileBytes, 0)

/** Tokens read and to be read in this go; undefined before the engine told. */
export function progressOf(state: DocumentState): { done: number; total: number } | undefined {
  if (state.name === 'partial' || state.name === 'limited')
    return { done: state.reading.read, total: state.reading.tokens }
  return state.name === 'reading' && state.progress
    ? { done: state.progress.tokens, total: state.progress.total }
    : undefined
}
