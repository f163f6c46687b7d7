/**
 * The messages between the page and the engine's worker, one union each way. Jobs are numbered by the page; a session
 * goes by the number of the job that read it. Aborting is a message of its own, because signals are not cloneable.
 */
import type { ByteAddress } from '../../contract/bytes'
import type { FailureCode } from '../../contract/failure'
import type { ChatTurn, Engine, EngineFailureCode, ModelInfo, Part, ReadingProgress } from '../../gpu/index'

export type AnswerEnd = Extract<Part, { type: 'end' }>
export type Adapter = Engine['adapter']
export type Memory = ReturnType<Engine['memory']>

export type ToWorker =
  | {
      readonly type: 'open'
      readonly model: { readonly id: string; readonly name: string }
      readonly bytes: ByteAddress
    }
  | { readonly type: 'read'; readonly job: number; readonly text: string }
  | {
      readonly type: 'ask'
      readonly job: number
      readonly session: number
      readonly question: string
      readonly history: readonly ChatTurn[]
    }
  | { readonly type: 'stop'; readonly job: number }
  /** Frees what the session holds on the GPU. */
  | { readonly type: 'forget'; readonly session: number }

export interface Failed {
  /** "unexpected" is a mistake of ours. */
  readonly code: EngineFailureCode | FailureCode | 'unexpected'
  readonly message: string
}

export type FromWorker =
  | { readonly type: 'loading'; readonly loaded: number; readonly total: number }
  | {
      readonly type: 'opened'
      readonly adapter: Adapter
      readonly model: ModelInfo
      readonly memory: Memory
    }
  | { readonly type: 'unopened'; readonly failure: Failed }
  | {
      readonly type: 'progress'
      readonly job: number
      readonly progress: ReadingProgress
      readonly memory: Memory
    }
  | {
      readonly type: 'read'
      readonly job: number
      readonly tokens: number
      readonly seconds: number
      readonly memory: Memory
    }
  /** What was added to an answer within one frame. */
  | { readonly type: 'said'; readonly job: number; readonly text: string }
  | { readonly type: 'answered'; readonly job: number; readonly end: AnswerEnd }
  | { readonly type: 'failed'; readonly job: number; readonly failure: Failed }
  | { readonly type: 'lost'; readonly reason: string }
