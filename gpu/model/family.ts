/**
 * What a family of models declares and how it is loaded. A family is a folder with one `Family` in it and a line in
 * families.ts; everything else asks through this interface.
 */
import type { Device } from '../device/device'
import { type PageFormat, pageFormats, type PageKind } from '../kernels/page-format'
import { type KvShape, pageLayout, type PageLayout } from '../kernels/page-layout'
import type { CarryPart } from '../kv/carry'
import type { AttentionTemperature } from '../text/generation-config'
import type { JsonObject } from '../text/json'
import type { SafetensorsFile } from '../text/safetensors'
import type { TensorLocation } from '../weights/tensor-location'
import type { Model } from './model'

/** What is told of every model, whatever its family. */
export interface ModelShape {
  readonly vocabSize: number
  readonly dim: number
  /** Tokens of context that the model was trained for, where its files say so. */
  readonly trainedLength: number | undefined
}

/** What is kept of a text that was read. */
export interface ReadingPlan {
  /** Keys and values of all rows, one set after another within a page. */
  readonly kept: readonly KvShape[]
  /** How those lie in a page unless a person chooses; as halves where it is left out. */
  readonly pages?: PageFormat
  /** What pages of 8 bits are for this model, where they are not codes with a scale for every head of a row. */
  readonly int8?: PageFormat
  /** From chunk to chunk, in the order in which it is saved. */
  readonly carry: readonly CarryPart[]
  /** Of the whole model, those that reading leaves out included. */
  readonly layers: number
  /** Whether a token that is read goes through the matrix of this role, or through a part of it. */
  readonly reads: (role: string) => boolean
  /** Roles of tables that stay in their file, of which every token takes a row. */
  readonly inFile?: readonly string[]
  /**
   * What reads, a document or a conversation, attends to the pages before it: all of them have to lie in graphics memory. Otherwise
   * pages that are saved may make room for others while reading goes on, and an answer brings them back in turn.
   */
  readonly residentPages: boolean
  /** A document's own chunks attend to the pages before them: stretches of it cannot be read apart. */
  readonly attendsWhileReading?: boolean
  /**
   * `read` is where a conversation's tokens look at the pages, and nothing is left to `answer` but the head: a question's last token is
   * read as the row of an answer, for its attention to be summed.
   */
  readonly looksInRead?: boolean
  /** How often one token of an answer goes through all pages: layers that attend to them. */
  readonly passesPerToken: number
}

/** Of the pages of a model, `chosen` by a person or as it has them. */
export function layoutOf(plan: ReadingPlan, chosen?: PageKind): PageLayout {
  const { kept, pages = pageFormats.f16, int8 = pageFormats.int8 } = plan
  return pageLayout(kept, chosen ? { ...pageFormats, int8 }[chosen] : pages)
}

export interface ConfigFile {
  readonly name: 'config.json' | 'params.json'
  readonly json: JsonObject
}

/** By role: how the engine names a tensor, whatever its file calls it. */
export type Tensors = ReadonlyMap<string, TensorLocation>

export interface LoadOptions {
  /** Precision of keys and values that a person chose; undefined: the model's own. */
  readonly pages?: PageKind
  /** Queries of answers get it; a family that has none passes it over. */
  readonly attentionTemperature?: AttentionTemperature
  /** Rows of the longest chunk; for tests. */
  readonly longest?: number
  /** Allocates without reading or uploading: the dry run of a model whose files are not at hand. */
  readonly blank?: boolean
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void
}

export interface Family<C extends ModelShape = ModelShape> {
  readonly name: string
  /** undefined: another family's. Throws unsupported-model or broken-model where it is this one's and cannot be run. */
  readConfig(file: ConfigFile): C | undefined
  /** Finds every tensor by its role; throws unsupported-model or broken-model for the first that is not as expected. */
  tensors(config: C, files: readonly SafetensorsFile[]): Tensors
  plan(config: C): ReadingPlan
  load(device: Device, config: C, tensors: Tensors, options: LoadOptions): Promise<Model>
}
