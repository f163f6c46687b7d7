/**
 * The messages between the page and the engine's worker, one union each way. Jobs are numbered by the page; a session
 * goes by the number of the job that read it. Aborting is a message of its own, because signals are not cloneable.
 */
import type { ByteAddress } from '../../contract/bytes'
import type { FailureCode } from '../../contract/failure'
import type { Said } from '../../contract/failure-words'
import type {
  ChatTurn,
  Engine,
  EngineFailureCode,
  Found,
  ModelInfo,
  ModelSummary,
  Part,
  ReadingProgress,
  Sampling
} from '../../gpu/index'
import type { PickedModelFile } from './file-source'

type AnswerEnd = Extract<Part, { type: 'end' }>
export type Adapter = Engine['adapter']
export type Memory = ReturnType<Engine['memory']>
export type MemoryFit = Awaited<ReturnType<Engine['fitsMemory']>>
export type Counted = Awaited<ReturnType<Engine['countTokens']>>

export interface DocumentToRead {
  readonly id: string
  /** Of the text: what is saved belongs to it. */
  readonly textDigest: string
  /** Document id of an earlier text of the same file. What was read of it is used for the unchanged beginning. */
  readonly replaces?: string
}

export type ToWorker =
  | {
      readonly type: 'open'
      readonly model: { readonly id: string; readonly name: string }
      readonly bytes: ByteAddress
    }
  | { readonly type: 'probe'; readonly job: number }
  | { readonly type: 'count'; readonly job: number; readonly documentId: string }
  | { readonly type: 'fits'; readonly job: number; readonly tokens: number }
  | {
      readonly type: 'inspect'
      readonly job: number
      readonly name: string
      readonly files: PickedModelFile[]
    }
  | {
      readonly type: 'read'
      readonly job: number
      readonly document: DocumentToRead
      readonly most?: number
    }
  /** The answer to `found`: reading may begin, or not. */
  | { readonly type: 'begin'; readonly job: number; readonly may: boolean }
  | {
      readonly type: 'ask'
      readonly job: number
      readonly session: number
      readonly text: string
      readonly history: readonly ChatTurn[]
      readonly sampling: Partial<Sampling>
      readonly mostTokens: number
    }
  | { readonly type: 'stop'; readonly job: number }
  /** Frees what the session holds on the GPU. */
  | { readonly type: 'forget'; readonly session: number }
  /** Answered by `pong` as soon as the worker hears messages. */
  | { readonly type: 'ping' }

export interface Failed {
  /** "unexpected" is a mistake of ours. */
  readonly code: EngineFailureCode | FailureCode | 'unexpected'
  readonly message: string
  readonly said?: Said
}

/** What a session is, once it was read. */
export interface SessionFacts {
  readonly tokens: number
  readonly total: number
  readonly reused: number
  readonly seconds: number
  readonly pageFileBytes: number
}

export type FromWorker =
  | { readonly type: 'loading'; readonly loaded: number; readonly total: number }
  | {
      readonly type: 'opened'
      readonly adapter: Adapter
      readonly model: ModelInfo
      readonly modelKey: string
      readonly memory: Memory
    }
  | { readonly type: 'unopened'; readonly failure: Failed }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'pong' }
  | { readonly type: 'memory'; readonly memory: Memory }
  /** A session was closed to make room for another. */
  | { readonly type: 'freed'; readonly session: number }
  | OfJob

export type OfJob =
  | { readonly type: 'probed'; readonly job: number; readonly tokensPerSecond: number }
  | { readonly type: 'counted'; readonly job: number; readonly counted: Counted }
  | { readonly type: 'fitted'; readonly job: number; readonly fit: MemoryFit }
  | { readonly type: 'inspected'; readonly job: number; readonly summary: ModelSummary }
  /** What is on disk; the worker waits for `begin`. */
  | {
      readonly type: 'found'
      readonly job: number
      readonly found: Found
      readonly tokensToRead: number
      readonly tokens: number
    }
  /** At most ten a second of these two. */
  | { readonly type: 'tokenizing'; readonly job: number; readonly done: number }
  | { readonly type: 'progress'; readonly job: number; readonly progress: ReadingProgress }
  /** Questions can be asked on what was read so far. */
  | { readonly type: 'live'; readonly job: number; readonly tokens: number; readonly total: number }
  | { readonly type: 'read'; readonly job: number; readonly session: SessionFacts }
  /** What was added to an answer within one frame. */
  | { readonly type: 'said'; readonly job: number; readonly text: string }
  | { readonly type: 'answered'; readonly job: number; readonly end: AnswerEnd }
  | { readonly type: 'failed'; readonly job: number; readonly failure: Failed }
