import { describe, expect, it } from 'vitest'
import { panelRows, type WeightKind } from '../kernels/weight-format'
import { describeGpu, deviceWith, weightTypes, wordsOf } from '../testing/gpu-testing'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { decode, encode, type FloatType } from '../testing/rounding'
import type { TensorLocation } from './tensor-location'
import { exactHalf, floatBits, floatsOf, halfToFloat } from './tensor-values'
import { type Piece, uploadMatrix } from './upload-matrix'

/** A tensor that does not begin its file. */
function tensorOf(values: ArrayLike<number>, width: number, dtype: FloatType): TensorLocation {
  const bytes = encode(values, dtype)
  const file = new Uint8Array(bytes.length + 24)
  file.set(bytes, 12)
  return {
    ...{
      source: byteSource(file),
      file: 'a.safetensors',
      name: 'w',
      dtype,
      start: 12,
      end: 12 + bytes.length
    },
    shape: [values.length / width, width]
  }
}

interface Stacked {
  readonly rows: number
  readonly group?: number
  readonly padded?: number
  readonly dtype?: FloatType
}

/** Uploads stacked tensors and compares every value on the GPU with where the layout says it lies. */
async function check(
  stacked: Stacked[],
  width: number,
  options: { columns?: { group: number; padded: number }; largest?: number } = {}
) {
  const random = new Random(width)
  const tensors = stacked.map(({ rows, dtype = 'F16' }) => {
    const values = decode(encode(random.normals(rows * width), dtype), dtype)
    return { values, location: tensorOf(values, width, dtype) }
  })
  const pieces: Piece[] = stacked.map(({ rows, group = rows, padded = group }, i) => ({
    tensor: tensors[i]!.location,
    group,
    padded
  }))
  const device = deviceWith('software', options.largest)
  const matrix = await uploadMatrix(device, 'stack', pieces, options.columns ?? {}, false)

  const { group = width, padded = Math.ceil(width / 4) * 4 } = options.columns ?? {}
  const inputs = (width / group) * padded
  expect(matrix.inputs).toBe(inputs)
  const rows: (Float64Array | undefined)[] = []
  for (const [i, { rows: count, group: heads = count, padded: room = heads }] of stacked.entries()) {
    for (let first = 0; first < count; first += heads) {
      for (let row = 0; row < room; row++) {
        const at = (first + row) * width
        rows.push(
          row < heads && first + row < count ? tensors[i]!.values.subarray(at, at + width) : undefined
        )
      }
    }
  }
  expect(matrix.outputs).toBe(Math.ceil(rows.length / 4) * 4)
  const found: number[] = []
  for (const part of matrix.parts) {
    expect(part.first).toBe(found.length / inputs)
    expect(part.buffer.size).toBeLessThanOrEqual(device.largestBinding)
    const bytes = new Uint8Array((await wordsOf(part.buffer)).buffer).subarray(
      0,
      (part.rows / panelRows) * matrix.format.panelBytes(inputs)
    )
    for (const value of decode(bytes, weightTypes[matrix.format.name as WeightKind])) found.push(value)
  }
  const expected = new Float64Array(found.length)
  rows.forEach((row, output) =>
    row?.forEach((value, k) => {
      const column = Math.floor(k / group) * padded + (k % group)
      expected[(Math.floor(output / panelRows) * inputs + column) * panelRows + (output % panelRows)] = value
    })
  )
  expect(found.findIndex((value, at) => value !== expected[at])).toBe(-1)
  return matrix
}

describeGpu('a matrix in panels', () => {
  it.each(['F16', 'BF16', 'F32'] as const)('%s: below, at and above a panel, inputs padded', async dtype => {
    for (const [rows, width] of [
      [1, 4],
      [31, 6],
      [32, 7],
      [33, 8],
      [100, 30]
    ] as const) {
      const { format } = await check([{ rows, dtype }], width)
      expect(weightTypes[format.name as WeightKind]).toBe(dtype)
    }
  })

  it('stacks tensors, heads padded to a multiple of four', async () => {
    await check(
      [
        { rows: 18, group: 6, padded: 8 },
        { rows: 12, group: 6, padded: 8 },
        { rows: 12, group: 6, padded: 8 },
        { rows: 3 }
      ],
      10
    )
    await check(
      [
        { rows: 50, padded: 52 },
        { rows: 50, padded: 52 }
      ],
      12
    )
  })

  it('pads the heads of its inputs too', async () => {
    await check([{ rows: 9 }], 18, { columns: { group: 6, padded: 8 } })
  })

  it('cuts between panels what is larger than a binding', async () => {
    const panel = 12 * panelRows * 2
    const parts = async (largest: number) =>
      (await check([{ rows: 170 }], 10, { largest })).parts.map(part => part.rows)
    expect(await parts(100 * panel)).toEqual([192])
    expect(await parts(6 * panel - 1)).toEqual([160, 32])
    expect(await parts(2 * panel + 100)).toEqual([64, 64, 64])
    expect(await parts(panel)).toEqual([32, 32, 32, 32, 32, 32])
  })

  it('keeps f32 files narrow where every value fits, and only there', async () => {
    const kindOf = async (...values: number[][]): Promise<string> => {
      const pieces = values.map(v => ({ tensor: tensorOf(v, 4, 'F32'), group: 1, padded: 1 }))
      return (await uploadMatrix(deviceWith('software'), 'w', pieces, {}, true)).format.name
    }
    expect(await kindOf([1, -0.5, 65504, 2 ** -24])).toBe('f16')
    expect(await kindOf([1, 2 ** 100, 2 ** -100, 0])).toBe('bf16')
    expect(await kindOf([1, 0.1, 0, 0])).toBe('f32')
    expect(await kindOf([1, 2, 3, 4], [0.1, 0, 0, 0])).toBe('f32')
    // A half and a bfloat16 together fit neither.
    expect(await kindOf([1 + 2 ** -10, 0, 0, 0], [2 ** 100, 0, 0, 0])).toBe('f32')
  })

  it.each([
    ['F16', 'BF16'],
    ['F32', 'F16']
  ] as const)('mixed types in one stack become f32: %s, %s', async (...types) => {
    const pieces = types.map(dtype => ({ rows: 8, dtype }))
    expect((await check(pieces, 8)).format.name).toBe('f32')
  })

  it('reads tensors longer than a block of four MiB', async () => {
    await check([{ rows: 700, dtype: 'F32' }], 2048)
  }, 60_000)

  it('blank: the same buffers, nothing read', async () => {
    const tensor: TensorLocation = {
      ...tensorOf(new Float64Array(64 * 8), 8, 'F16'),
      source: { size: 0, read: () => Promise.reject(new Error('read')) }
    }
    const { parts } = await uploadMatrix(
      deviceWith('software'),
      'w',
      [{ tensor, group: 64, padded: 64 }],
      {},
      true
    )
    expect(parts.map(part => part.buffer.size)).toEqual([64 * 8 * 2])
  })
})

describe('values', () => {
  it('every half comes back through f32', () => {
    for (let half = 0; half < 0x10000; half++) {
      const value = halfToFloat(half)
      expect(value).toBe(decode(Uint8Array.of(half & 255, half >> 8), 'F16')[0])
      if (Number.isFinite(value) && exactHalf(floatBits(value)) !== half)
        throw new Error(`half ${half.toString(16)}`)
    }
  })

  it('f32 values that are no half are told apart', () => {
    for (const value of [0.1, 65505, 65536, 2 ** -25, 1 + 2 ** -11, 2 ** -24 * 1.5, -1e-10]) {
      expect(exactHalf(floatBits(value)), `${value}`).toBe(-1)
    }
  })

  it('all types widen to f32', () => {
    for (const type of ['F32', 'F16', 'BF16'] as const) {
      const bytes = Uint8Array.from(encode([1.5, -3, 2 ** -14, 0], type))
      expect([...floatsOf(type, bytes)]).toEqual([1.5, -3, 2 ** -14, 0])
    }
  })
})
