/** A folder → the files in it that can be read as one document. */
import { constants } from 'node:fs'
import { open, readdir, readFile, realpath, stat } from 'node:fs/promises'
import { basename, join, sep } from 'node:path'
import { failureSaying } from '../../contract/failure'
import { weightsSaid } from '../../contract/weight-files'
import { beginsLikeText } from './decode-text'
import { claimedKind, headLength, kindOf } from './file-kinds'
import { IgnoreRules } from './ignore-rules'
import { readFailure } from './io-failure'

interface GatheredFile {
  readonly path: string
  /** Relative to the folder, with "/". */
  readonly name: string
  readonly size: number
}

interface GatherOptions {
  readonly mostFiles?: number
  readonly signal?: AbortSignal
}

/** Linux's sources have 90,000 files, but no model reads them in one go. */
const mostFiles = 20_000
/** Seen, taken or not: a disk dropped by mistake shall not be walked to its end. */
const mostSeen = 500_000
const longestGitignore = 1 << 20

/**
 * Files in natural order ("2" before "10"). `ignored` counts what was left out: hidden files and links, what .gitignore names
 * (a whole folder counts as one), and what is neither text nor a document. Errors: `too-long`, `not-found`, `unreadable-file`, `cancelled`.
 */
export async function gatherFiles(
  folder: string,
  options: GatherOptions = {}
): Promise<{ files: GatheredFile[]; ignored: number }> {
  const most = options.mostFiles ?? mostFiles
  const root = await realpath(folder).catch(error => {
    throw readFailure(error, folder)
  })
  const rules = new IgnoreRules()
  const files: GatheredFile[] = []
  let ignored = 0
  let seen = 0
  const waiting = ['']
  for (let at; (at = waiting.pop()) !== undefined;) {
    const entries = await readdir(join(root, at), { withFileTypes: true }).catch(error => {
      if (at === '') throw readFailure(error, folder)
      ignored++
      return []
    })
    if (entries.some(entry => entry.name === '.gitignore' && entry.isFile()))
      rules.add(at, await readShort(join(root, at, '.gitignore')))
    for (const entry of entries) {
      if (options.signal?.aborted) throw failureSaying('cancelled', 'gatherStopped', { folder })
      if (++seen > mostSeen) throw tooMany(folder, mostSeen)
      const name = at + entry.name
      if (entry.name === '.gitignore' || entry.name === '.git') continue
      if (entry.isDirectory()) {
        if (rules.isIgnored(name + '/')) ignored++
        else waiting.push(name + '/')
        continue
      }
      const path = join(root, name)
      const size = rules.isIgnored(name)
        ? undefined
        : await readableSize(path, entry.isSymbolicLink() ? root : undefined)
      if (size === undefined) ignored++
      else files.push({ path, name, size })
      if (files.length > most) throw tooMany(folder, most)
    }
  }
  return { files: files.sort((a, b) => byPath(a.name, b.name)), ignored }
}

const collator = new Intl.Collator('en', { numeric: true })

/** Folder by folder, so that "a/b" does not stand between "a.txt" and "a-z.txt". */
function byPath(a: string, b: string): number {
  const [left, right] = [a.split('/'), b.split('/')]
  for (let i = 0; i < left.length && i < right.length; i++) {
    const order = collator.compare(left[i]!, right[i]!)
    if (order !== 0) return order
  }
  return left.length - right.length || (a < b ? -1 : 1)
}

const tooMany = (folder: string, most: number) => failureSaying('too-long', 'tooManyFiles', { folder, most })

async function readShort(path: string): Promise<string> {
  try {
    return (await stat(path)).size <= longestGitignore ? await readFile(path, 'utf8') : ''
  } catch {
    return ''
  }
}

/** Undefined for what cannot be read: no file, a link that leads out of `within`, empty, or neither text nor a document. */
async function readableSize(path: string, within: string | undefined): Promise<number | undefined> {
  try {
    if (within !== undefined && !(await realpath(path)).startsWith(within.replace(/[\\/]$/, '') + sep))
      return undefined
    // O_NONBLOCK: opening a pipe would otherwise wait for ever.
    const file = await open(path, constants.O_RDONLY | (constants.O_NONBLOCK ?? 0))
    try {
      const found = await file.stat()
      if (!found.isFile() || found.size === 0) return undefined
      const head = new Uint8Array(Math.min(headLength, found.size))
      const { bytesRead } = await file.read(head, 0, head.length, 0)
      return isReadable(head.subarray(0, bytesRead), basename(path)) ? found.size : undefined
    } finally {
      await file.close()
    }
  } catch {
    return undefined
  }
}

function isReadable(head: Uint8Array, name: string): boolean {
  if (weightsSaid(name, head)) return false
  const kind = kindOf(head)
  if (kind) return kind.format !== undefined && (kind.format !== 'archive' || claimedKind(name) !== undefined)
  return claimedKind(name) === undefined && beginsLikeText(head)
}
