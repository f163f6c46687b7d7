/** The engine as the page sees it: gpu's verbs, by document id instead of by text, because texts never pass through the page. */
import type {
  ChatTurn,
  Engine,
  Found,
  ModelInfo,
  ModelSummary,
  Part,
  ReadingProgress,
  Sampling
} from '../../gpu/index'
import type { Adapter, Counted, DocumentToRead, Memory, MemoryFit } from '../worker/protocol'

export type { Adapter, DocumentToRead, Memory } from '../worker/protocol'

export interface ReadOptions {
  readonly signal: AbortSignal
  /** Read to this token at most; 0: only what is saved. Absent: to the end. */
  readonly most?: number
  /** Told before reading begins; what it throws or rejects with prevents it. */
  readonly onFound?: (found: Found, tokensToRead: number, tokens: number) => Promise<void> | void
  /** How far the text is cut into tokens, 0 to 1, before `onFound`. */
  readonly onTokenizing?: (done: number) => void
  /** At most ten times a second. */
  readonly onProgress?: (progress: ReadingProgress) => void
  /** A session on what has been read so far, usable while reading goes on; ends with the reading. */
  readonly onLive?: (session: RemoteSession) => void
}

export interface RemoteQuestion {
  readonly text: string
  readonly history: readonly ChatTurn[]
  readonly sampling: Partial<Sampling>
  readonly mostTokens: number
  readonly signal: AbortSignal
}

export interface RemoteSession {
  readonly documentId: string
  /** Tokens in view and of the whole document; of a live session as they were told last. */
  readonly tokens: number
  readonly total: number
  readonly reused: number
  readonly seconds: number
  readonly pageFileBytes: number
  /** Resolves when its pages are not on the GPU any more: closed, closed to make room, or gone with the engine. */
  readonly closed: Promise<unknown>
  ask(question: RemoteQuestion): AsyncGenerator<Part, void>
  close(): void
}

export interface RemoteEngine {
  readonly model: ModelInfo
  /** Names the weights in the library; see contract/model-key.ts. */
  readonly modelKey: string
  readonly adapter: Adapter
  /** As told last; `onMemory` tells of changes. */
  readonly memory: Memory
  onMemory(listener: (memory: Memory) => void): void
  readonly lost: Engine['lost']
  /** Reading speed on this computer, measured once for a fraction of a second. */
  probe(): Promise<{ readonly tokensPerSecond: number }>
  /** Exact for short texts; for long ones from samples, within some percent. */
  countTokens(documentId: string): Promise<Counted>
  /** Bytes of GPU memory for pages of so many tokens, and how many the adapter grants: enough when `most` is not less. */
  fitsMemory(tokens: number): Promise<MemoryFit>
  read(document: DocumentToRead, options: ReadOptions): Promise<RemoteSession>
  close(): void
}

/** Looks at a folder of model files without copying or loading it. Rejects with EngineError and a sentence for people. */
export type InspectModel = (
  name: string,
  files: readonly { readonly name: string; readonly file: File }[]
) => Promise<ModelSummary>
