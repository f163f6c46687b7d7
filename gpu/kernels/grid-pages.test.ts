/** Pages of 8 bits with constant steps: their codes, and attention over them against attention over the same values in f32. */
import { expect, it } from 'vitest'
import { copyFromBuffer } from '../device/readback'
import { bufferOf, describeGpu, device, poisoned, run, tensorOf, valuesOf } from '../testing/gpu-testing'
import { pageWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { relativeError } from '../testing/relative-error'
import { roundEven } from '../weights/tensor-values'
import { gridPages } from './grid-pages'
import { pageAttention } from './page-attention'
import { type PageFormat, pageFormats } from './page-format'
import { pageConstants, pageLayout, pageRows } from './page-layout'

const [heads, kvHeads, headDim, rows] = [4, 2, 16, 300]
const set = { kvHeads, headDim }
const width = 2 * kvHeads * headDim
/** Powers of two, so that codes are exact and ties are ties; other ones for every set. */
const steps = [
  { keys: 0.5, values: 0.25 },
  { keys: 2 ** -5, values: 2 ** -3 }
]
const stepAt = (of: number, i: number): number =>
  i % width < width / 2 ? steps[of]!.keys : steps[of]!.values
const codeOf = (value: number, step: number): number => Math.min(127, Math.max(-128, roundEven(value / step)))

/** Rows of k | v on a grid of half a step, beyond the clip at both ends. */
function sample(of: number): Float32Array {
  const random = new Random(7 + of)
  return Float32Array.from(
    { length: rows * width },
    (_, i) => (random.integer(600) - 300) * 0.5 * stepAt(of, i)
  )
}

async function written(format: PageFormat, of: readonly Float32Array[]) {
  const layout = pageLayout([set, set], format)
  const pages = Math.ceil(rows / pageRows)
  const bank = bufferOf(new Uint32Array((pages * layout.pageBytes) / 4))
  const kernels = await Promise.all([0, 1].map(i => pageAttention(device, heads, layout, { set: i })))
  const writes = await Promise.all([0, 1].map(i => pageWriter(device, layout, i)))
  await run(batch => {
    for (const [i, write] of writes.entries()) {
      write(batch, tensorOf(of[i]!.subarray(0, 250 * width), width), bank, 0, 250)
      write(batch, tensorOf(of[i]!.subarray(250 * width), width), bank, 250, 50)
    }
  })
  return { layout, bank, kernels }
}

describeGpu('pages of 8 bits on a grid', () => {
  it('hold the nearest code of every value, halves to even, from -128 to 127', async () => {
    const both = [sample(0), sample(1)]
    const { layout, bank } = await written(gridPages(steps), both)
    expect(layout.pageBytes).toBe(pageRows * 2 * width)
    const bytes = new Int8Array((await copyFromBuffer(device, bank, 0, bank.size)).buffer)
    for (const [of, x] of both.entries()) {
      const { FIRST, PAGE, HEAD4, KV_HEADS, PAGE_ROWS } = pageConstants(layout, of)
      for (let i = 0; i < x.length; i++) {
        const [row, column] = [Math.floor(i / width), i % width]
        const [in4, values] = [Math.floor((column % (width / 2)) / 4), column >= width / 2]
        const [page, at] = [Math.floor(row / PAGE_ROWS) * PAGE + FIRST, row % PAGE_ROWS]
        const element = values
          ? PAGE_ROWS * KV_HEADS * HEAD4 + (Math.floor(in4 / HEAD4) * PAGE_ROWS + at) * HEAD4 + (in4 % HEAD4)
          : in4 * PAGE_ROWS + at
        const found = bytes[(page + element) * 4 + (column % 4)]
        if (found !== codeOf(x[i]!, stepAt(of, i)) + 0)
          throw new Error(
            `set ${of}, row ${row}, column ${column}: ${found}, expected ${codeOf(x[i]!, stepAt(of, i))}`
          )
      }
      const codes = new Set(x.map((value, i) => codeOf(value, stepAt(of, i))))
      expect(codes.has(127) && codes.has(-128)).toBe(true)
    }
  })

  it('are attended to as what the codes stand for', async () => {
    const both = [sample(0), sample(1)]
    const values = both.map((x, of) => x.map((value, i) => codeOf(value, stepAt(of, i)) * stepAt(of, i)))
    const results: Float32Array[][] = []
    for (const [format, of] of [
      [gridPages(steps), both],
      [pageFormats.f32, values]
    ] as const) {
      const { bank, kernels } = await written(format, of)
      const q = tensorOf(Float32Array.from(new Random(3).normals(heads * headDim, 0.05)), heads * headDim)
      const found: Float32Array[] = []
      for (const kernel of kernels) {
        const y = poisoned(1, heads * headDim)
        const scratch = kernel.allocate(1, [rows])
        const banks = [{ buffer: bank, rows, spanFrom: 0 }]
        await run(batch => kernel.attend(batch, { q, y, rows: 1, banks, visible: rows, scratch }))
        scratch.free()
        found.push(await valuesOf(y))
      }
      results.push(found)
    }
    for (const of of [0, 1]) expect(relativeError(results[0]![of]!, results[1]![of]!)).toBeLessThan(3e-6)
  })

  it('have sizes without steps, and no kernels', () => {
    expect(pageLayout([set], gridPages()).rowBytes).toBe(width)
    expect(() => pageConstants(pageLayout([set], gridPages()), 0)).toThrow('no steps for set 0, there are 0')
  })
})

// Files of readings are named after them, and the window shows the bits at their end.
it.each([...Object.values(pageFormats), gridPages()].map(({ name }) => name))(
  'the name %s can stand in a file name and ends in its bits',
  name => expect(name).toMatch(/^[a-z]+(8|16|32)$/)
)
