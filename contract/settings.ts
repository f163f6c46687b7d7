/** How a person wants a model to be run; what is left out is as the model has it. */
export interface ModelPrecision {
  readonly weights?: 'f16' | 'int8' | 'int4'
  /** Of keys and values. */
  readonly pages?: 'f32' | 'f16' | 'int8'
}

/** What a person may set. Kept by the host in settings.json; the defaults are here. */
export interface Settings {
  readonly theme: 'system' | 'light' | 'dark'
  /** CSS pixels of body text. */
  readonly fontSize: number
  readonly language: 'system' | 'en' | 'de'
  /** Order of the library inside its groups. */
  readonly librarySort: 'date' | 'name' | 'size'
  /** Bytes that all readings together may take; 0: no limit but the disk's. */
  readonly diskBudget: number
  readonly sampling: {
    readonly temperature: number
    readonly topK: number
    readonly topP: number
    readonly repetitionPenalty: number
    readonly seed: number
  }
  /** Tokens of the longest answer. */
  readonly longestAnswer: number
  /** Longest text in tokens that is read without asking; 0: as many as fit. */
  readonly contextLimit: number
  readonly keepAwake: boolean
  readonly notify: boolean
  /** Of new documents. */
  readonly defaultModel: string
  /** By the id of a model. */
  readonly precisions: Readonly<Record<string, ModelPrecision>>
  /** Command → keys, where they differ from the defaults of renderer/shortcuts. Empty: no keys. */
  readonly shortcuts: Readonly<Record<string, string>>
}

export const defaultSettings: Settings = {
  theme: 'system',
  fontSize: 15,
  language: 'system',
  librarySort: 'date',
  diskBudget: 20_000_000_000,
  sampling: { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 },
  longestAnswer: 256,
  contextLimit: 0,
  keepAwake: true,
  notify: true,
  defaultModel: 'embedded',
  precisions: {},
  shortcuts: {}
}
