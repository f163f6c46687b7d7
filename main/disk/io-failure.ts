/** What the system refuses (ENOENT, EACCES, ENOSPC …) → a failure with a sentence for people. */
import { HostFailure } from '../../contract/failure'
import { formatBytes, freeBytes } from './disk-space'

export const codeOf = (error: unknown): string | undefined =>
  error instanceof Error && 'code' in error && typeof error.code === 'string' ? error.code : undefined

/** EFBIG is the limit of a user or a file system, EDQUOT a quota: to a person both are a full disk. */
export const isFull = (error: unknown) => ['ENOSPC', 'EDQUOT', 'EFBIG'].includes(codeOf(error) ?? '')

export function readFailure(error: unknown, path: string): HostFailure {
  if (error instanceof HostFailure) return error
  const options = { cause: error }
  switch (codeOf(error)) {
    case 'ENOENT':
    case 'ENOTDIR':
      return new HostFailure('not-found', `There is no file ${path}. Check the path.`, options)
    case 'EACCES':
    case 'EPERM':
      return new HostFailure(
        'unreadable-file',
        `${path} may not be read by this user. Change its permissions or copy it.`,
        options
      )
    case 'ELOOP':
      return new HostFailure('unreadable-file', `${path} is a link that leads back to itself.`, options)
    default:
      return new HostFailure('unreadable-file', `${path} could not be read: ${reasonOf(error)}.`, options)
  }
}

export async function writeFailure(error: unknown, path: string, needed: number): Promise<HostFailure> {
  if (error instanceof HostFailure) return error
  const options = { cause: error }
  if (isFull(error)) {
    const free = await freeBytes(path).catch(() => undefined)
    const found = free === undefined ? 'the disk refused more' : `${formatBytes(free)} are free`
    const why =
      codeOf(error) === 'ENOSPC' ? '' : ` (a limit of this user or file system was reached: ${codeOf(error)})`
    return new HostFailure(
      'disk-full',
      `${path} needs ${formatBytes(needed)} more and ${found}${why}. Free some space and try again.`,
      options
    )
  }
  if (codeOf(error) === 'EACCES' || codeOf(error) === 'EPERM' || codeOf(error) === 'EROFS')
    return new HostFailure(
      'unreadable-file',
      `${path} may not be written by this user. Check the permissions or choose another folder with --library.`,
      options
    )
  return new HostFailure('unreadable-file', `${path} could not be written: ${reasonOf(error)}.`, options)
}

export const reasonOf = (error: unknown) => (error instanceof Error ? error.message : String(error))
