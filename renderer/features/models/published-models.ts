/**
 * Models of others that are worth having, by the name under which their makers publish them. Sizes are those of the published
 * files; memory is counted from their shapes (docs/models.md), as nobody has run them here yet.
 */
export interface KnownModel {
  readonly title: string
  /** Of Hugging Face. */
  readonly repository: string
  readonly licence: string
  /** Bytes of model.safetensors. */
  readonly bytes: number
  /** Bytes on the GPU: every matrix but the table of rows per layer, which stays on disk. */
  readonly memoryBytes: number
  /** Bytes of keys and values per token in f16. */
  readonly bytesPerToken: number
}

export const knownModels: readonly KnownModel[] = [
  {
    title: 'Gemma 4 E2B-it, mobile',
    repository: 'google/gemma-4-E2B-it-qat-mobile-transformers',
    licence: 'Apache-2.0',
    bytes: 2_458_111_846,
    memoryBytes: 795_752_438,
    bytesPerToken: 6144
  },
  {
    title: 'Gemma 4 E4B-it, mobile',
    repository: 'google/gemma-4-E4B-it-qat-mobile-transformers',
    licence: 'Apache-2.0',
    bytes: 3_525_094_516,
    memoryBytes: 2_230_443_092,
    bytesPerToken: 16_384
  }
]

/** A norm page of 1,800 characters has some 450 tokens of English or German. */
export const tokensPerPage = 450
