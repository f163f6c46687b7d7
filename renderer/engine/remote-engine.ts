/** The engine as the page sees it: gpu's verbs, by document id instead of by text, because texts never pass through the page. */
import type { ByteAddress } from '../../contract/bytes'
import type {
  DerivedPrecision,
  Engine,
  ModelSummary,
  PrecisionChoices,
  Question,
  ReadOptions as EngineReadOptions,
  Session
} from '../../gpu/index'
import type { DocumentToRead, InstalledModel, Memory, SessionFacts } from '../worker/protocol'

export type { DocumentToRead, Memory, SessionFacts } from '../worker/protocol'
export type Adapter = Engine['adapter']

/** News of progress come at most ten times a second. */
export type ReadOptions = Pick<EngineReadOptions, 'most' | 'onTokenizing' | 'onProgress'> &
  Required<Pick<EngineReadOptions, 'signal'>> & {
    /** Told before reading begins; on `false` it does not begin, and `read` rejects with `cancelled`. */
    readonly onFound?: (
      ...found: Parameters<NonNullable<EngineReadOptions['onFound']>>
    ) => Promise<boolean> | boolean
    /** From now on questions are answered on what has been read so far. */
    readonly onLive?: () => void
  }

export type RemoteQuestion = Required<Question>

/** Everything that fails rejects with EngineError and a sentence for people. */
export interface RemoteEngine extends Pick<
  Engine,
  'model' | 'adapter' | 'lost' | 'probe' | 'fitsMemory' | 'close'
> {
  /** Names the weights in the library; see contract/model-key.ts. */
  readonly modelKey: string
  /** The weights that were chosen are not there; the model runs with its own. */
  readonly weightsMissing: boolean
  /** As told last; `onMemory` tells of changes. */
  readonly memory: Memory
  onMemory(listener: (memory: Memory) => void): void
  /** As the engine counts a text. */
  countTokens(documentId: string): ReturnType<Engine['countTokens']>
  read(document: DocumentToRead, options: ReadOptions): Promise<SessionFacts>
  /** Gets back what is saved, and computes nothing; undefined when nothing is saved of this text with this model. */
  open(document: DocumentToRead): Promise<SessionFacts | undefined>
  /** Of a document that is open or being read; rejects with `closed` for any other. */
  ask(documentId: string, question: RemoteQuestion): ReturnType<Session['ask']>
  /** Frees what the document's session holds on the GPU; answers under way go on to their end. */
  closeDocument(documentId: string): void
  /** Told when a document's pages are not on the GPU any more: closed, closed to make room, or gone with the engine. */
  onClosed(listener: (documentId: string) => void): void
}

/** What an installed model can be run in. Rejects with EngineError and a sentence for people. */
export type ChoicesOf = (bytes: ByteAddress, model: InstalledModel) => Promise<PrecisionChoices>

/** Weights that are being made of an installed model's own, and sent to the host as `drop`. */
export interface Making {
  readonly bytes: ByteAddress
  readonly model: InstalledModel
  readonly precision: DerivedPrecision
  readonly drop: string
  readonly signal: AbortSignal
  onProgress(done: number, total: number): void
}

/** Resolves with false where they were there already; rejects with EngineError, `cancelled` when it was aborted. */
export type MakeWeights = (making: Making) => Promise<boolean>

/** Looks at a folder of model files without copying or loading it. Rejects with EngineError and a sentence for people. */
export type InspectModel = (
  name: string,
  files: readonly { readonly name: string; readonly file: File }[]
) => Promise<ModelSummary>
