/** Weights of 8, 4 and 2 bits from their bytes in a file to the kernels' results, against the values that they stand for. */
import { expect, it } from 'vitest'
import { codeMatrix, type CodedAs } from '../testing/codes'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  type Workgroups,
  workgroups
} from '../testing/gpu-testing'
import { byteSource } from '../testing/memory-files'
import { Random } from '../testing/random'
import { embed as referenceEmbed, linear as referenceLinear } from '../testing/reference'
import { relativeError } from '../testing/relative-error'
import { writeSafetensors } from '../testing/safetensors-writer'
import { readSafetensorsHeader } from '../text/safetensors'
import { codeTensor } from '../weights/code-tensor'
import type { CodeTensor } from '../weights/tensor-location'
import { type Piece, uploadMatrix } from '../weights/upload-matrix'
import { embed } from './embed'
import { linear, tileRows } from './linear'

/** Every number of bits, blocks and rows, with and without minimum, scales of both precisions. */
const forms: CodedAs[] = [
  { bits: 8, type: 'I8', scale: 'F32' },
  { bits: 8, block: 32 },
  { bits: 8, block: 16, minimum: true },
  { bits: 4, scale: 'F32' },
  { bits: 4, block: 32 },
  { bits: 4, block: 32, minimum: true },
  { bits: 4, type: 'U32', block: 64, minimum: true, scale: 'BF16' },
  { bits: 2, scale: 'F32' },
  { bits: 2, block: 16, minimum: true },
  { bits: 2, block: 16, minimum: true, scale: 'F32' }
]
const nameOf = ({ bits, block, minimum, scale = 'F16' }: CodedAs): string =>
  `int${bits}, ${block === undefined ? 'rows' : `blocks of ${block}`}${minimum ? ' with minimum' : ''}, ${scale}`

interface Sample {
  readonly tensor: CodeTensor
  readonly values: Float64Array
}

async function sample(outputs: number, inputs: number, as: CodedAs, seed = 1): Promise<Sample> {
  const random = new Random(outputs * 1000 + inputs + seed)
  const { stored, values } = codeMatrix(
    'w.weight',
    random.normals(outputs * inputs, inputs ** -0.5),
    inputs,
    as
  )
  // An odd name before the others: nothing in the file is aligned.
  const odd = { name: 'odd', type: 'U8', shape: [3], bytes: new Uint8Array(3) } as const
  const file = await readSafetensorsHeader(byteSource(writeSafetensors([odd, ...stored])), 'a.safetensors')
  const found = (name: string) => {
    const entry = file.tensors.get(name)
    return entry && { file, name, entry }
  }
  const type = as.type ?? 'U8'
  return { tensor: codeTensor(found('w.weight')!, type, [outputs, inputs], 'w.weight', found), values }
}

const whole = (tensor: CodeTensor): Piece => ({ tensor, group: tensor.shape[0]!, padded: tensor.shape[0]! })

const cases = workgroups.flatMap(shape => forms.map(as => [nameOf(as), shape, as] as const))

/** Panels not full, blocks not full, inputs that are no multiple of a block or of four. */
const sizes = [
  [1, 4],
  [36, 132],
  [44, 7],
  [132, 70],
  [260, 96]
] as const

async function check(
  { tensor, values }: Sample,
  shape: Workgroups,
  largest?: number
): Promise<{ readonly parts: number; readonly results: readonly Float32Array[] }> {
  const [outputs, inputs] = tensor.shape as [number, number]
  const device = deviceWith(shape, largest)
  const matrix = await uploadMatrix(device, 'w', [whole(tensor)], {}, false)
  const rows = tileRows + 3
  const x = new Random(inputs).normals(rows * inputs).map(Math.fround)
  const expected = padded(referenceLinear(x, values, inputs), outputs)
  const source = tensorOf(padded(x, inputs), matrix.inputs, 2 * tileRows)
  const [many, one] = [poisoned(rows + 2, matrix.outputs), poisoned(2, matrix.outputs)]
  const product = await linear(device, matrix)
  const ids = [0, outputs - 1, Math.floor(outputs / 2), 0]
  const table = await embed(device, matrix, 3)
  const looked = poisoned(ids.length + 1, matrix.inputs)
  await run(batch => {
    product.rows(batch, source, many, rows)
    product.row(batch, source, rows - 1, one)
    table(batch, bufferOf(Uint32Array.from(ids)), 0, ids.length, looked)
  }, device)
  await expectRows(many, expected, 2e-6, 'many rows')
  await expectRows(one, expected.subarray((rows - 1) * matrix.outputs), 2e-6, 'one row')
  const picked = padded(
    referenceEmbed(ids, values, inputs).map(v => (v / Math.sqrt(inputs)) * 3),
    inputs
  )
  await expectRows(looked, picked, 3e-7, 'embedding')
  return {
    parts: matrix.parts.length,
    results: [await valuesOf(many), await valuesOf(one), await valuesOf(looked)]
  }
}

describeGpu('weights of few bits', () => {
  it.each(cases)('%s, %s workgroups: linear-tile, linear-row and embed', async (_name, shape, as) => {
    for (const [outputs, inputs] of sizes)
      // Rows of less than 17 inputs in whole words do not tell their bits.
      if (as.type !== 'U32' || inputs > 16) await check(await sample(outputs, inputs, as), shape)
  })

  it('cut into parts, the same bits', async () => {
    for (const as of [forms[0]!, forms[5]!, forms[8]!]) {
      const one = await sample(170, 70, as)
      const uncut = await check(one, 'software')
      expect(uncut.parts).toBe(1)
      const cut = await check(one, 'software', 2500)
      expect(cut.parts).toBeGreaterThan(2)
      expect(cut.results).toEqual(uncut.results)
    }
  })

  it.each([
    ['alike', [forms[5]!, forms[5]!], 'int4, blocks of 32 with minimum'],
    [
      'of other bits and blocks',
      [
        { bits: 4, block: 32 },
        { bits: 8, block: 16 }
      ],
      'int8, blocks of 16'
    ],
    ['of rows and blocks', [{ bits: 2 }, { bits: 4, block: 64 }], 'int4, blocks of 64'],
    ['of rows', [{ bits: 4 }, { bits: 8, type: 'I8' }], 'int8, a scale a row'],
    ['with minimum and without', [forms[4]!, forms[5]!], 'f32']
  ] as const)('stacked tensors %s: heads padded, scales of each its own', async (_name, [a, b], format) => {
    const [first, second] = [await sample(18, 100, a, 1), await sample(12, 100, b, 2)]
    const pieces = [first, second].map(({ tensor }) => ({ tensor, group: 6, padded: 8 }))
    const device = deviceWith('software')
    const matrix = await uploadMatrix(device, 'stack', pieces, {}, false)
    expect(matrix.format.name).toBe(format)
    expect(matrix.outputs).toBe(40)
    const x = new Random(5).normals(100).map(Math.fround)
    const y = poisoned(1, 40)
    const { rows } = await linear(device, matrix)
    await run(batch => rows(batch, tensorOf(x, 100, tileRows), y, 1), device)
    const both = Float64Array.of(...first.values, ...second.values)
    const heads = referenceLinear(x, both, 100)
    const expected = Array.from({ length: 40 }, (_, n) =>
      n % 8 < 6 ? heads[Math.floor(n / 8) * 6 + (n % 8)]! : 0
    )
    await expectRows(y, expected, 2e-6)
  })

  it.each([
    ['one scale a row', { bits: 4 }, 'int4, a scale a row'],
    ['blocks, which padding between them would shift', { bits: 4, block: 16 }, 'f32'],
    ['a minimum, which no padded input has', { bits: 4, minimum: true }, 'f32']
  ] as const)('padded heads of inputs: %s', async (_name, as, format) => {
    const { tensor, values } = await sample(20, 36, as)
    const device = deviceWith('software')
    const matrix = await uploadMatrix(device, 'w', [whole(tensor)], { group: 6, padded: 8 }, false)
    expect(matrix.format.name).toBe(format)
    const x = new Random(6).normals(36).map(Math.fround)
    const y = poisoned(1, 20)
    const { row } = await linear(device, matrix)
    await run(batch => row(batch, tensorOf(padded(x, 6), 48), 0, y), device)
    await expectRows(y, referenceLinear(x, values, 36), 2e-6)
  })

  it('takes the memory of its bits and scales', async () => {
    const size = async (as: CodedAs) => {
      const { tensor } = await sample(64, 96, as)
      const matrix = await uploadMatrix(deviceWith('software'), 'w', [whole(tensor)], {}, true)
      return matrix.parts.reduce((sum, { buffer }) => sum + buffer.size, 0) / (64 * 96)
    }
    expect(await size({ bits: 4, block: 32, minimum: true })).toBe(5 / 8)
    expect(await size({ bits: 4, block: 32 })).toBe(4.5 / 8)
    expect(await size({ bits: 8, block: 32 })).toBe(9 / 8)
    expect(await size({ bits: 2, scale: 'F32' })).toBe((2 + 32 / 96) / 8)
  })

  it('a row and a row among others agree', async () => {
    const { tensor } = await sample(300, 132, forms[5]!)
    const device = deviceWith('hardware')
    const matrix = await uploadMatrix(device, 'w', [whole(tensor)], {}, false)
    const product = await linear(device, matrix)
    const x = tensorOf(new Random(1).normals(132).map(Math.fround), 132, tileRows)
    const [many, one] = [poisoned(1, 300), poisoned(1, 300)]
    await run(batch => {
      product.rows(batch, x, many, 1)
      product.row(batch, x, 0, one)
    }, device)
    expect(relativeError(await valuesOf(one), await valuesOf(many))).toBeLessThan(1e-6)
  })
})
