/** The one document that is open, how far it was read, and the questions put to it. */
import { create } from 'zustand'
import type { ReadingProgress } from '../../gpu/index'
import type { AnswerEnd } from '../worker/protocol'

export type DocumentState =
  | { readonly name: 'waiting' }
  | { readonly name: 'reading'; readonly progress?: ReadingProgress }
  | { readonly name: 'read'; readonly tokens: number; readonly seconds: number }
  | { readonly name: 'stopped'; readonly progress?: ReadingProgress }
  | { readonly name: 'failed'; readonly reason: string }

export interface OpenDocument {
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  readonly text: string
  readonly state: DocumentState
}

export interface Turn {
  readonly question: string
  /** As far as it has come. */
  readonly answer: string
  readonly state: 'answering' | 'answered' | 'failed'
  readonly end?: AnswerEnd
  readonly reason?: string
}

export interface DocumentStore {
  readonly document?: OpenDocument
  readonly turns: readonly Turn[]
  /** Why the last file was refused; what was open stays open. */
  readonly refusal?: string
}

export const useDocument = create<DocumentStore>(() => ({ turns: [] }))
