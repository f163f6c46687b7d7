/** Rows by id from the bytes of a file, against the values that they stand for. */
import { describe, expect, it } from 'vitest'
import { codeMatrix, type CodedAs } from '../testing/codes'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { decode, encode } from '../testing/rounding'
import { type StoredTensor, writeSafetensors } from '../testing/safetensors-writer'
import { readSafetensorsHeader } from '../text/safetensors'
import { codeTensor } from './code-tensor'
import { tableRows } from './table-rows'
import type { TensorLocation } from './tensor-location'

const [rows, width] = [37, 48]
const ids = [36, 0, 5, 5, 17]
const w = new Random(4).normals(rows * width)

/** Bytes asked for, so that a table which is read whole is told. */
async function opened(stored: readonly StoredTensor[]) {
  // Three bytes before all others: nothing is aligned.
  const odd = { name: 'odd', type: 'U8', shape: [3], bytes: new Uint8Array(3) } as const
  const source = byteSource(writeSafetensors([odd, ...stored]))
  const asked = { bytes: 0 }
  const counted: typeof source = {
    size: source.size,
    read: (offset, into) => {
      asked.bytes += into.length
      return source.read(offset, into)
    }
  }
  const file = await readSafetensorsHeader(counted, 'a.safetensors')
  asked.bytes = 0
  return { asked, file }
}

const picked = (values: ArrayLike<number>, columns: number): number[] =>
  ids.flatMap(id => Array.from({ length: columns }, (_, k) => values[id * width + k]!))

async function expectPicked(tensor: TensorLocation, values: ArrayLike<number>) {
  const table = tableRows(tensor)
  expect(table.width).toBe(width)
  for (const columns of [width, 32, 4]) {
    const into = new Float32Array(ids.length * columns + 3).fill(NaN)
    await table.read(ids, columns, into)
    const expected = picked(values, columns)
    into.subarray(0, expected.length).forEach((value, i) => expect(value).toBeCloseTo(expected[i]!, 6))
    expect([...into.subarray(expected.length)]).toEqual([NaN, NaN, NaN])
  }
}

describe('rows of a table', () => {
  it.each(['F32', 'F16', 'BF16'] as const)('of %s', async type => {
    const bytes = encode(w, type)
    const { asked, file } = await opened([{ name: 't', type, shape: [rows, width], bytes }])
    const { start, end } = file.tensors.get('t')!
    const shape = [rows, width]
    await expectPicked(
      { source: file.source, file: file.fileName, name: 't', dtype: type, shape, start, end },
      decode(bytes, type)
    )
    expect(asked.bytes).toBe((bytes.length / rows) * ids.length * ((width + 32 + 4) / width))
  })

  it.each([
    { bits: 2, block: 16, scale: 'F32' },
    { bits: 4, block: 16, scale: 'F32' },
    { bits: 4, block: 24, minimum: true },
    { bits: 8, type: 'I8', scale: 'F32' },
    { bits: 8, minimum: true, scale: 'BF16' }
  ] satisfies CodedAs[])('of codes: %o', async as => {
    const { stored, values } = codeMatrix('t.weight', w, width, as)
    const { asked, file } = await opened(stored)
    const found = (name: string) => {
      const entry = file.tensors.get(name)
      return entry && { file, name, entry }
    }
    const type = 'type' in as ? as.type! : 'U8'
    const blocks = { blocks: 'block' in as ? [as.block!] : [] }
    const tensor = codeTensor(found('t.weight')!, type, [rows, width], 't.weight', found, blocks)
    await expectPicked(tensor, values)
    expect(asked.bytes).toBeLessThan(tensor.end - tensor.start)
    await expect(tableRows(tensor).read([rows], 4, new Float32Array(4))).rejects.toThrow('which has 37')
  })

  it('a scale that is no number is refused by name and row', async () => {
    const { stored } = codeMatrix('t.weight', w, width, { bits: 4, block: 16, scale: 'F32' })
    const scale = new Float32Array(rows * 3).fill(1)
    scale[5 * 3 + 1] = Infinity
    const { file } = await opened([stored[0]!, { ...stored[1]!, bytes: new Uint8Array(scale.buffer) }])
    const found = (name: string) => {
      const entry = file.tensors.get(name)
      return entry && { file, name, entry }
    }
    const tensor = codeTensor(found('t.weight')!, 'U8', [rows, width], 't.weight', found)
    await tableRows(tensor).read(ids.slice(0, 2), width, new Float32Array(2 * width))
    await expect(tableRows(tensor).read([5], width, new Float32Array(width))).rejects.toThrow(
      '"t.weight_scale" holds Infinity in row 5'
    )
  })
})
