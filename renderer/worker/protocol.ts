/**
 * The messages between the page and the engine's worker, one union each way. Jobs are numbered by the page; sessions go by
 * their document's id. Aborting is a message of its own, because signals are not cloneable.
 */
import type { ByteAddress } from '../../contract/bytes'
import type { FailureCode } from '../../contract/failure'
import type { Said } from '../../contract/failure-words'
import type { ModelPrecision } from '../../contract/settings'
import type {
  DerivedPrecision,
  Engine,
  EngineFailureCode,
  Found,
  ModelInfo,
  ModelSummary,
  Part,
  PrecisionChoices,
  Question,
  ReadingProgress,
  Session
} from '../../gpu/index'
import type { PickedModelFile } from './file-source'

type AnswerEnd = Extract<Part, { type: 'end' }>
export type Memory = ReturnType<Engine['memory']>
export type MemoryFit = Awaited<ReturnType<Engine['fitsMemory']>>
type Counted = Awaited<ReturnType<Engine['countTokens']>>

export interface DocumentToRead {
  readonly id: string
  /** Of the text: what is saved belongs to it. */
  readonly textDigest: string
  /** Document id of an earlier text of the same file. What was read of it is used for the unchanged beginning. */
  readonly replaces?: string
}

/** What a session is, once its document was read or reopened. */
export type SessionFacts = Pick<Session, 'tokens' | 'total' | 'reused' | 'seconds' | 'pageFileBytes'>

export interface InstalledModel {
  readonly id: string
  readonly name: string
}

export type ToWorker =
  | {
      readonly type: 'open'
      readonly model: InstalledModel
      readonly precision: ModelPrecision
      readonly bytes: ByteAddress
    }
  | {
      readonly type: 'choices'
      readonly job: number
      readonly model: InstalledModel
      readonly bytes: ByteAddress
    }
  /** Makes weights and sends them to the host under the name `drop`. */
  | {
      readonly type: 'make'
      readonly job: number
      readonly model: InstalledModel
      readonly precision: DerivedPrecision
      readonly drop: string
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
  /** What is saved of a document, and nothing more. */
  | { readonly type: 'reopen'; readonly job: number; readonly document: DocumentToRead }
  | ({ readonly type: 'ask'; readonly job: number; readonly documentId: string } & Required<
      Omit<Question, 'signal'>
    >)
  | { readonly type: 'stop'; readonly job: number }
  /** Frees what the document's session holds on the GPU. */
  | { readonly type: 'forget'; readonly documentId: string }
  /** Answered by `pong` as soon as the worker hears messages. */
  | { readonly type: 'ping' }

export interface Failed {
  /** "unexpected" is a mistake of ours. */
  readonly code: EngineFailureCode | FailureCode | 'unexpected'
  readonly message: string
  readonly said?: Said
}

/** News that belong to no job. */
export type WorkerNews =
  | { readonly type: 'loading'; readonly loaded: number; readonly total: number }
  | {
      readonly type: 'opened'
      readonly adapter: Engine['adapter']
      readonly model: ModelInfo
      readonly modelKey: string
      readonly memory: Memory
      /** The weights that were chosen are not there; the model runs with its own. */
      readonly weightsMissing: boolean
    }
  | { readonly type: 'unopened'; readonly failure: Failed }
  | { readonly type: 'lost'; readonly reason: string }
  | { readonly type: 'memory'; readonly memory: Memory }
  /** The document's session was closed to make room for another. */
  | { readonly type: 'freed'; readonly documentId: string }

export type OfJob =
  | { readonly type: 'probed'; readonly job: number; readonly tokensPerSecond: number }
  | { readonly type: 'counted'; readonly job: number; readonly counted: Counted }
  | { readonly type: 'fitted'; readonly job: number; readonly fit: MemoryFit }
  | { readonly type: 'inspected'; readonly job: number; readonly summary: ModelSummary }
  | { readonly type: 'chosenAmong'; readonly job: number; readonly choices: PrecisionChoices }
  | { readonly type: 'making'; readonly job: number; readonly done: number; readonly total: number }
  /** `sent`: false where the weights were there already. */
  | { readonly type: 'made'; readonly job: number; readonly sent: boolean }
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
  | { readonly type: 'live'; readonly job: number }
  | { readonly type: 'read'; readonly job: number; readonly session: SessionFacts }
  /** Without a session, nothing is saved of this text with this model. */
  | { readonly type: 'reopened'; readonly job: number; readonly session?: SessionFacts }
  /** What was added to an answer within one frame. */
  | { readonly type: 'said'; readonly job: number; readonly text: string }
  | { readonly type: 'answered'; readonly job: number; readonly end: AnswerEnd }
  | { readonly type: 'failed'; readonly job: number; readonly failure: Failed }

export type FromWorker = WorkerNews | { readonly type: 'pong' } | OfJob
