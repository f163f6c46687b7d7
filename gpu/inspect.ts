/** What a model folder holds and what it would cost, before anything is copied, uploaded or asked of a GPU. */
import { type PageLayout, pageRows } from './kernels/page-layout'
import { savedCarryBytes } from './kv/carry'
import { type CheckedModel, openModelFolder } from './model-folder'
import { carryPagesOf } from './kv/saved-reading'
import { withoutTokenizer } from './checkpoints'
import type { ModelFiles } from './text/byte-source'
import { type ModelText, openModelText, type TextOptions } from './text/model-text'
import { choicesIn, type PrecisionChoices } from './precision-choices'
import { readTokenizerConfig } from './text/tokenizer-config'
import { layoutOf, type ReadingPlan } from './model/family'
import { type Precision, precisionOf } from './weights/precision'
import { storedBytes } from './weights/tensor-location'

export interface ModelSummary {
  readonly name: string
  /** What people call it: "Gemma 4 E2B, mobile"; absent where that is the folder's name. */
  readonly title?: string
  readonly parameters: number
  /** Bytes of all tensors in their files. */
  readonly weightBytes: number
  /** Of those that come onto the GPU, where they take about the same. */
  readonly weightMemoryBytes: number
  /** On disk: keys and values in the model's own precision, and the token's id. */
  readonly bytesPerToken: number
  /** On the GPU: keys and values in pages; a document takes whole pages of 256 tokens. */
  readonly memoryBytesPerToken: number
  /** On disk besides, at most: carry, checkpoint and headers. */
  readonly bytesPerDocument: number
  /** Pages may lie on disk while it reads and answers: a document need not fit into graphics memory. */
  readonly streams: boolean
  /** Tokens of context that it was trained for, where its files say so. */
  readonly trainedLength?: number
  readonly selfDecoder: 'sliding-window' | 'gated-retention'
  readonly layers: number
  readonly dim: number
  /** It has a chat template: it was taught to be asked. */
  readonly prompted: boolean
  /** The precision that most weights have. */
  readonly weights: Precision
  readonly choices: PrecisionChoices
}

/** The checks that opening begins with: configuration, every tensor's name, shape and type, tokenizer, chat template. */
export async function checkModel(
  files: ModelFiles,
  options: TextOptions = {}
): Promise<{ readonly folder: CheckedModel; readonly text: ModelText | undefined }> {
  const folder = await openModelFolder(files)
  return { folder, text: await openModelText(folder, options) }
}

/**
 * Looks at a model folder as `openEngine` would, without a device and without reading weights: headers and JSON only.
 * Throws EngineFailure('unsupported-model' | 'broken-model') with a sentence for people, also where the tokenizer is
 * missing, or what `files` throws.
 */
export async function inspectModel(files: ModelFiles): Promise<ModelSummary> {
  const { folder, text } = await checkModel(files)
  if (!text) throw withoutTokenizer(folder.name)
  const { config, tensors } = folder
  const plan = folder.family.plan(config)
  const layout = layoutOf(plan)
  let [parameters, weightBytes, weightMemoryBytes] = [0, 0, 0]
  for (const [role, tensor] of tensors) {
    parameters += tensor.shape.reduce((a, b) => a * b, 1)
    weightBytes += storedBytes(tensor)
    if (!plan.inFile?.includes(role)) weightMemoryBytes += storedBytes(tensor)
  }
  return {
    name: folder.name,
    title: folder.title,
    parameters,
    weightBytes,
    weightMemoryBytes,
    bytesPerToken: bytesPerToken(plan, layout),
    memoryBytesPerToken: layout.rowBytes,
    bytesPerDocument: bytesPerDocument(plan),
    streams: !plan.residentPages,
    trainedLength: config.trainedLength,
    selfDecoder: plan.carry.some(part => part.kind === 'ring') ? 'sliding-window' : 'gated-retention',
    layers: plan.layers,
    dim: config.dim,
    prompted: isPrompted(folder),
    weights: precisionOf(tensors),
    choices: choicesIn(folder, await files.list())
  }
}

export const isPrompted = (folder: CheckedModel): boolean =>
  readTokenizerConfig(folder.tokenizerConfig).template !== undefined

/** Bytes on disk of one token: its row of K and V, its id, its part of the carries that stand every few pages. */
export function bytesPerToken(plan: ReadingPlan, { rowBytes, pageBytes }: PageLayout): number {
  const carry = savedCarryBytes(plan.carry)
  return rowBytes + 4 + carry / (carryPagesOf(carry, pageBytes) * pageRows)
}

/** Bytes on disk besides: the carries at the end, headers. */
export const bytesPerDocument = (plan: ReadingPlan): number => 2 * savedCarryBytes(plan.carry) + 4096
