/** Whether a document can be asked now, on how much of it, and why not. */
import type { DocumentInfo } from '../../../contract/document'
import { type Activity, type OpenSession, useDocuments } from '../../store/documents'
import { type EngineState, useEngine } from '../../store/engine'
import { percentOf } from '../../store/coverage'
import { useDocument, useModelOf } from '../library/use-document'

export type Asking =
  | { readonly name: 'all' }
  /** Read so far, or to where a person said; the answer will say so. */
  | { readonly name: 'so-far'; readonly percent: number; readonly reading: boolean }
  /** Nothing of it was read with the model in use, and nothing is about to. */
  | { readonly name: 'not-read' }
  /** Reading is about to begin. */
  | { readonly name: 'soon' }
  | { readonly name: 'loading' }
  /** The engine cannot work; the status bar says what to do. */
  | { readonly name: 'no-engine' }

interface Known {
  readonly engine: EngineState['name']
  /** The model that answers for this document. */
  readonly modelName?: string
  /** It is the one that is loaded; what is open was read with that one. */
  readonly isLoaded: boolean
  readonly document?: Pick<DocumentInfo, 'readings'>
  readonly activity?: Activity
  readonly session?: OpenSession
}

export function askingOf({ engine, modelName, isLoaded, document, activity, session }: Known): Asking {
  if (engine === 'off' || engine === 'loading') return { name: 'loading' }
  if (engine === 'lost' || engine === 'unsupported' || engine === 'failed') return { name: 'no-engine' }
  const progress = activity?.name === 'reading' ? activity.progress : undefined
  if (progress && progress.tokens > 0)
    return { name: 'so-far', percent: percentOf(progress.tokens, progress.total), reading: true }
  const saved = document?.readings.find(reading => reading.modelName === modelName)
  const read =
    isLoaded && session
      ? { tokens: session.tokens, total: session.total }
      : saved && { tokens: saved.read, total: saved.tokens }
  if (read && read.tokens >= read.total) return { name: 'all' }
  if (read && read.tokens > 0)
    return { name: 'so-far', percent: percentOf(read.tokens, read.total), reading: false }
  return activity && ['queued', 'reading', 'planning'].includes(activity.name)
    ? { name: 'soon' }
    : { name: 'not-read' }
}

export function useAsking(documentId: string): Asking {
  const engine = useEngine(({ state }) => state.name)
  const document = useDocument(documentId)
  const model = useModelOf(document)
  const isLoaded = useEngine(({ modelId }) => modelId === model?.id)
  const activity = useDocuments(({ activity }) => activity[documentId])
  const session = useDocuments(({ sessions }) => sessions[documentId])
  return askingOf({ engine, modelName: model?.name, isLoaded, document, activity, session })
}
