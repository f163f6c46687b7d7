/** A failure's sentence in the language of the window, where it has one; else as the other side said it. */
import i18next from 'i18next'
import type { Said } from '../../contract/failure-words'

export function failureSentence(message: unknown, said: unknown): string {
  const { name, values } = (said ?? {}) as Partial<Said>
  const key = `failures:${name}`
  // Where no words are loaded (a worker, a test of the flows), the sentence stays in English.
  if (name === undefined || !i18next.isInitialized || !i18next.exists(key)) return String(message)
  return String(i18next.t(key as 'failures:diskFull', { ...values } as never))
}
