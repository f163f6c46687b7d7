/** Kernels that write codes: the very codes that a dispatch of its own makes of what they write as f32, and products fed by them. */
import { expect, it } from 'vitest'
import { copyFromBuffer } from '../device/readback'
import { type Tensor, up4 } from '../device/tensor'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  type Workgroups,
  workgroups
} from '../testing/gpu-testing'
import { pageWriter, ringWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { roundEven } from '../weights/tensor-values'
import { glu } from './glu'
import { pageAttention } from './page-attention'
import { pageFormats } from './page-format'
import { pageLayout } from './page-layout'
import { residualNorm } from './residual-norm'
import { rmsNorm } from './rms-norm'
import { floatRows, inForms, type RowOutput } from './row-output'
import { windowAttention, windowScratch } from './window-attention'

const rows = 11
/** A power of two, so that ties are ties; values go beyond both ends of the clip. */
const step = 2 ** -6
const forms = ['floats', 'codes'] as const

/** With room for a row more and for words behind every row, none of which is anybody's to write. */
function codesOf(width: number): RowOutput {
  const stride = Math.ceil(width / 16) * 4
  const buffer = bufferOf(new Uint32Array((rows + 1) * stride).fill(0x55555555))
  return { name: 'codes', form: 'codes', buffer, rows: rows + 1, width, stride, inverse: 1 / step }
}

/** What `encode` writes as f32 and as codes agree. */
async function check(
  shape: Workgroups,
  width: number,
  encode: (y: RowOutput) => Promise<Parameters<typeof run>[0]>
): Promise<void> {
  const [floats, codes] = [poisoned(rows + 1, width), codesOf(width)]
  for (const y of [floatRows(floats), codes]) await run(await encode(y), deviceWith(shape))
  const bytes = await copyFromBuffer(deviceWith(shape), codes.buffer, 0, codes.buffer.size)
  const found = new Int8Array(bytes.buffer)
  const seen = new Set<number>()
  const values = await valuesOf(floats)
  for (let row = 0; row <= rows; row++) {
    for (let i = 0; i < codes.stride * 4; i++) {
      const value = values[row * width + i]!
      const code = Math.min(127, Math.max(-128, roundEven(Math.fround(value / step)))) + 0
      const expected = row === rows || i >= width ? 0x55 : code
      if (found[row * codes.stride * 4 + i] !== expected)
        throw new Error(`row ${row}, value ${i}: ${found[row * codes.stride * 4 + i]}, expected ${expected}`)
      if (row < rows && i < width) seen.add(code)
    }
  }
  expect(seen.has(127) && seen.has(-128) && seen.size > 50, 'the sample has what it is for').toBe(true)
}

const onGrid = (random: Random, count: number): Float64Array =>
  Float64Array.from({ length: count }, () => (random.integer(700) - 350) * (step / 2))

describeGpu('rows that are written as codes', () => {
  const cases = workgroups.flatMap(shape => [36, 64, 260].map(width => [shape, width] as const))

  it.each(cases)('%s workgroups, width %i: norms, branches and gated units', async (shape, width) => {
    const [random, device] = [new Random(width), deviceWith(shape)]
    const weight = bufferOf(Float32Array.from(random.normals(width, 2)))
    const [x, y] = [onGrid(random, rows * width), random.normals(rows * width)]
    const [stream, branch] = [x, y].map(values => tensorOf(values, width, rows + 1)) as [Tensor, Tensor]
    const norm = { width, eps: 1e-6 }
    await check(shape, width, async y => {
      const of = await rmsNorm(device, norm, y)
      return batch => of(batch, stream, weight, rows)
    })
    const fresh = () => tensorOf(x, width, rows + 1)
    await check(shape, width, async input => {
      const of = await residualNorm(device, norm, weight, { norm: weight, input })
      return batch => of(batch, fresh(), branch, rows, 0.5)
    })
    // The stream itself, of which half the values are ties.
    await check(shape, width, async input => {
      const of = await residualNorm(device, norm, bufferOf(new Float32Array(up4(width))), { input })
      return batch => of(batch, fresh(), branch, rows)
    })
    await check(shape, width, async y => {
      const of = await glu(device, 'gelu', y)
      return batch => of(batch, { gate: stream, up: branch, upFirst: 0 }, rows)
    })
  })

  it.each(workgroups)('%s workgroups: attention to a window and to pages', async shape => {
    const [random, device, [heads, kvHeads, headDim]] = [new Random(2), deviceWith(shape), [3, 1, 20]]
    const [inner, kv] = [heads * headDim, kvHeads * headDim]
    const qkv = tensorOf(random.normals(16 * (inner + 2 * kv), 1.2), inner + 2 * kv, 16)
    const scratch = windowScratch(device, { heads, kvHeads, headDim, window: 5 }, 16)
    const ring = { keys: tensorOf([], kv, 40, 'keys', 9), values: tensorOf([], kv, 40, 'values', 9) }
    const keep = await ringWriter(device, { heads, kvHeads, headDim })
    const attend = await windowAttention(device, { heads, kvHeads, headDim, window: 5, forms })
    await check(shape, inner, async y => batch => {
      keep(batch, qkv, ring, 0, 16)
      attend(batch, { q: qkv, ring, y, start: 0, rows, scratch })
    })

    const layout = pageLayout([{ kvHeads, headDim }], pageFormats.f32)
    const bank = bufferOf(new Uint32Array(layout.pageBytes / 4))
    const lines = tensorOf(random.normals(40 * 2 * kv, 3), 2 * kv)
    const write = await pageWriter(device, layout)
    const pages = await pageAttention(device, heads, layout, { forms })
    const banks = [{ buffer: bank, rows: 40, spanFrom: 0 }]
    await check(shape, inner, async y => batch => {
      write(batch, lines, bank, 0, 40)
      pages.attend(batch, { q: qkv, y, rows, banks, visible: 1, scratch: pages.allocate(rows, [40]) })
    })
  })

  it('refuses a form that a kernel was not made for, and rows of another width', async () => {
    const kernel = await inForms(['floats'], async wgsl => wgsl)
    expect(kernel(floatRows(poisoned(1, 4)))).toContain('alias row4 = vec4f')
    expect(() => kernel(codesOf(4))).toThrow('row-output: no kernel writes codes to codes')
    const of = await rmsNorm(deviceWith('software'), { width: 8, eps: 1 }, codesOf(4))
    await run(batch => {
      expect(() => of(batch, poisoned(1, 8), bufferOf(new Float32Array(8)), 1)).toThrow(
        'rms-norm: y (codes) is [12, 4], expected [at least 1, 8]'
      )
    })
  })
})
