/** Writes safetensors files (https://huggingface.co/docs/safetensors): 8 bytes of length, a JSON header, the data. */
import { bytesPerValue, type FloatType } from './rounding'

export type StoredType = FloatType | 'U8' | 'I8' | 'U32'
const bytesPer: Readonly<Record<StoredType, number>> = { ...bytesPerValue, U8: 1, I8: 1, U32: 4 }

export interface StoredTensor {
  readonly name: string
  readonly type: StoredType
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

export function writeSafetensors(tensors: readonly StoredTensor[]): Uint8Array {
  const header: Record<string, unknown> = { __metadata__: { format: 'pt' } }
  let offset = 0
  for (const { name, type, shape, bytes } of tensors) {
    if (bytes.length !== bytesPer[type] * shape.reduce((a, b) => a * b, 1)) throw new Error(`size of ${name}`)
    header[name] = { dtype: type, shape, data_offsets: [offset, offset + bytes.length] }
    offset += bytes.length
  }
  const text = JSON.stringify(header)
  // Padded with spaces so that the data begins at a multiple of 8, as the official library does.
  const json = new TextEncoder().encode(text + ' '.repeat((8 - (text.length % 8)) % 8))
  const file = new Uint8Array(8 + json.length + offset)
  new DataView(file.buffer).setBigUint64(0, BigInt(json.length), true)
  file.set(json, 8)
  let at = 8 + json.length
  for (const { bytes } of tensors) {
    file.set(bytes, at)
    at += bytes.length
  }
  return file
}

/** One file, or `shards` files with the index that names the file of every tensor. */
export function writeWeights(tensors: readonly StoredTensor[], shards = 1): Map<string, Uint8Array> {
  if (shards === 1) return new Map([['model.safetensors', writeSafetensors(tensors)]])
  const files = new Map<string, Uint8Array>()
  const weightMap: Record<string, string> = {}
  const number = (n: number) => String(n).padStart(5, '0')
  for (let s = 0; s < shards; s++) {
    const part = tensors.slice(
      Math.round((s * tensors.length) / shards),
      Math.round(((s + 1) * tensors.length) / shards)
    )
    const name = `model-${number(s + 1)}-of-${number(shards)}.safetensors`
    files.set(name, writeSafetensors(part))
    for (const tensor of part) weightMap[tensor.name] = name
  }
  const total = tensors.reduce((sum, { bytes }) => sum + bytes.length, 0)
  const index = { metadata: { total_size: total }, weight_map: weightMap }
  return files.set('model.safetensors.index.json', new TextEncoder().encode(JSON.stringify(index)))
}

export interface MemoryTensor {
  readonly dtype: string
  readonly shape: readonly number[]
  readonly bytes: Uint8Array
}

/** A safetensors file of these tensors, in their order, right or wrong: nothing is checked or padded. */
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
