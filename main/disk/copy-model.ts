/**
 * A model's files copied into the library, seen by nobody until all are there: as another name for the same blocks where
 * the file system offers that (Btrfs, XFS, APFS), else through one buffer, so that the size of a model does not matter to
 * the memory. What a crash leaves is removed at the next start.
 */
import { randomUUID } from 'node:crypto'
import { constants } from 'node:fs'
import { copyFile, type FileHandle, open, readdir, rm, stat, unlink } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { failureSaying } from '../../contract/failure'
import { makeFolder, syncFolder } from './atomic-write'
import { checkRoom } from './disk-space'
import { takeLock } from './file-lock'
import { readFailure, writeFailure } from './io-failure'
import { keepAsModel, refuseNoModel } from './models'
import { modelsFolder } from './paths'

/** Read and written at once, into memory that is used again. */
const bufferBytes = 8 << 20
const unfinished = '.importing-'

interface CopyControl {
  /** Aborted: the copy ends with `cancelled`. */
  readonly signal?: AbortSignal
  /** Resolves at once, or when a pause is over. */
  readonly whenGoingOn?: () => Promise<void>
  readonly onProgress?: (done: number, total: number) => void
  /** For tests: false never asks the file system to share blocks. */
  readonly clone?: boolean
}

interface SourceFile {
  readonly path: string
  readonly name: string
  readonly size: number
}

/** `paths`: a folder, or the files of one. Returns the name under which the model is kept. */
export async function copyModel(
  library: string,
  paths: readonly string[],
  name: string,
  control: CopyControl = {}
): Promise<string> {
  const files = await filesOf(paths, name)
  const models = modelsFolder(library)
  await makeFolder(models)
  const folder = join(models, `${unfinished}${randomUUID()}`)
  const release = await takeLock(`${folder}.lock`, name)
  try {
    await makeFolder(folder)
    await copyAll(files, name, folder, control)
    await syncFolder(folder)
    return await keepAsModel(library, folder, name)
  } finally {
    await rm(folder, { recursive: true, force: true }).catch(() => undefined)
    await release()
  }
}

/** What runs that are over left behind; what a living one copies is not touched. */
export async function removeUnfinished(library: string): Promise<void> {
  const models = modelsFolder(library)
  const names = await readdir(models).catch((): string[] => [])
  for (const name of new Set(names.map(each => each.replace(/\.lock$/, '')))) {
    if (!/^\.importing-[0-9a-f-]+$/.test(name)) continue
    const release = await takeLock(join(models, `${name}.lock`), name).catch(() => undefined)
    if (!release) continue
    await rm(join(models, name), { recursive: true, force: true }).catch(() => undefined)
    await release()
  }
}

/** Links are followed: Hugging Face's own cache lays out a model that way. */
async function filesOf(paths: readonly string[], name: string): Promise<SourceFile[]> {
  const [only] = paths
  const found = async (path: string) =>
    stat(path).catch(error => {
      throw readFailure(error, path)
    })
  if (paths.length === 1 && only !== undefined && (await found(only)).isDirectory()) {
    const names = await readdir(only).catch(error => {
      throw readFailure(error, only)
    })
    return filesOf(
      names.map(each => join(only, each)),
      name
    )
  }
  const files: SourceFile[] = []
  let folders = 0
  for (const path of paths) {
    const each = await found(path)
    if (each.isFile()) files.push({ path, name: basename(path), size: each.size })
    else folders++
  }
  const names = files.map(file => file.name)
  refuseNoModel(name, names, folders > 0)
  if (new Set(names).size < names.length) throw failureSaying('unsupported-model', 'modelTwice', { name })
  return files
}

async function copyAll(
  files: readonly SourceFile[],
  name: string,
  folder: string,
  control: CopyControl
): Promise<void> {
  const total = files.reduce((sum, { size }) => sum + size, 0)
  let done = 0
  const moved = (bytes: number): void => control.onProgress?.((done += bytes), total)
  moved(0)
  const left: SourceFile[] = []
  for (const file of files)
    if (control.clone !== false && (await clone(file.path, join(folder, file.name)))) moved(file.size)
    else left.push(file)
  const needed = left.reduce((sum, { size }) => sum + size, 0)
  if (needed > 0) await checkRoom(folder, needed, 'noRoomToAdd', name)
  const buffer = Buffer.allocUnsafe(left.length > 0 ? bufferBytes : 0)
  for (const file of left) await copyOne(file, join(folder, file.name), buffer, control, moved)
}

async function clone(from: string, to: string): Promise<boolean> {
  const flags = constants.COPYFILE_EXCL | constants.COPYFILE_FICLONE_FORCE
  return copyFile(from, to, flags).then(
    () => true,
    async () => {
      await unlink(to).catch(() => undefined)
      return false
    }
  )
}

async function copyOne(
  { path, name, size }: SourceFile,
  target: string,
  buffer: Buffer,
  control: CopyControl,
  moved: (bytes: number) => void
): Promise<void> {
  const from = await open(path, 'r').catch(error => {
    throw readFailure(error, path)
  })
  let to: FileHandle | undefined
  try {
    to = await open(target, 'wx', 0o600)
    for (let at = 0; at < size;) {
      await control.whenGoingOn?.()
      if (control.signal?.aborted) throw cancelled()
      const { bytesRead } = await from.read(buffer, 0, Math.min(buffer.length, size - at), at)
      if (bytesRead === 0) throw failureSaying('broken-model', 'modelShrank', { name })
      const piece = buffer.subarray(0, bytesRead)
      // A hole stays a hole.
      if (!isZero(piece)) await writeAll(to, piece, at)
      at += bytesRead
      moved(bytesRead)
    }
    await to.truncate(size)
    await to.sync()
  } catch (error) {
    throw await writeFailure(error, target, size)
  } finally {
    await from.close()
    await to?.close()
  }
}

async function writeAll(to: FileHandle, piece: Buffer, at: number): Promise<void> {
  for (let written = 0; written < piece.length;)
    written += (await to.write(piece, written, piece.length - written, at + written)).bytesWritten
}

/** Each byte the one before it, and the first one 0. */
const isZero = (piece: Buffer): boolean =>
  piece[0] === 0 && piece.compare(piece, 1, piece.length, 0, piece.length - 1) === 0

const cancelled = () => failureSaying('cancelled', 'importStopped', {})
