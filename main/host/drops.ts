/**
 * Files that a page sends before they are taken in or kept as a model, in `incoming/<run>/<drop>/`. A run's folder has a lock
 * beside it: what a run that is over left behind is removed by the next one, what another living one holds is not.
 */
import { randomUUID } from 'node:crypto'
import { createWriteStream } from 'node:fs'
import { readdir, rm, stat, truncate, unlink } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { longestSlice } from '../../contract/bytes'
import { failureInEnglish, failureSaying } from '../../contract/failure'
import { makeFolder } from '../disk/atomic-write'
import { checkRoom } from '../disk/disk-space'
import { takeLock } from '../disk/file-lock'
import { writeFailure } from '../disk/io-failure'
import { incomingFolder } from '../disk/paths'

/** A shard of a large model has some 5 GB; whatever is larger than this is no model and no text. */
const longestDrop = 64 * 2 ** 30

export class Drops {
  private readonly run = `run-${randomUUID()}`
  private release: Promise<() => Promise<void>> | undefined

  constructor(
    private readonly library: () => string,
    private readonly platform: NodeJS.Platform = process.platform
  ) {}

  /** Removes what runs that are over have left. */
  async clear(): Promise<void> {
    const incoming = incomingFolder(this.library())
    const names = await readdir(incoming).catch((): string[] => [])
    for (const name of new Set(names.map(each => each.replace(/\.lock$/, '')))) {
      if (!/^run-[0-9a-f-]+$/.test(name) || name === this.run) continue
      const release = await takeLock(join(incoming, `${name}.lock`), name).catch(() => undefined)
      if (!release) continue
      await rm(join(incoming, name), { recursive: true, force: true }).catch(() => undefined)
      await release()
    }
  }

  /**
   * Keeps a slice of a file, from byte `at` on, where the slice before it ended; 0 begins the file. `length` is what the
   * sender says; more or less than that is refused, and nothing is left of the slice. `total` bytes are still to come for
   * this drop: asked of the disk before anything is written.
   */
  async put(
    drop: string,
    path: string,
    body: ReadableStream | null,
    { length, at = 0, total }: { length?: number; at?: number; total?: number } = {}
  ): Promise<void> {
    const parts = this.plainParts(path)
    if ((length !== undefined && length > longestSlice) || at > longestDrop) throw tooLong(path)
    const file = join(await this.own(drop), ...parts)
    const needed = total ?? length
    if (needed !== undefined) await checkRoom(file, needed, 'noRoomToAdd', parts.at(-1))
    await makeFolder(dirname(file))
    if (at > 0) await this.checkLength(file, path, at)
    let bytes = 0
    const counted = new Transform({
      transform(chunk: Uint8Array, _encoding, done) {
        bytes += chunk.length
        done(bytes > (length ?? longestSlice) ? tooLong(path) : null, chunk)
      }
    })
    try {
      const sent = body ? Readable.fromWeb(body as Parameters<typeof Readable.fromWeb>[0]) : Readable.from([])
      await pipeline(
        sent,
        counted,
        createWriteStream(file, { mode: 0o600, start: at, flags: at > 0 ? 'r+' : 'w' })
      )
      if (length !== undefined && bytes !== length)
        throw failureSaying('unreadable-file', 'dropIncomplete', { path, arrived: bytes, expected: length })
    } catch (error) {
      await (at > 0 ? truncate(file, at) : unlink(file)).catch(() => undefined)
      throw await writeFailure(error, file, length ?? bytes)
    }
  }

  /** The folder of a drop; rejects with not-found when nothing was sent to it. */
  async folder(drop: string): Promise<string> {
    const folder = join(incomingFolder(this.library()), this.run, plainDrop(drop))
    const names = await readdir(folder).catch((): string[] => [])
    if (names.length > 0) return folder
    throw failureSaying('not-found', 'dropLost', {})
  }

  /** All files, whatever folders they lie in. */
  async files(drop: string): Promise<string[]> {
    const entries = await readdir(await this.folder(drop), { recursive: true, withFileTypes: true })
    return entries.filter(entry => entry.isFile()).map(entry => join(entry.parentPath, entry.name))
  }

  /** Files and folders as they were dropped. */
  async picked(drop: string): Promise<string[]> {
    const folder = await this.folder(drop)
    return (await readdir(folder)).sort().map(name => join(folder, name))
  }

  async remove(drop: string): Promise<void> {
    await rm(join(incomingFolder(this.library()), this.run, plainDrop(drop)), {
      recursive: true,
      force: true
    })
  }

  /** Removes all that this run received. */
  async close(): Promise<void> {
    const release = await this.release?.catch(() => undefined)
    this.release = undefined
    if (!release) return
    await rm(join(incomingFolder(this.library()), this.run), { recursive: true, force: true }).catch(
      () => undefined
    )
    await release()
  }

  private async checkLength(file: string, path: string, at: number): Promise<void> {
    const size = await stat(file).then(
      found => found.size,
      () => 0
    )
    if (size !== at)
      throw failureInEnglish(
        'bad-request',
        `A slice of ${path} begins at byte ${at}, and ${size} bytes of it have arrived. Send it again.`
      )
  }

  private async own(drop: string): Promise<string> {
    const incoming = incomingFolder(this.library())
    const name = plainDrop(drop)
    await makeFolder(join(incoming, this.run))
    this.release ??= takeLock(join(incoming, `${this.run}.lock`), this.run)
    await this.release
    return join(incoming, this.run, name)
  }

  private plainParts(path: string): string[] {
    const parts = path.split('/')
    if (path.length <= 2000 && parts.length <= 64 && parts.every(part => isPlain(part, this.platform)))
      return parts
    throw failureSaying('bad-request', 'dropName', { path: JSON.stringify(path.slice(0, 200)) })
  }
}

/** No way out of the folder on any system, and on Windows no names that mean a device or another file. */
export function isPlain(name: string, platform: NodeJS.Platform): boolean {
  // eslint-disable-next-line no-control-regex
  if (name === '' || name === '.' || name === '..' || /[/\\:\u0000-\u001f\u007f]/.test(name)) return false
  if (Buffer.byteLength(name) > 255) return false
  if (platform !== 'win32') return true
  return !/[<>"|?*]|[. ]$/.test(name) && !/^(con|prn|aux|nul|com\d|lpt\d|conin\$|conout\$)(\.|$)/i.test(name)
}

function plainDrop(drop: string): string {
  if (/^[A-Za-z0-9][A-Za-z0-9-]{0,99}$/.test(drop)) return drop
  throw failureInEnglish(
    'bad-request',
    `${JSON.stringify(drop.slice(0, 80))} names no drop: letters, digits and "-".`
  )
}

const tooLong = (path: string) =>
  failureSaying('too-long', 'dropTooLong', { path: path.slice(0, 200), most: longestDrop })
