/** What the system refuses (ENOENT, EACCES, ENOSPC …) → a failure with a sentence for people. */
import { failureSaying, HostFailure, sentenceOf } from '../../contract/failure'
import { freeBytes } from './disk-space'
import { calledOf, calledOwn } from './paths'

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** EFBIG is the limit of a user or a file system, EDQUOT a quota: to a person both are a full disk. */
const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '')

export function readFailure(error: unknown, path: string): HostFailure {
  if (error instanceof HostFailure) return error
  const options = { cause: error }
  const called = calledOf(path)
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return called === path
        ? failureSaying('not-found', 'pathMissing', { path }, options)
        : failureSaying('not-found', 'fileGone', { what: called }, options)
    case 'EACCES':
    case 'EPERM':
      return failureSaying('unreadable-file', 'mayNotRead', { what: called }, options)
    case 'ELOOP':
      return failureSaying('unreadable-file', 'linkLoop', { what: called }, options)
    default:
      return failureSaying(
        'unreadable-file',
        'readBroke',
        { what: called, reason: shortReason(error) },
        options
      )
  }
}

/** `path`: what could not be written, a file of the library; `needed`: bytes that were to be written. */
export async function writeFailure(error: unknown, path: string, needed: number): Promise<HostFailure> {
  if (error instanceof HostFailure) return error
  const options = { cause: error }
  if (isFull(error)) {
    const free = await freeBytes(path).catch(() => 0)
    const limit = codeOf(error) ?? ''
    const values = { needed, free, limit }
    return failureSaying('disk-full', limit === 'ENOSPC' ? 'diskFull' : 'diskLimit', values, options)
  }
  const called = calledOwn(path)
  if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' || codeOf(error) === 'EROFS')
    return failureSaying('unreadable-file', 'mayNotWrite', { what: called }, options)
  return failureSaying('unreadable-file', 'writeBroke', { what: called, reason: shortReason(error) }, options)
}

/** Without the path that Node puts behind what the system said: "EIO: i/o error, read '/home/…'". */
const shortReason = (error: unknown) => sentenceOf(error).replace(/, \w+ '.*$/s, '')
