import { expect, it } from 'vitest'
import { codeMatrix } from '../testing/codes'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { decode, encode, type FloatType } from '../testing/rounding'
import { writeSafetensors } from '../testing/safetensors-writer'
import { readSafetensorsHeader } from '../text/safetensors'
import { collectTensors, locateTable } from './locate-tensors'
import { rowSource } from './row-source'
import { type FloatTensor, rowsOf, type TensorLocation } from './tensor-location'
import { rounded, readTensor } from './tensor-values'

const [rows, width] = [50, 40]
const ids = Uint32Array.of(7, 49, 0, 7, 7, 21, 49)

it.each(['F32', 'F16', 'BF16'] as const)(
  '%s: rows in the order of the ids, and nothing else is read',
  async dtype => {
    const values = new Random(4).normals(rows * width)
    const bytes = encode(values, dtype)
    // Behind three bytes that are not its own: rows need not be aligned in a file.
    const file = Uint8Array.from([1, 2, 3, ...bytes])
    const reads: number[] = []
    const plain = byteSource(file)
    const source = {
      size: plain.size,
      read: (offset: number, into: Uint8Array) => {
        reads.push(into.length)
        return plain.read(offset, into)
      }
    }
    const tensor: TensorLocation = {
      ...{ source, file: 'f', name: 'table', dtype, shape: [rows, width] },
      ...{ start: 3, end: file.length }
    }
    const table = rowSource(tensor)
    expect(table.width).toBe(width)
    const found = await table.rows(ids)
    const held = decode(bytes, dtype)
    ids.forEach((id, at) =>
      expect([...found.subarray(at * width, (at + 1) * width)]).toEqual([
        ...held.subarray(id * width, (id + 1) * width)
      ])
    )
    expect(reads).toEqual(Array(ids.length).fill(bytes.length / rows))
    const many = Uint32Array.from({ length: 100 }, (_, i) => (i * 7) % rows)
    const each = await Promise.all(Array.from(many, id => table.rows(Uint32Array.of(id))))
    expect([...(await table.rows(many))]).toEqual(each.flatMap(row => [...row]))
    const beginnings = await rowSource(tensor, 12).rows(ids)
    ids.forEach((_, at) =>
      expect(beginnings.subarray(at * 12, (at + 1) * 12)).toEqual(found.subarray(at * width, at * width + 12))
    )
    expect(await table.rows(new Uint32Array())).toHaveLength(0)
    await expect(table.rows(Uint32Array.of(3, rows))).rejects.toThrow('row 50 of table, which has 50')
  }
)

const located = async (minimum: boolean) => {
  const values = new Random(5).normals(rows * width)
  const coded = codeMatrix('table.weight', values, width, { bits: 4, block: 16, minimum })
  const file = await readSafetensorsHeader(byteSource(writeSafetensors(coded.stored)), 'f')
  const spec = { role: 'table', name: 'table.weight', shape: [rows, width] }
  const tensor = locateTable(collectTensors([file]), '', [spec]).get('table')!
  return { tensor, values: coded.values }
}

it.each([true, false])('codes, with a minimum: %s, as the values that they stand for', async minimum => {
  const { tensor, values } = await located(minimum)
  const found = await rowSource(tensor).rows(ids)
  ids.forEach((id, at) =>
    [...values.subarray(id * width, (id + 1) * width)].forEach((value, i) =>
      expect(found[at * width + i]).toBeCloseTo(value, 5)
    )
  )
})

it('some rows of a matrix lie where the whole has them, scales too', async () => {
  const { tensor } = await located(true)
  const part = rowsOf(tensor, 20, 33)
  expect(part.shape).toEqual([13, width])
  const whole = await rowSource(tensor).rows(Uint32Array.of(20, 32))
  expect(await rowSource(part).rows(Uint32Array.of(0, 12))).toEqual(whole)
  const plain: TensorLocation = {
    ...{ source: byteSource(Uint8Array.from({ length: 60 }, (_, i) => i)), file: 'f', name: 't' },
    ...{ dtype: 'F16', shape: [10, 3], start: 0, end: 60 }
  }
  expect([...(await readTensor(rowsOf(plain, 2, 4) as FloatTensor))]).toEqual(
    Array.from({ length: 12 }, (_, i) => 12 + i)
  )
})

it('numbers rounded to the type of a file', () => {
  const roots: [number, FloatType, number][] = [
    [1536, 'BF16', 39.25],
    [2560, 'BF16', 50.5],
    [1536, 'F16', 39.1875],
    [1536, 'F32', Math.fround(Math.sqrt(1536))]
  ]
  for (const [dim, dtype, expected] of roots) expect(rounded(Math.sqrt(dim), dtype)).toBe(expected)
  const random = new Random(6)
  for (let i = 0; i < 2000; i++) {
    const value = random.normal() * 2 ** random.integer(20)
    for (const dtype of ['F32', 'F16', 'BF16'] as const)
      expect(rounded(value, dtype)).toBe(decode(encode([value], dtype), dtype)[0])
  }
  // Ties go to the even neighbour, and from the largest fraction on into the next power of two.
  expect(rounded(1 + 2 ** -8, 'BF16')).toBe(1)
  expect(rounded(1 + 3 * 2 ** -8, 'BF16')).toBe(1 + 2 ** -6)
  expect(rounded(1.999, 'BF16')).toBe(2)
})
