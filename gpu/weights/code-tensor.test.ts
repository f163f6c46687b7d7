/** Files whose codes and scales do not fit together: refused by name before a weight is read. */
import { describe, expect, it } from 'vitest'
import { openModelFolder } from '../model-folder'
import { memoryFiles } from '../testing/memory-files'
import { codeMatrix } from '../testing/codes'
import { type StoredTensor, writeSafetensors } from '../testing/safetensors-writer'
import { tinyModel } from '../testing/tiny-model'
import { CodeRows } from './row-reader'
import type { CodeTensor } from './tensor-location'

const name = 'embed_tokens.weight'
const model = tinyModel('official-window', { seed: 1, dtype: 'F16' })
const { vocabSize, dim } = model.config
const as = { bits: 4, block: 16, minimum: true } as const
const { stored } = codeMatrix(name, model.tensor('embed'), dim, as)
const [codes, scale, minimum] = stored as [StoredTensor, StoredTensor, StoredTensor]
const blocks = Math.ceil(dim / 16)

const others = ((): StoredTensor[] => {
  const file = Buffer.from(model.bytes.get('model.safetensors')!)
  const data = 8 + Number(file.readBigUInt64LE(0))
  const header: Record<string, { dtype: 'F16'; shape: number[]; data_offsets: [number, number] }> =
    JSON.parse(file.toString('utf8', 8, data))
  return Object.entries(header)
    .filter(([each]) => each !== '__metadata__' && each !== name)
    .map(
      ([
        each,
        {
          dtype,
          shape,
          data_offsets: [from, to]
        }
      ]) => ({
        name: each,
        type: dtype,
        shape,
        bytes: file.subarray(data + from, data + to)
      })
    )
})()

const open = (embed: readonly StoredTensor[]) => {
  const weights = writeSafetensors([...others, ...embed])
  return openModelFolder(memoryFiles('coded', new Map(model.bytes).set('model.safetensors', weights)))
}
const embedOf = async (embed: readonly StoredTensor[]): Promise<CodeTensor> =>
  (await open(embed)).tensors.get('embed') as CodeTensor
const zeros = (tensor: StoredTensor, change: Partial<StoredTensor>): StoredTensor => {
  const { type, shape } = { ...tensor, ...change }
  const bytes = { F32: 4, U32: 4, F16: 2, BF16: 2, U8: 1, I8: 1 }[type]
  return { ...tensor, type, shape, bytes: new Uint8Array(shape.reduce((a, b) => a * b, bytes)), ...change }
}

describe('a matrix of codes', () => {
  it('is told by its names and sizes: bits, blocks, scales, minima', async () => {
    expect(dim % 16).not.toBe(0)
    expect((await embedOf(stored)).codes).toMatchObject({ bits: 4, block: 16, rowBytes: dim / 2 })
    expect((await embedOf(stored)).shape).toEqual([vocabSize, dim])
    const forms = [
      { bits: 8, type: 'I8' },
      { bits: 8, block: 32 },
      { bits: 4, type: 'U32', scale: 'F32' },
      { bits: 2, block: 16, minimum: true, scale: 'BF16' }
    ] as const
    for (const form of forms) {
      const { codes } = await embedOf(codeMatrix(name, model.tensor('embed'), dim, form).stored)
      expect(codes).toMatchObject({ bits: form.bits, block: 'block' in form ? form.block : undefined })
      expect(codes.minimum !== undefined).toBe('minimum' in form)
    }
  })

  it('takes the names that MLX gives', async () => {
    const named = [
      codes,
      { ...scale, name: 'embed_tokens.scales' },
      { ...minimum, name: 'embed_tokens.biases' }
    ]
    expect((await embedOf(named)).codes.minimum?.name).toBe('embed_tokens.biases')
  })

  it.each([
    ['without scales', [codes], 'broken-model', /holds codes \(U8\).*no tensor "embed_tokens.weight_scale"/],
    [
      'a minimum without its codes',
      [
        {
          ...codes,
          ...codeMatrix(name, model.tensor('embed'), dim, { bits: 8 }).stored[0],
          type: 'I8' as const
        },
        scale,
        minimum
      ],
      'unsupported-model',
      /signed codes \(I8\) and a minimum, "embed_tokens.weight_minimum"/
    ],
    [
      'rows of another width',
      [zeros(codes, { shape: [vocabSize, dim / 2 + 1] }), scale, minimum],
      'broken-model',
      new RegExp(
        `expected \\[${vocabSize},${dim}\\] \\(8 bits\\) or \\[${vocabSize},${dim / 2}\\] \\(4 bits\\)`
      )
    ],
    [
      'fewer rows',
      [zeros(codes, { shape: [vocabSize - 1, dim / 2] }), scale, minimum],
      'broken-model',
      /has shape .* for codes of/
    ],
    [
      'scales of a block that nobody knows',
      [codes, zeros(scale, { shape: [vocabSize, blocks + 1] }), minimum],
      'broken-model',
      /"embed_tokens.weight_scale" has shape .*a scale for every row, or for every 16, 32, 64, 128 of its/
    ],
    [
      'scales of fewer rows',
      [codes, zeros(scale, { shape: [vocabSize - 1, blocks] }), minimum],
      'broken-model',
      /"embed_tokens.weight_scale" has shape/
    ],
    [
      'scales that are whole numbers',
      [codes, zeros(scale, { type: 'U8' }), minimum],
      'unsupported-model',
      /"embed_tokens.weight_scale" has dtype "U8", expected F32, F16 or BF16 for the scales/
    ],
    [
      'a minimum of another shape',
      [codes, scale, zeros(minimum, { shape: [vocabSize, 1] })],
      'broken-model',
      new RegExp(`"embed_tokens.weight_minimum" has shape .*expected \\[${vocabSize},${blocks}\\]`)
    ],
    [
      'scales of a matrix of floats',
      [zeros(codes, { type: 'F16', shape: [vocabSize, dim] }), scale],
      'broken-model',
      /holds the tensor "embed_tokens.weight_scale", which this configuration has no place for/
    ]
  ])('%s', async (_what, embed, code, message) => {
    await expect(open(embed)).rejects.toMatchObject({ code, message: expect.stringMatching(message) })
  })

  it('a norm of codes is refused', async () => {
    const norm = others.findIndex(tensor => tensor.name === 'layer_norm.weight')
    const kept = others[norm]!
    others[norm] = zeros(kept, { type: 'U8' })
    await expect(open(stored)).rejects.toThrow(
      /"layer_norm.weight" has dtype "U8", expected F32, F16 or BF16\./
    )
    others[norm] = kept
  })

  it('rows too short to tell their bits are refused', async () => {
    const { codeTensor } = await import('./code-tensor')
    const file = {
      fileName: 'a',
      source: { size: 0, read: async () => undefined },
      tensors: new Map(),
      metadata: new Map()
    }
    const entry = { dtype: 'U32', shape: [3, 1], start: 0, end: 12, elements: 3 }
    expect(() => codeTensor({ file, name: 'w', entry }, 'U32', [3, 8], 'w', () => undefined)).toThrow(
      /may hold codes of any of 4, 2 bits, since its rows are only 8 values long/
    )
  })

  it('a scale that is no number is named when its row is read', async () => {
    const bytes = Uint8Array.from(scale.bytes)
    new DataView(bytes.buffer).setUint16(2 * (5 * blocks + 1), 0x7e00, true)
    const rows = new CodeRows(await embedOf([codes, { ...scale, bytes }, minimum]))
    expect((await rows.borrow(4)).codes).toHaveLength(dim)
    await expect(rows.borrow(5)).rejects.toThrow(/"embed_tokens.weight_scale" holds NaN in row 5/)
  })

  it('rows give back the codes and scales of the file, in every packing', async () => {
    const values = model.tensor('embed')
    for (const form of [
      { bits: 8, type: 'I8' },
      { bits: 8, block: 16, minimum: true },
      { bits: 4, type: 'U32', block: 16 },
      { bits: 2, block: 32 }
    ] as const) {
      const coded = codeMatrix(name, values, dim, form)
      const tensor = await embedOf(coded.stored)
      const rows = new CodeRows(tensor)
      for (let row = 0; row < vocabSize; row++) {
        const { codes, scale, minimum } = await rows.borrow(row)
        const zero = minimum ? 0 : 2 ** (form.bits - 1)
        const found = Array.from(codes, (code, k) => {
          const b = Math.floor(k / (tensor.codes.block ?? dim))
          return Math.fround(scale[b]! * (code - zero) + (minimum?.[b] ?? 0))
        })
        expect(found).toEqual([...coded.values.subarray(row * dim, (row + 1) * dim)])
      }
    }
  })
})
