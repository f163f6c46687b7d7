/**
 * A model's folder as gpu wants to see it (its `ModelFiles`, by shape): names, ranges of bytes, digests.
 * Files are mapped, and read by position where that fails. Names come from index files that strangers
 * wrote, so only plain names are opened; links inside the folder are followed, because that is how
 * Hugging Face's own cache lays out a model.
 */
import { readdir, stat } from 'node:fs/promises'
import { basename, join, resolve } from 'node:path'
import { failureOfSaid, failureSaying, HostFailure } from '../../contract/failure'
import { foreignIn, weightHead, weightsSaid } from '../../contract/weight-files'
import { digestOf } from './digest-cache'
import { codeOf, readFailure } from './io-failure'
import { MappedFile } from './mapped-file'
import { type FileSource, PositionedFile } from './positioned-file'

export interface ModelFolder {
  readonly name: string
  readonly folder: string
  list(): Promise<string[]>
  open(
    name: string
  ): Promise<{ readonly size: number; read(offset: number, into: Uint8Array): Promise<void> }>
  digest(name: string): Promise<string>
  /** Unmaps and closes everything that was opened. */
  close(): Promise<void>
}

interface ModelFolderOptions {
  /** JSON file in which digests are remembered; without it they are computed each time. */
  digestCache?: string
  /** False: positioned reads only. */
  map?: boolean
}

export async function openModelFolder(path: string, options: ModelFolderOptions = {}): Promise<ModelFolder> {
  const folder = resolve(path)
  await refuseForeign(folder)
  // One source per name: a file asked for twice is mapped once.
  const sources = new Map<string, Promise<FileSource>>()
  let closed = false
  return {
    name: basename(folder),
    folder,
    list: () => filesIn(folder),
    async open(name) {
      if (closed) throw new Error(`${folder}: ${name} opened after close`)
      const file = fileIn(folder, name)
      const source = sources.get(name) ?? openSource(file, options.map ?? true)
      sources.set(name, source)
      source.catch(() => sources.delete(name))
      return source
    },
    digest: async name => digestOf(fileIn(folder, name), options.digestCache),
    async close() {
      closed = true
      const opened = await Promise.allSettled(sources.values())
      sources.clear()
      for (const source of opened) if (source.status === 'fulfilled') await source.value.close()
    }
  }
}

/** Throws where this is no folder, or one of models that do not run here. */
async function refuseForeign(folder: string): Promise<void> {
  const found = await stat(folder).catch(error => {
    if (codeOf(error) === 'ENOENT') throw failureSaying('not-found', 'modelNoFolder', { folder })
    throw readFailure(error, folder)
  })
  if (found.isFile()) {
    const weights = weightsSaid(basename(folder), await headOf(folder))
    if (weights) throw failureOfSaid('unsupported-model', weights)
  }
  if (!found.isDirectory()) throw failureSaying('unsupported-model', 'modelIsFile', { path: folder })
  const foreign = await foreignIn(await readdir(folder).catch(() => []), name =>
    headOf(join(folder, name)).catch(() => new Uint8Array())
  )
  if (foreign) throw failureOfSaid('unsupported-model', foreign)
}

async function headOf(file: string): Promise<Uint8Array> {
  const source = await PositionedFile.open(file)
  try {
    const head = new Uint8Array(Math.min(weightHead, source.size))
    await source.read(0, head)
    return head
  } finally {
    await source.close()
  }
}

/** Names of the files in a folder, sorted. */
async function filesIn(folder: string): Promise<string[]> {
  const names = await readdir(folder).catch(error => {
    throw readFailure(error, folder)
  })
  const isFile = await Promise.all(
    names.map(name =>
      stat(join(folder, name)).then(
        found => found.isFile(),
        () => false
      )
    )
  )
  return names.filter((_, i) => isFile[i]).sort()
}

function fileIn(folder: string, name: string): string {
  // The colon: on Windows "a:b" is another drive or a hidden stream of the file.
  // eslint-disable-next-line no-control-regex
  if (name !== '' && name !== '.' && name !== '..' && !/[/\\:\u0000-\u001f]/.test(name))
    return join(folder, name)
  throw failureSaying('broken-model', 'modelStrangeName', {
    folder,
    name: JSON.stringify(name.slice(0, 200))
  })
}

async function openSource(path: string, map: boolean): Promise<FileSource> {
  if (map) {
    try {
      return await MappedFile.open(path)
    } catch (error) {
      // A missing or forbidden file fails here with its sentence; whatever mapping itself lacks, reading makes up for.
      if (error instanceof HostFailure) throw error
    }
  }
  return PositionedFile.open(path)
}
