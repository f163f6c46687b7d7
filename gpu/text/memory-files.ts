/** Files of a model held in memory: for tests, and for models that are made up on the spot (benchmarks). */
import type { ByteSource, ModelFiles } from './byte-source'

export interface MemorySource extends ByteSource {
  /** The largest single read so far, in bytes: what a reader was ready to allocate. */
  readonly largestRead: number
}

export function memorySource(bytes: Uint8Array, size = bytes.length): MemorySource {
  let largestRead = 0
  return {
    size,
    get largestRead() {
      return largestRead
    },
    async read(offset, into) {
      largestRead = Math.max(largestRead, into.length)
      if (offset < 0 || offset + into.length > bytes.length)
        throw new Error(`read of ${into.length} at ${offset}`)
      into.set(bytes.subarray(offset, offset + into.length))
    }
  }
}

export function memoryFiles(
  name: string,
  contents: Readonly<Record<string, Uint8Array | string>>
): ModelFiles {
  const files = new Map(
    Object.entries(contents).map(([file, content]) => [
      file,
      typeof content === 'string' ? new TextEncoder().encode(content) : content
    ])
  )
  const bytesOf = (file: string) => {
    const bytes = files.get(file)
    if (bytes === undefined) throw new Error(`${name} has no ${file}`)
    return bytes
  }
  return {
    name,
    list: async () => [...files.keys()],
    open: async file => memorySource(bytesOf(file)),
    async digest(file) {
      const digest = new Uint8Array(await crypto.subtle.digest('SHA-256', bytesOf(file)))
      return Array.from(digest, byte => byte.toString(16).padStart(2, '0')).join('')
    }
  }
}

export interface MemoryTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** A safetensors file of these tensors, in their order. */
export function safetensorsBytes(tensors: Readonly<Record<string, MemoryTensor>>): Uint8Array {
  const header: Record<string, unknown> = {}
  let at = 0
  for (const [name, { dtype, shape, bytes }] of Object.entries(tensors)) {
    header[name] = { dtype, shape, data_offsets: [at, at + bytes.length] }
    at += bytes.length
  }
  const file = withHeader(JSON.stringify(header), at)
  at = file.length - at
  for (const { bytes } of Object.values(tensors)) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}

/** A file with this text as its header and `dataBytes` zero bytes behind it. */
export function withHeader(header: string, dataBytes: number): Uint8Array {
  const text = new TextEncoder().encode(header)
  const file = new Uint8Array(8 + text.length + dataBytes)
  new DataView(file.buffer).setBigUint64(0, BigInt(text.length), true)
  file.set(text, 8)
  return file
}
