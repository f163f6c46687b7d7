/**
 * Sentences of failures that are shown in the language of the window: in English here, for both sides and the command
 * line; the other languages in renderer/words. `{{name}}` stands for a value, `{{free, bytes}}` for a size.
 */
import { formatBytes } from './format-bytes'

export interface Said {
  readonly name: FailureWord
  readonly values: Readonly<Record<string, string | number>>
}

export const failureWords = {
  noRoomToAdd:
    '{{name}} was not added: it takes {{needed, bytes}} on disk, {{free, bytes}} are free, and Readonce keeps {{reserve, bytes}} of it free for your computer. Free some space and add it again.',
  noRoomToRead:
    '{{name}} was not read: that takes {{needed, bytes}} on disk, {{free, bytes}} are free, and Readonce keeps {{reserve, bytes}} of it free for your computer. Free some space and read it again.',
  noRoomToMove:
    'The library was not moved: it takes {{needed, bytes}}, {{free, bytes}} are free there, and Readonce keeps {{reserve, bytes}} of it free for your computer. Choose another disk or free some space.',
  diskFull:
    'The disk is full: {{needed, bytes}} more are needed, and {{free, bytes}} are free. Free some space and try again; what was kept before is still there.',
  diskLimit:
    'A limit of this user or file system was reached ({{limit}}): {{needed, bytes}} more are needed, and {{free, bytes}} are free on the disk. Free some space and try again; what was kept before is still there.',
  weightsGguf:
    '{{name}} is a GGUF model of llama.cpp, which Readonce does not run. Readonce runs YOCO models, a folder with config.json or params.json, .safetensors and tokenizer.json.',
  weightsPytorch:
    '{{name}} holds PyTorch weights, a Python pickle that could run code when it is opened, so Readonce does not open it. Convert them to safetensors with their own tools and drop the whole model folder.',
  weightsOther:
    '{{name}} is a model for {{what}}, which Readonce does not run. Readonce runs YOCO models, a folder with config.json or params.json, .safetensors and tokenizer.json.',
  weightsOne:
    '{{name}} is one file of a model. Drop the whole folder that it lies in, with config.json or params.json and tokenizer.json.',
  weightsPointer:
    '{{name}} is a Git LFS pointer: a note in place of the file itself ({{size, bytes}}), which was not fetched. Run “git lfs pull” in its folder, or download the file itself, and drop it again.',
  weightsUnknown:
    '{{name}} holds binary data, perhaps the weights of a model; Readonce reads neither. Readonce runs YOCO models, a folder with config.json or params.json, .safetensors and tokenizer.json.'
} as const satisfies Record<string, string>

export type FailureWord = keyof typeof failureWords

/** The sentence in English. */
export function inEnglish(name: FailureWord, values: Said['values']): string {
  return failureWords[name].replace(/\{\{(\w+)(, bytes)?\}\}/g, (_, value: string, isSize?: string) =>
    isSize === undefined ? String(values[value]) : formatBytes(Number(values[value]))
  )
}
