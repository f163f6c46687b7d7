import { expect, it } from 'vitest'
import { header, headerBytes, readHeader } from './page-codec'

it('headers are sixteen bytes, little-endian, and come back', () => {
  const bytes = header(1_000_000, 77)
  expect(bytes).toHaveLength(headerBytes)
  expect([...bytes.subarray(0, 8)]).toEqual([0x40, 0x42, 0x0f, 0, 77, 0, 0, 0])
  // Payloads lie anywhere in a file, not at multiples of four.
  const shifted = new Uint8Array(headerBytes + 40)
  shifted.set(bytes, 3)
  expect([...readHeader(shifted.subarray(3))]).toEqual([1_000_000, 77, 0, 0])
})
