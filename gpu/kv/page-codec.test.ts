import { describe, expect, it } from 'vitest'
import { pageRows } from '../kernels/page-attention'
import { Random } from '../testing/random'
import { tinyKinds, tinyModel } from '../testing/tiny-model'
import { cutPage, header, headerBytes, pageShape, readHeader, rowBytes, wholePage } from './page-codec'

describe.each(['f16', 'f32'] as const)('pages of %s', kind => {
  const { config } = tinyModel('official-window', { seed: 1 })
  const shape = pageShape(config, kind)
  const random = new Random(2)
  const page = Uint8Array.from({ length: pageRows * rowBytes(shape) }, () => 1 + random.integer(255))

  it('know the size of a row', () => {
    // Three heads of six values, padded to eight, keys and values.
    expect(rowBytes(shape)).toBe(3 * 8 * 2 * (kind === 'f16' ? 2 : 4))
  })

  it.each([1, 2, 17, 255, 256])(
    'cut to %i rows and made whole again: those rows as they were, zeros behind',
    rows => {
      const cut = cutPage(shape, page, rows)
      expect(cut.length).toBe(rows * rowBytes(shape))
      const whole = wholePage(shape, cut, rows)
      const { kvHeads, head4, elementBytes } = shape
      const values = kvHeads * head4 * pageRows * elementBytes
      whole.forEach((byte, at) => {
        // K: lines of one element per row. V: rows of head4 elements.
        const row =
          at < values
            ? Math.floor(at / elementBytes) % pageRows
            : Math.floor((at - values) / (head4 * elementBytes)) % pageRows
        if (byte !== (row < rows ? page[at] : 0)) throw new Error(`byte ${at}, row ${row}: ${byte}`)
      })
      expect(cutPage(shape, whole, rows)).toEqual(cut)
    }
  )

  it('a full page is lent, not copied', () => {
    expect(cutPage(shape, page, pageRows)).toBe(page)
    expect(wholePage(shape, page, pageRows)).toBe(page)
  })
})

it.each(tinyKinds)('shapes follow the cross-decoder: %s', kind => {
  const { config } = tinyModel(kind, { seed: 1 })
  const shape = pageShape(config, 'f16')
  expect(shape).toEqual({
    kvHeads: config.cross.kvHeads,
    head4: Math.ceil(config.cross.headDim / 4),
    elementBytes: 8
  })
})

it('headers are sixteen bytes, little-endian, and come back', () => {
  const bytes = header(1_000_000, 77)
  expect(bytes).toHaveLength(headerBytes)
  expect([...bytes.subarray(0, 8)]).toEqual([0x40, 0x42, 0x0f, 0, 77, 0, 0, 0])
  // Payloads lie anywhere in a file, not at multiples of four.
  const shifted = new Uint8Array(headerBytes + 40)
  shifted.set(bytes, 3)
  expect([...readHeader(shifted.subarray(3))]).toEqual([1_000_000, 77, 0, 0])
})
