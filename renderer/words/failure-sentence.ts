/** A failure's sentence in the language of the window, where it has one; else as the other side said it. */
import i18next from 'i18next'
import { type FailureCode, HostFailure } from '../../contract/failure'
import { type FailureWord, inEnglish, type Said, type SaidValues } from '../../contract/failure-words'

export function failureSentence(message: unknown, said: unknown): string {
  const { name, values } = (said ?? {}) as Partial<Said>
  const key = `failures:${name}`
  // Where no words are loaded (a worker, a test of the flows), the sentence stays in English.
  if (name === undefined || !i18next.isInitialized || !i18next.exists(key, { ...values } as never))
    return String(message)
  return String(i18next.t(key as 'failures:diskFull', inWords(values ?? {}) as never))
}

/** What a failure of the window's own says. */
export const failureHere = (code: FailureCode, name: FailureWord, values: SaidValues): HostFailure => {
  const said = { name, values }
  return new HostFailure(code, failureSentence(inEnglish(name, values), said), undefined, said)
}

/** Values that have words of their own (a kind of file, what a file of the library is called) said in words. */
const inWords = (values: SaidValues): Record<string, string | number> =>
  Object.fromEntries(
    Object.entries(values).map(([key, value]) => [
      key,
      typeof value === 'object' ? failureSentence(inEnglish(value.name, value.values), value) : value
    ])
  )
