/** The public face of the engine, and the only file of gpu/ that others import. */
export { openEngine, type Engine, type EngineOptions, type MemoryFit, type ModelInfo } from './engine'
export type { DocumentText, ReadOptions } from './open-document'
export type { Part, Question, Session } from './session'
export { certaintyOf } from './certainty'
export type { Stop } from './decode'
export { filesWithKeptWeights, filesWithWeights, ownWeights, type WeightsStore } from './derived-weights'
export { precisionChoices, type PrecisionChoices } from './precision-choices'
export {
  derivedName,
  type DerivedPrecision,
  derivedPrecisions,
  type DerivedWeights
} from './weights/derive-weights'
export type { Precision } from './weights/precision'
export { type ProductKernels, productKernels } from './device/adapter'
export { inspectModel, type ModelSummary } from './inspect'
export type { TokenCount } from './text/model-text'
export { EngineFailure, type EngineFailureCode } from './failure'
export type { Found, ReadingProgress } from './timeline'
export type { Span } from './highlight'
export type { Quotation } from './quotations'
export type { Sampling } from './kernels/choose-token'
export { type PageKind, pageKinds } from './kernels/page-format'
export type { ByteSource, ModelFiles } from './text/byte-source'
export type { ChatTurn } from './text/chat-template'
export type { PageIdentity, PageStore, SavedPages, SavedRecord } from './kv/page-store'
export type { ModelConfig } from './yoco/config'
export { openBenchReader, type BenchReader, type TimedAnswer } from './bench'
export { openKernelBench, type KernelCase } from './bench-kernels'
