import { type FailureWord, inEnglish, type Said, type SaidValues } from './failure-words'

/** Why something that a person asked for could not be done. A closed list: every code has one sentence for people. */
export const failureCodes = [
  'not-found',
  'unreadable-file',
  'unsupported-file',
  'empty-document',
  'unsupported-model',
  'broken-model',
  'disk-full',
  'too-long',
  'in-use',
  'gpu-lacking',
  'gpu-lost',
  'cancelled',
  /** The program behind the page does not answer: nothing is wrong with what was asked. */
  'host-gone',
  'bad-request'
] as const

export type FailureCode = (typeof failureCodes)[number]

/**
 * An expected failure that is told to a person: what was found, what was expected, what to do.
 * It crosses processes as `{ code, message, said }` and is rebuilt on the other side, because structured
 * clone and JSON both lose the class of an error.
 */
export class HostFailure extends Error {
  constructor(
    readonly code: FailureCode,
    message: string,
    options?: ErrorOptions,
    /** The message's name and values, where it has words in every language of the window. */
    readonly said?: Said
  ) {
    super(message, options)
    this.name = 'HostFailure'
  }
}

/** With a sentence of failure-words.ts, which the window says in its own language. */
export const failureSaying = (
  code: FailureCode,
  name: FailureWord,
  values: SaidValues,
  options?: ErrorOptions
): HostFailure => new HostFailure(code, inEnglish(name, values), options, { name, values })

/** What a request fails with that reached nobody. */
export const hostGone = (): HostFailure => failureSaying('host-gone', 'hostEnded', {})

/**
 * What the window never shows: of the command line, and of requests that only a mistake of ours or a stranger sends.
 * Everything else that main refuses is said with a word that every language has.
 */
export const failureInEnglish = (code: FailureCode, message: string, options?: ErrorOptions): HostFailure =>
  new HostFailure(code, message, options)

export const failureOfSaid = (code: FailureCode, { name, values }: Said): HostFailure =>
  failureSaying(code, name, values)

/** What to tell a person of whatever was thrown: also of what lost its class on the way from another process. */
export const sentenceOf = (error: unknown): string => String((error as Error)?.message ?? error)
