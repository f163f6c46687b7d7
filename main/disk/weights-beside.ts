/**
 * Weights that were made of a model's own (gpu's `WeightsStore`, by shape), kept as a file in the model's folder: they go
 * where the model goes, and leave with it. Where nothing can be written there they are held in memory and made anew at
 * every start.
 */
import { constants } from 'node:fs'
import { access, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { replaceFile } from './atomic-write'
import { checkRoom, formatBytes } from './disk-space'
import { takeLock } from './file-lock'
import { writeFailure } from './io-failure'
import { type FileSource, PositionedFile } from './positioned-file'
import { writeParts } from './write-parts'

interface Source {
  readonly size: number
  read(offset: number, into: Uint8Array): Promise<void>
}

interface Weights {
  readonly bytes: number
  pieces(): AsyncIterable<Uint8Array>
}

interface WeightsBeside {
  open(name: string): Promise<Source | undefined>
  keep(name: string, weights: Weights): Promise<Source>
  close(): Promise<void>
}

/** `told`: what takes time or could not be kept, in sentences for people. */
export function weightsBeside(
  { name: model, folder }: { readonly name: string; readonly folder: string },
  told: (sentence: string) => void
): WeightsBeside {
  const opened: FileSource[] = []
  const openFile = async (path: string): Promise<Source> => {
    const file = await PositionedFile.open(path)
    opened.push(file)
    return file
  }
  return {
    async open(name) {
      const path = join(folder, name)
      const found = await stat(path).catch(() => undefined)
      return found?.isFile() ? openFile(path) : undefined
    },
    async keep(name, weights) {
      const path = join(folder, name)
      const size = formatBytes(weights.bytes)
      const canWrite = await access(folder, constants.W_OK).then(
        () => true,
        () => false
      )
      if (!canWrite) {
        told(
          `Making ${name} of ${model} (${size}). Nothing can be kept in ${folder}: it is made at every start.`
        )
        return inMemory(weights)
      }
      told(`Making ${name} of ${model} (${size}), kept beside the model for the next time.`)
      const release = await takeLock(`${path}.lock`, { name: 'ownWeights', values: { name, model } })
      try {
        await checkRoom(path, weights.bytes, 'noRoomToAdd', name)
        await writeWeights(path, weights)
      } finally {
        await release()
      }
      return openFile(path)
    },
    async close() {
      for (const file of opened.splice(0)) await file.close()
    }
  }
}

/** A file of that name is always whole. What a crash leaves beside it is written over. */
export async function writeWeights(path: string, { bytes, pieces }: Weights): Promise<void> {
  try {
    await replaceFile(path, `${path}.tmp`, async handle => {
      let at = 0
      for await (const piece of pieces()) {
        await writeParts(handle, [piece], at)
        at += piece.length
      }
    })
  } catch (error) {
    throw (error as NodeJS.ErrnoException).syscall === undefined
      ? error
      : await writeFailure(error, path, bytes)
  }
}

async function inMemory({ bytes, pieces }: Weights): Promise<Source> {
  const all = new Uint8Array(bytes)
  let at = 0
  for await (const piece of pieces()) {
    all.set(piece, at)
    at += piece.length
  }
  return {
    size: bytes,
    async read(offset, into) {
      into.set(all.subarray(offset, offset + into.length))
    }
  }
}
