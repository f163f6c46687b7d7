/** A model folder in memory, and the same on disk. */
import { createHash } from 'node:crypto'
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ByteSource, ModelFiles } from '../text/byte-source'

export function byteSource(bytes: Uint8Array): ByteSource {
  return {
    size: bytes.length,
    async read(offset, into) {
      if (offset < 0 || offset + into.length > bytes.length) {
        throw new RangeError(`bytes ${offset} to ${offset + into.length} of ${bytes.length}`)
      }
      into.set(bytes.subarray(offset, offset + into.length))
    }
  }
}

export function memoryFiles(name: string, files: ReadonlyMap<string, Uint8Array>): ModelFiles {
  const bytes = (file: string) => {
    const found = files.get(file)
    if (!found) throw new Error(`${name} has no file ${file}`)
    return found
  }
  return {
    name,
    list: async () => [...files.keys()],
    open: async file => byteSource(bytes(file)),
    digest: async file => createHash('sha256').update(bytes(file)).digest('hex')
  }
}

export async function writeFolder(folder: string, files: ReadonlyMap<string, Uint8Array>): Promise<void> {
  await mkdir(folder, { recursive: true })
  for (const [name, bytes] of files) await writeFile(join(folder, name), bytes)
}
