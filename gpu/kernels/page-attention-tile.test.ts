import { expect, it } from 'vitest'
import { up4 } from '../device/tensor'
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
  type Workgroups
} from '../testing/gpu-testing'
import { pageWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { crossAttention } from '../testing/reference-attention'
import { throughPages } from '../testing/row-codes'
import type { BankRows } from './page-attention'
import { pageAttentionTile, tileScratch } from './page-attention-tile'
import { pageFormats, type PageKind, pageKinds } from './page-format'
import { type KvShape, pageLayout, pageRows } from './page-layout'

interface Heads extends KvShape {
  readonly heads: number
}

const configOf = (heads: number, kvHeads: number, headDim: number): Heads => ({ heads, kvHeads, headDim })

/** What no row may show: NaN in either precision. */
const poison = { f32: 0x7fc00000, f16: 0x7e007e00, int8: 0x7fc00000 }

interface Case {
  readonly config: Heads
  readonly kind: PageKind
  /** Rows written to each bank. */
  readonly banks: readonly number[]
  /** Rows of the chunk, the last of the text. */
  readonly rows: number
  /** Lengths into which the rows are cut; one by default. */
  readonly chunk?: number
  readonly shape?: Workgroups
  /** Deviation of queries and keys. */
  readonly spread?: number
}

/** Keys and values in pages of several sets, attended to by the last rows; what is found and what is right, padded. */
async function attended({ config, kind, banks, rows, chunk = rows, shape = 'software', spread = 0.3 }: Case) {
  const { heads, kvHeads, headDim } = config
  const [device, head] = [deviceWith(shape), up4(headDim)]
  const random = new Random(rows + headDim)
  const total = banks.reduce((a, b) => a + b, 0)
  const written = [spread, 1].map(size => random.normals(total * kvHeads * headDim, size).map(Math.fround))
  const [k, v] = written.map(rows => throughPages(rows, headDim, kind))
  const q = random.normals(rows * heads * headDim, spread).map(Math.fround)
  // Another set before it, so that a page's parts are told apart.
  const layout = pageLayout([{ kvHeads: 1, headDim: 8 }, config], pageFormats[kind])
  const write = await pageWriter(device, layout, 1)
  const attend = await pageAttentionTile(device, { heads, scale: 0.7 }, layout, 1)

  const [wide, kv] = [kvHeads * headDim, kvHeads * head]
  const made: BankRows[] = []
  let before = 0
  for (const count of banks) {
    const words = new Uint32Array((Math.ceil(count / pageRows) * layout.pageBytes) / 4).fill(poison[kind])
    const buffer = bufferOf(words, 'bank')
    const lines = new Float64Array(count * 2 * kv)
    for (let row = 0; row < count; row++) {
      const from = (before + row) * wide
      written.forEach((rows, i) =>
        lines.set(padded(rows.subarray(from, from + wide), headDim), row * 2 * kv + i * kv)
      )
    }
    await run(batch => write(batch, tensorOf(lines, 2 * kv, count + 1), buffer, 0, count), device)
    made.push({ buffer, rows: count, spanFrom: 0 })
    before += count
  }

  const scratch = tileScratch(device, heads, chunk)
  for (const buffer of Object.values(scratch))
    device.raw.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(poison.f32))
  const found = new Float32Array(rows * heads * head)
  for (let at = 0; at < rows; at += chunk) {
    const count = Math.min(chunk, rows - at)
    const own = q.subarray(at * heads * headDim, (at + count) * heads * headDim)
    const input = tensorOf(padded(own, headDim), heads * head, Math.ceil(count / 8) * 8, 'q')
    const y = poisoned(count + 1, heads * head)
    const visible = total - rows + at + 1
    await run(batch => attend(batch, { q: input, y, rows: count, banks: made, visible, scratch }), device)
    const values = await valuesOf(y)
    expect(values.subarray(count * heads * head).every(Number.isNaN), 'rows behind are untouched').toBe(true)
    found.set(values.subarray(0, count * heads * head), at * heads * head)
  }
  const positions = Array.from({ length: rows }, (_, row) => total - rows + row)
  // The reference divides by the root of the head size.
  const scaled = q.map(x => x * 0.7 * Math.sqrt(headDim))
  const expected = padded(crossAttention(scaled, k!, v!, config, positions).out, headDim)
  return { found, expected, width: heads * head }
}

async function check(testCase: Case, label: string, tolerance = 5e-6): Promise<void> {
  const { found, expected, width } = await attended(testCase)
  await expectRows(tensorOf(found, width), expected, tolerance, label)
}

describeGpu('page-attention-tile', () => {
  it.each([
    ['software', 'f16', 4, 1, 32],
    ['software', 'f32', 8, 2, 20],
    ['software', 'f16', 8, 1, 512],
    ['hardware', 'f32', 8, 1, 512],
    ['software', 'int8', 4, 2, 32],
    ['hardware', 'f16', 3, 1, 6]
  ] as const)('%s workgroups, %s: %i heads on %i of %i', async (shape, kind, heads, kvHeads, headDim) => {
    const config = configOf(heads, kvHeads, headDim)
    for (const [total, rows] of [
      [1, 1],
      [9, 9],
      [255, 3],
      [257, 40],
      [700, 17]
    ] as const)
      await check({ config, kind, banks: [total], rows, shape }, `${rows} rows of ${total}`)
  })

  const config = configOf(4, 2, 16)

  it.each(pageKinds)('%s: many pages, several dispatches, several banks', async kind => {
    await check({ config, kind, banks: [11 * pageRows + 5], rows: 50 }, 'two dispatches')
    await check({ config, kind, banks: [9 * pageRows, 2 * pageRows, 300], rows: 310 }, 'rows of two banks')
    // A question's rows lie in a bank of their own, behind a document that ends in the middle of a page.
    await check({ config, kind, banks: [601, 20], rows: 20 }, 'a question')
    await check({ config, kind, banks: [3, 1, 1, 30], rows: 33 }, 'banks of few rows')
  })

  it('scores that overflow a plain exponential', async () => {
    await check({ config, kind: 'f32', banks: [600], rows: 30, spread: 8 }, 'spread 8', 5e-5)
  })

  it.each(['f16', 'int8'] as const)(
    '%s: any cut into chunks and any banks give the same bits',
    async kind => {
      const [total, rows] = [10 * pageRows + 77, 300]
      const { found: once } = await attended({ config, kind, banks: [total], rows })
      for (const chunk of [1, 7, 64, 299])
        expect((await attended({ config, kind, banks: [total], rows, chunk })).found, `${chunk}`).toEqual(
          once
        )
      for (const first of [1, 3, 9]) {
        const banks = [first * pageRows, total - first * pageRows]
        expect((await attended({ config, kind, banks, rows, chunk: 50 })).found, `${banks}`).toEqual(once)
      }
    }
  )

  it('refuses queries without room for a whole tile', async () => {
    const device = deviceWith('software')
    const layout = pageLayout([config], pageFormats.f16)
    const attend = await pageAttentionTile(device, { heads: 4, scale: 1 }, layout)
    const scratch = tileScratch(device, 4, 8)
    await run(batch => {
      expect(() =>
        attend(batch, { q: poisoned(5, 64), y: poisoned(5, 64), rows: 5, banks: [], visible: 1, scratch })
      ).toThrow('page-attention-tile: q (output) is [5, 64], expected [at least 8, at least 64]')
    })
  })
})
