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
  wordsOf,
  type Workgroups,
  workgroups
} from '../testing/gpu-testing'
import { long } from '../testing/long'
import { Random } from '../testing/random'
import { crossAttention } from '../testing/reference-attention'
import { relativeError } from '../testing/relative-error'
import { f16Bits } from '../testing/rounding'
import { pageWriter } from '../testing/kept-rows'
import { rowCodes, throughCodes, throughPages } from '../testing/row-codes'
import { type BankRows, pageAttention, spanTokens } from './page-attention'
import { pageFormats, type PageKind, pageKinds } from './page-format'
import { type KvShape, pageLayout, pageRows } from './page-layout'

interface Heads extends KvShape {
  readonly heads: number
}

const configOf = (heads: number, kvHeads: number, headDim: number): Heads => ({ heads, kvHeads, headDim })
const layoutOf = (shape: KvShape, kind: PageKind) => pageLayout([shape], pageFormats[kind])

/** What no row may show: NaN in every precision; as codes of a scale that is NaN, too. */
const poison = { f32: 0x7fc00000, f16: 0x7e007e00, int8: 0x7fc00000 }

interface Case {
  readonly config: Heads
  readonly kind: PageKind
  /** Rows written to each bank; each but the last is full. */
  readonly banks: readonly number[]
  /** Queries, the first of which sees `visible` rows. */
  readonly queries: number
  readonly visible: number
  readonly shape?: Workgroups
  /** Deviation of queries and keys. */
  readonly spread?: number
  /** Rows at the beginning that are no text. */
  readonly spanFrom?: number
}

/** Writes, attends and compares: outputs always, span sums where there is one query. */
async function check(
  { config, kind, banks, queries, visible, shape = 'software', spread = 1, spanFrom = 0 }: Case,
  label = ''
) {
  const { heads, kvHeads, headDim } = config
  const [device, head] = [deviceWith(shape), up4(headDim)]
  const random = new Random(visible + headDim)
  const rows = banks.reduce((a, b) => a + b, 0)
  const kept = (written: Float64Array) => throughPages(written, headDim, kind)
  const written = (spread: number) => random.normals(rows * kvHeads * headDim, spread).map(Math.fround)
  const [k, v] = [written(spread), written(1)]
  const q = random.normals(queries * heads * headDim, spread).map(Math.fround)
  const pages = await pageAttention(device, config.heads, layoutOf(config, kind))
  const write = await pageWriter(device, layoutOf(config, kind))

  const [wide, kv] = [kvHeads * headDim, kvHeads * head]
  const made: BankRows[] = []
  let before = 0
  const longest = rows > 2000 ? 1100 : 100
  for (const count of banks) {
    const words = new Uint32Array((Math.ceil(count / pageRows) * layoutOf(config, kind).pageBytes) / 4).fill(
      poison[kind]
    )
    const buffer = bufferOf(words, 'bank')
    // Chunks of 100 rows and more cross page borders at many places.
    for (let at = 0; at < count; at += longest) {
      const chunk = Math.min(longest, count - at)
      const lines = new Float64Array(chunk * 2 * kv)
      for (let row = 0; row < chunk; row++) {
        const from = (before + at + row) * wide
        lines.set(padded(k.subarray(from, from + wide), headDim), row * 2 * kv)
        lines.set(padded(v.subarray(from, from + wide), headDim), row * 2 * kv + kv)
      }
      await run(batch => write(batch, tensorOf(lines, 2 * kv, chunk + 1), buffer, at, chunk), device)
    }
    made.push({ buffer, rows: count, spanFrom: Math.max(0, spanFrom - before) })
    before += count
  }

  const scratch = pages.allocate(queries, banks)
  for (const buffer of [scratch.sums, scratch.peaks, scratch.total, scratch.spans, scratch.tilePeaks]) {
    device.raw.queue.writeBuffer(buffer, 0, new Uint32Array(buffer.size / 4).fill(poison.f32))
  }
  const spans = pages.spanCount(banks)
  const mass = queries === 1 ? tensorOf(new Float32Array(spans).fill(0.5), spans, 2) : undefined
  const y = poisoned(queries + 1, heads * head)
  const input = tensorOf(padded(q, headDim), heads * head, queries + 1, 'q', 7)
  await run(
    batch =>
      pages.attend(batch, { q: input, banks: made, visible, y, rows: queries, scratch, mass: mass?.buffer }),
    device
  )
  scratch.free()

  const positions = Array.from({ length: queries }, (_, row) => visible + row - 1)
  const exact = crossAttention(q, kept(k), kept(v), config, positions)
  await expectRows(y, padded(exact.out, headDim), 5e-6, `${label} out`)
  if (mass) {
    // Every bank's spans start anew, and a bank's are counted up to a whole tile.
    const expected = new Float64Array(spans).fill(0.5)
    let [row, span] = [0, 0]
    for (const count of banks) {
      for (let i = 0; i < count; i++, row++) {
        if (row >= spanFrom && row < visible) expected[span + Math.floor(i / spanTokens)]! += exact.mass[row]!
      }
      span += pages.spanCount([count])
    }
    await expectRows(mass, expected, 5e-6, `${label} mass`)
  }
  return { mass: exact.mass }
}

describeGpu('page-attention', () => {
  it.each(pageKinds)('%s: one query on texts below, at and above a span, a tile, a page', async kind => {
    const config = configOf(3, 1, 20)
    for (const rows of [1, 2, 15, 16, 17, 255, 256, 257, 511, 600]) {
      await check({ config, kind, banks: [rows], queries: 1, visible: rows }, `${rows} rows`)
    }
  })

  // Groups of 1, 3 and 8; values of a head in one line of lanes, in several, and in parts of a line. Kept few and small:
  // lavapipe compiles a new size for up to a minute.
  const sizes = [
    ['software', 2, 2, 6],
    ['hardware', 3, 1, 20],
    ['hardware', 8, 1, 4]
  ] as const
  const more = [
    ['software', 6, 2, 32],
    ['software', 1, 1, 64],
    ['software', 1, 1, 128],
    ['software', 8, 1, 4],
    ['hardware', 1, 1, 128]
  ] as const
  it.each(long('page-attention') ? [...sizes, ...more] : sizes)(
    '%s workgroups, %i heads on %i of %i: several queries, each seeing one row more',
    async (shape, heads, kvHeads, headDim) => {
      const config = configOf(heads, kvHeads, headDim)
      for (const [rows, visible, queries] of [
        [8, 1, 8],
        [300, 293, 8],
        [300, 250, 7]
      ] as const) {
        await check(
          { config, kind: 'f16', banks: [rows], queries, visible, shape },
          `${queries} queries from ${visible}`
        )
      }
      await check({ config, kind: 'f32', banks: [256, 77], queries: 1, visible: 333, shape })
    }
  )

  it.each(pageKinds)(
    '%s: banks with partly filled last pages, limits before, at and behind a bank’s border',
    async kind => {
      const config = configOf(3, 1, 20)
      const banks = [512, 256, 40]
      for (const visible of [3, 511, 512, 513, 768, 769, 801]) {
        await check({ config, kind, banks, queries: 8, visible }, `visible ${visible}`)
        await check({ config, kind, banks, queries: 1, visible }, `one, visible ${visible}`)
      }
      // A document's last page is partly filled, and an answer's own bank follows it.
      for (const visible of [290, 301, 320])
        await check({ config, kind, banks: [300, 20], queries: 1, visible }, `answer, visible ${visible}`)
    }
  )

  it.each([1, 15, 16, 17, 256, 270, 299])(
    'rows before %i are no text, and no span counts them',
    async spanFrom => {
      await check({
        config: configOf(3, 1, 20),
        kind: 'f16',
        banks: [256, 44],
        queries: 1,
        visible: 300,
        spanFrom
      })
    }
  )

  it.each(workgroups)('%s workgroups: more tiles than splits', async shape => {
    // A bank of tiles of 256 keys is cut into at most 64 splits: 16,384 keys, then two tiles each.
    const config = configOf(1, 1, 4)
    for (const rows of [16384, 16385, 33100]) {
      await check({ config, kind: 'f32', banks: [rows], queries: 1, visible: rows, shape }, `${rows} rows`)
    }
    await check({ config, kind: 'f16', banks: [16640, 17000], queries: 3, visible: 16639, shape })
  })

  it('scores that overflow a plain exponential', async () => {
    await check({
      config: configOf(3, 1, 20),
      kind: 'f32',
      banks: [256, 256],
      queries: 1,
      visible: 500,
      spread: 12
    })
  })

  it('adds up over layers', async () => {
    const { mass } = await check({
      config: configOf(3, 1, 20),
      kind: 'f32',
      banks: [40],
      queries: 1,
      visible: 40
    })
    expect(mass.reduce((a, b) => a + b, 0)).toBeCloseTo(3, 10)
  })
})

describeGpu('page-write', () => {
  const config = configOf(2, 2, 6)

  it.each(['f16', 'f32'] as const)(
    '%s: rows where page-attention reads them, all others untouched',
    async kind => {
      const device = deviceWith('software')
      const write = await pageWriter(device, layoutOf(config, kind))
      const random = new Random(3)
      const [first, rows, kv] = [250, 20, 16]
      const lines = random.normals(rows * 2 * kv, 100).map(Math.fround)
      // Halves at the ends of their range, and too small for a normal one.
      lines.set([65504, -65504, 2 ** -14, 2 ** -24, -3 * 2 ** -24, 1023 * 2 ** -24, 0, -0])
      const bank = bufferOf(new Uint32Array((2 * layoutOf(config, kind).pageBytes) / 4).fill(poison[kind]))
      await run(batch => write(batch, tensorOf(lines, 2 * kv, rows + 1), bank, first, rows), device)

      const words = await wordsOf(bank)
      const found = kind === 'f16' ? new Uint16Array(words.buffer) : words
      const empty = kind === 'f16' ? 0x7e00 : poison.f32
      const expected = new Map<number, number>()
      for (let i = 0; i < rows; i++) {
        for (let c = 0; c < 2 * kv; c++) {
          const [page, row] = [Math.floor((first + i) / pageRows), (first + i) % pageRows]
          const [part, head, d] = [Math.floor(c / kv), Math.floor((c % kv) / 8), c % 8]
          const inPage =
            part === 0
              ? ((head * 2 + (d >> 2)) * pageRows + row) * 4 + (d & 3)
              : (kv + head * 8) * pageRows + row * 8 + d
          const value = lines[i * 2 * kv + c]!
          const bits = kind === 'f16' ? f16Bits(value) : new Uint32Array(Float32Array.of(value).buffer)[0]!
          expected.set(page * pageRows * 2 * kv + inPage, bits)
        }
      }
      expect(found.findIndex((bits, at) => bits !== (expected.get(at) ?? empty))).toBe(-1)
    }
  )

  it('reads back what it wrote, subnormal halves included', async () => {
    const device = deviceWith('software')
    const one = configOf(1, 1, 4)
    const pages = await pageAttention(device, one.heads, layoutOf(one, 'f16'))
    const write = await pageWriter(device, layoutOf(one, 'f16'))
    const bank = bufferOf(new Uint32Array(layoutOf(one, 'f16').pageBytes / 4))
    const row = Float64Array.of(0, 0, 0, 0, 2 ** -24, -5 * 2 ** -24, 1000 * 2 ** -24, 0.25)
    const [scratch, y] = [pages.allocate(1, [1]), poisoned(1, 4)]
    await run(batch => {
      write(batch, tensorOf(row, 8), bank, 0, 1)
      const banks = [{ buffer: bank, rows: 1, spanFrom: 0 }]
      pages.attend(batch, { q: tensorOf([1, 1, 1, 1], 4), banks, visible: 1, y, rows: 1, scratch })
    }, device)
    expect(
      relativeError(await wordsOf(y.buffer).then(words => new Float32Array(words.buffer)), row.subarray(4))
    ).toBe(0)
  })

  it('int8: codes and scales where page-attention reads them, all other bytes untouched, cut anyhow', async () => {
    const shape = configOf(2, 2, 72)
    const layout = layoutOf(shape, 'int8')
    const random = new Random(3)
    const [first, rows, head] = [250, 20, 72]
    const lines = random.normals(rows * 4 * head, 100).map(Math.fround)
    // Zeros; ties of a scale of 1; too small for a scale; the largest and the least that there is.
    lines.fill(0, 0, head)
    lines.set([127, 0.5, 1.5, -0.5, -2.5, 63.5, -126.5, 126.49], head)
    lines.fill(2 ** -120, 2 * head, 3 * head)
    lines.set([3.4e38, -3.4e38, 1, 2 ** -149].map(Math.fround), 3 * head)

    for (const [on, cuts] of [
      ['software', [rows]],
      ['hardware', [1, 3, 7, 9]]
    ] as const) {
      const device = deviceWith(on)
      const write = await pageWriter(device, layout)
      const bank = bufferOf(new Uint32Array((2 * layout.pageBytes) / 4).fill(poison.int8))
      let at = 0
      for (const count of cuts) {
        const chunk = tensorOf(lines.subarray(at * 4 * head, (at + count) * 4 * head), 4 * head, count + 1)
        await run(batch => write(batch, chunk, bank, first + at, count), device)
        at += count
      }
      const expected = new Uint32Array((2 * layout.pageBytes) / 4).fill(poison.int8)
      for (let i = 0; i < rows; i++)
        for (let part = 0; part < 4; part++) {
          const { codes, scale } = rowCodes(lines.subarray((i * 4 + part) * head, (i * 4 + part + 1) * head))
          const [row, kvHead] = [(first + i) % pageRows, part % 2]
          const page = Math.floor((first + i) / pageRows) * (layout.pageBytes / 4)
          const words = new Uint32Array(codes.buffer)
          const all = 2 * pageRows * (head / 4)
          for (const [d, word] of words.entries())
            expected[
              page +
                (part < 2
                  ? (kvHead * (head / 4) + d) * pageRows + row
                  : all + (kvHead * pageRows + row) * (head / 4) + d)
            ] = word
          const scales = page + 2 * all + (part < 2 ? 0 : 2 * pageRows)
          expected.set(new Uint32Array(Float32Array.of(scale).buffer), scales + kvHead * pageRows + row)
        }
      const found = await wordsOf(bank)
      expect(found.findIndex((word, at) => word !== expected[at])).toBe(-1)
    }
  })

  it('int8: heads of zeros and too small for a scale are read back as zeros', async () => {
    const device = deviceWith('software')
    const one = configOf(1, 1, 4)
    const pages = await pageAttention(device, one.heads, layoutOf(one, 'int8'))
    const write = await pageWriter(device, layoutOf(one, 'int8'))
    const bank = bufferOf(new Uint32Array(layoutOf(one, 'int8').pageBytes / 4).fill(poison.int8))
    const lines = Float64Array.of(0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8, 0, 0, 2 ** -149, -(2 ** -120))
    const [scratch, y] = [pages.allocate(1, [2]), poisoned(1, 4)]
    await run(batch => {
      write(batch, tensorOf(lines, 8), bank, 0, 2)
      const banks = [{ buffer: bank, rows: 2, spanFrom: 0 }]
      pages.attend(batch, { q: tensorOf([-100, 0, 0, 0], 4), banks, visible: 2, y, rows: 1, scratch })
    }, device)
    const words = await wordsOf(y.buffer)
    // The first key is zeros, the second seen with exp(-250): the first row's values alone.
    expect(relativeError(new Float32Array(words.buffer), throughCodes(lines.subarray(4, 8), 4))).toBeLessThan(
      1e-6
    )
  })

  it.each(['f32', 'int8'] as const)('%s: takes each of several sets of a page for itself', async kind => {
    const device = deviceWith('software')
    const sets = [
      { kvHeads: 1, headDim: 4 },
      { kvHeads: 2, headDim: 8 },
      { kvHeads: 1, headDim: 12 }
    ]
    const layout = pageLayout(sets, pageFormats[kind])
    const rows = 300
    const bank = bufferOf(new Uint32Array((2 * layout.pageBytes) / 4).fill(poison.f32))
    const random = new Random(8)
    const rowsOf = sets.map(({ kvHeads, headDim }) => {
      const width = 2 * kvHeads * headDim
      return tensorOf(random.normals(rows * width).map(Math.fround), width)
    })
    const queries = sets.map(({ kvHeads, headDim }) => random.normals(kvHeads * headDim).map(Math.fround))
    const answersOf = async (of: typeof layout, set: number, bank: GPUBuffer, index: number) => {
      const { kvHeads, headDim } = sets[index]!
      const attention = await pageAttention(device, kvHeads, of, { set })
      const write = await pageWriter(device, of, set)
      const y = poisoned(1, kvHeads * headDim)
      const scratch = attention.allocate(1, [rows])
      const q = tensorOf(queries[index]!, kvHeads * headDim)
      await run(batch => {
        write(batch, rowsOf[index]!, bank, 0, rows)
        const banks = [{ buffer: bank, rows, spanFrom: 0 }]
        attention.attend(batch, { q, banks, visible: rows, y, rows: 1, scratch })
      }, device)
      scratch.free()
      return wordsOf(y.buffer)
    }
    for (let set = 0; set < sets.length; set++) await answersOf(layout, set, bank, set)
    for (const [set, shape] of sets.entries()) {
      const alone = pageLayout([shape], pageFormats[kind])
      const own = bufferOf(new Uint32Array((2 * alone.pageBytes) / 4).fill(poison.f32))
      expect(await answersOf(layout, set, bank, set)).toEqual(await answersOf(alone, 0, own, set))
    }
    // Every set wrote its own rows and no other: of the second page 212 rows are as they were.
    const words = await wordsOf(bank)
    const left = words.reduce((sum, word) => sum + (word === poison.f32 ? 1 : 0), 0)
    expect(left).toBe(((512 - rows) * layout.rowBytes) / 4)
  })

  it('says how many spans and bytes a text takes', async () => {
    const pages = await pageAttention(deviceWith('software'), config.heads, layoutOf(config, 'f16'))
    expect(layoutOf(config, 'f16').pageBytes).toBe(pageRows * 2 * 8 * 2 * 2)
    expect(pages.spanCount([1, 256, 257])).toBe((1 + 1 + 2) * (pageRows / spanTokens))
  })

  it('refuses span sums for several queries', async () => {
    const pages = await pageAttention(deviceWith('software'), config.heads, layoutOf(config, 'f16'))
    const [bank, mass] = [
      bufferOf(new Uint32Array(layoutOf(config, 'f16').pageBytes / 4)),
      bufferOf(new Uint32Array(16))
    ]
    await run(batch => {
      const scratch = pages.allocate(2, [256])
      const attend = () =>
        pages.attend(batch, {
          q: poisoned(2, 16),
          banks: [{ buffer: bank, rows: 4, spanFrom: 0 }],
          visible: 3,
          y: poisoned(2, 16),
          rows: 2,
          scratch,
          mass
        })
      expect(attend).toThrow('spans are summed for one row, not 2')
    })
  })
})
