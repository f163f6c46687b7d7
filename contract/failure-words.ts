/**
 * Sentences of failures that are shown in the language of the window: in English here, for both sides and the command
 * line; the other languages in renderer/words. `{{name}}` stands for a value, `{{free, bytes}}` for a size, `{{most, number}}` for a
 * number, `{{what, said}}` for words of their own; two forms by `count`: _one and _other.
 */
import { failuresOfCheckpoints } from './failures-of-checkpoints'
import { failuresOfFiles } from './failures-of-files'
import { failuresOfLibrary } from './failures-of-library'
import { failuresOfModels } from './failures-of-models'
import { fileKindWords } from './file-kind-words'
import { formatBytes } from './format-bytes'

export const failureWords = {
  ...failuresOfCheckpoints,
  ...failuresOfFiles,
  ...failuresOfLibrary,
  ...failuresOfModels,
  ...fileKindWords
}

type Bare<K> = K extends `${infer Name}_one` | `${infer Name}_other` ? Name : K
export type FailureWord = Bare<keyof typeof failureWords>

export interface Said {
  readonly name: FailureWord
  readonly values: SaidValues
}

export type SaidValues = Readonly<Record<string, string | number | Said>>

/** The sentence in English. */
export function inEnglish(name: FailureWord, values: SaidValues): string {
  const words = failureWords as Readonly<Record<string, string | undefined>>
  const sentence = words[name] ?? words[`${name}_${values['count'] === 1 ? 'one' : 'other'}`] ?? name
  return sentence.replace(/\{\{(\w+)(?:, (\w+))?\}\}/g, (_, key: string, format?: string) => {
    const value = values[key] ?? ''
    if (typeof value === 'object') return inEnglish(value.name, value.values)
    if (format === 'bytes') return formatBytes(Number(value))
    return format === 'number' ? Number(value).toLocaleString('en-US') : String(value)
  })
}
