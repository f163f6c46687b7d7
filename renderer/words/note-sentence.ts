/** A note's sentence in the language of the window, where it has one; else as it was written with the text. */
import i18next from 'i18next'
import type { Note } from '../../contract/document'

export function noteSentence({ message, said }: Note): string {
  if (said === undefined) return message
  const { name, values, file } = said
  const key = `notes:${name}`
  if (!i18next.isInitialized || !i18next.exists(key, { ...values })) return message
  const sentence = String(i18next.t(key as 'notes:cutShort', { ...values } as never))
  return file === undefined ? sentence : `${file}: ${sentence}`
}
