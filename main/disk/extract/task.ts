/** What the thread that reads a file is told, and what it tells. */
import type { FailureCode } from '../../../contract/failure'
import type { Said } from '../../../contract/failure-words'
import type { Format } from '../file-kinds'
import type { ExtractedDocument, Limits } from './document'

export interface Task {
  readonly path: string
  readonly name: string
  readonly format: Format | 'archive'
  readonly html: 'readable' | 'whole'
  readonly encoding?: string
  readonly limits: Limits
}

/** `prepare`: files will come soon. */
export type ToWorker = { readonly type: 'prepare' } | { readonly type: 'read'; readonly task: Task }

export type FromWorker =
  | { readonly type: 'progress'; readonly done: number; readonly total: number }
  | {
      readonly type: 'document'
      readonly document: ExtractedDocument
      /** It holds much memory still: the next file should have another. */
      readonly isFull?: boolean
    }
  | { readonly type: 'failure'; readonly code: FailureCode; readonly said: Said }
