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

interface WatchedSource extends ByteSource {
  /** The largest single read so far, in bytes: what a reader was ready to allocate. */
  readonly largestRead: number
}

/** `size`: what the source says of itself. */
export function watchedSource(bytes: Uint8Array, size = bytes.length): WatchedSource {
  const source = byteSource(bytes)
  let largestRead = 0
  return {
    size,
    get largestRead() {
      return largestRead
    },
    read(offset, into) {
      largestRead = Math.max(largestRead, into.length)
      return source.read(offset, into)
    }
  }
}

/** Text stands for its bytes in UTF-8. */
export function memoryFiles(
  name: string,
  contents: ReadonlyMap<string, Uint8Array> | Readonly<Record<string, Uint8Array | string>>
): ModelFiles {
  const files =
    contents instanceof Map
      ? (contents as ReadonlyMap<string, Uint8Array>)
      : new Map(
          Object.entries(contents).map(([file, content]) => [
            file,
            typeof content === 'string' ? new TextEncoder().encode(content) : content
          ])
        )
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
