import { describe, expect, it } from 'vitest'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { sameTensor } from './same-tensor'
import type { CodeTensor, FloatTensor } from './tensor-location'

/** Longer than two blocks of reading, and no multiple of a word. */
const [rows, rowBytes] = [1003, 8373]

interface Change {
  readonly byte?: number
  readonly scale?: number
}

/** A tensor of codes in a file of its own, begun at an odd place. */
function tensor(at: number, { byte, scale }: Change = {}): CodeTensor {
  const random = new Random(3)
  const bytes = new Uint8Array(at + rows * rowBytes + rows * 4)
  for (let i = at; i < bytes.length; i++) bytes[i] = (i - at) % 7 === 0 ? random.integer(256) : (i - at) & 255
  const end = at + rows * rowBytes
  if (byte !== undefined) bytes[at + byte]! ^= 1
  if (scale !== undefined) bytes[end + scale]! ^= 1
  const source = byteSource(bytes)
  const place = { source, file: 'a.safetensors', name: 'w' }
  const scales: FloatTensor = { ...place, dtype: 'F32', shape: [rows, 1], start: end, end: bytes.length }
  return {
    ...place,
    dtype: 'U8',
    shape: [rows, rowBytes * 4],
    start: at,
    end,
    codes: { bits: 2, rowBytes, block: undefined, scale: scales, minimum: undefined }
  }
}

describe('the same tensor twice', () => {
  it('is told wherever it lies', async () => {
    expect(await sameTensor(tensor(3), tensor(10))).toBe(true)
  })

  it.each([
    ['the first byte', { byte: 0 }],
    ['a byte of the last block', { byte: (8 << 20) + 5 }],
    ['the last byte', { byte: rows * rowBytes - 1 }],
    ['the first scale', { scale: 0 }],
    ['the last scale', { scale: rows * 4 - 1 }]
  ])('one bit of %s makes another of it', async (_name, change) => {
    expect(await sameTensor(tensor(3), tensor(3, change))).toBe(false)
    expect(await sameTensor(tensor(10, change), tensor(3))).toBe(false)
  })

  it('other bits, shapes and types are others', async () => {
    const one = tensor(3)
    expect(await sameTensor(one, { ...one, codes: { ...one.codes, bits: 4 } })).toBe(false)
    expect(await sameTensor(one, { ...one, shape: [rows * 2, rowBytes * 2] })).toBe(false)
    expect(await sameTensor(one, { ...one, dtype: 'I8' })).toBe(false)
    expect(await sameTensor(one, { ...one, codes: { ...one.codes, minimum: one.codes.scale } })).toBe(false)
  })
})
