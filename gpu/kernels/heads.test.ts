/** Heads between a product and attention, against float64 and against norms, rotations and writing one after another. */
import { expect, it } from 'vitest'
import { up4 } from '../device/tensor'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  run,
  tensorOf,
  valuesOf,
  wordsOf,
  workgroups
} from '../testing/gpu-testing'
import { pageWriter, ringWriter } from '../testing/kept-rows'
import { Random } from '../testing/random'
import { applyRope, rmsNorm, ropeTable } from '../testing/reference'
import { gridPages } from './grid-pages'
import { turnHeads, writePages, writeRing } from './heads'
import { pageFormats } from './page-format'
import { pageLayout, pageRows } from './page-layout'
import { inverseFrequencies, type Rope, rotationTable } from './rope'
import { columnSteps, roundColumns } from './round-columns'
import type { Ring } from './window-attention'

const conventions: Rope[] = [
  { theta: 10000, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 80e6, exponents: 'yoco', pairs: 'interleaved' },
  { theta: 10000, exponents: 'llama', pairs: 'half' },
  { theta: 640000, exponents: 'llama', pairs: 'interleaved' }
]

describeGpu('heads that turn', () => {
  it.each(
    conventions.flatMap(rope =>
      [2, 6, 20, 64, 128].map(headDim => [rope.exponents, rope.pairs, headDim, rope] as const)
    )
  )(
    '%s exponents, %s pairs, heads of %i, at position 0 and at 1,000,000',
    async (_exponents, pairs, headDim, rope) => {
      const device = deviceWith('software')
      const turn = await turnHeads(device, { headDim, rope: { pairs } })
      const head = up4(headDim)
      for (const [start, rows, heads] of [
        [0, 1, 1],
        [3, 5, 7],
        [1_000_000, 9, 3],
        [1_048_570, 6, 33]
      ] as const) {
        // One head before and one behind the rotated ones must stay as they are.
        const x = new Random(headDim).normals(rows * (heads + 2) * headDim).map(Math.fround)
        const tensor = tensorOf(padded(x, headDim), (heads + 2) * head, rows + 1, 'x', 7)
        // The table starts two rows early, as it does for a question's last token.
        const table = bufferOf(
          rotationTable(inverseFrequencies(rope, headDim), Math.max(0, start - 2), rows + 2)
        )
        await run(
          batch =>
            turn(
              batch,
              { x: tensor, first: head, rows, rotations: { table, row: start === 0 ? 0 : 2 } },
              heads
            ),
          device
        )
        const exact = applyRope(
          x,
          ropeTable(
            rope,
            headDim,
            Array.from({ length: rows }, (_, i) => start + i)
          ),
          headDim,
          pairs
        )
        const width = (heads + 2) * headDim
        const expected = x.map((value, i) => {
          const column = i % width
          return column < headDim || column >= width - headDim ? value : exact[i]!
        })
        await expectRows(tensor, padded(expected, headDim), 1e-6, `position ${start}`, 7)
      }
    }
  )

  // Gemma 4's full layers: a quarter of a head turns, by exponents over the whole head, the rest stays bit for bit.
  it.each([
    [16, 2],
    [32, 4],
    [512, 64]
  ])('heads of %i of which %i pairs turn', async (headDim, turned) => {
    const device = deviceWith('software')
    const rope: Rope = { theta: 1e6, exponents: 'llama', pairs: 'half', turned }
    const turn = await turnHeads(device, { headDim, rope })
    const frequencies = inverseFrequencies(rope, headDim)
    expect(frequencies).toHaveLength(turned)
    const [heads, rows, start] = [3, 5, 131_000]
    const x = new Random(headDim).normals(rows * heads * headDim).map(Math.fround)
    const tensor = tensorOf(x, heads * headDim, rows + 1, 'x', 7)
    const table = bufferOf(rotationTable(frequencies, start, rows))
    await run(batch => turn(batch, { x: tensor, rows, rotations: { table, row: 0 } }, heads), device)
    const expected = x.map((value, at) => {
      const j = at % headDim
      const pair = j % (headDim / 2)
      if (pair >= turned) return value
      const angle = (start + Math.floor(at / (heads * headDim))) * 1e6 ** ((-2 * pair) / headDim)
      const [cos, sin] = [Math.cos(angle), Math.sin(angle)]
      return pair === j ? value * cos - x[at + headDim / 2]! * sin : value * cos + x[at - headDim / 2]! * sin
    })
    await expectRows(tensor, expected, 1e-6, '', 7)
    const found = await valuesOf(tensor)
    x.forEach((value, at) => {
      if ((at % headDim) % (headDim / 2) >= turned) expect(found[at]).toBe(value)
    })
  })
})

describeGpu('heads that are normed', () => {
  it.each(workgroups.flatMap(on => [6, 20, 64, 128].map(headDim => [on, headDim] as const)))(
    '%s workgroups, heads of %i: the first heads of each row, nothing else',
    async (on, headDim) => {
      const random = new Random(headDim)
      const device = deviceWith(on)
      const weight = random.normals(headDim, 0.2, 1).map(Math.fround)
      const norm = await turnHeads(device, { headDim, normEps: 1e-5 })
      for (const [heads, rows] of [
        [1, 1],
        [3, 21],
        [4, 16],
        [5, 13],
        [8, 40]
      ] as const) {
        // Small values, so that the epsilon shows.
        const x = random.normals(rows * (heads + 1) * headDim, 0.005).map(Math.fround)
        const tensor = tensorOf(padded(x, headDim), (heads + 1) * up4(headDim), rows + 1, 'x', 7)
        const weights = bufferOf(Float32Array.from(padded(weight, headDim)))
        await run(batch => norm(batch, { x: tensor, rows, weight: weights }, heads), device)
        const expected = x.slice()
        for (let row = 0; row < rows; row++) {
          const at = row * (heads + 1) * headDim
          expected.set(rmsNorm(x.subarray(at, at + heads * headDim), weight, 1e-5), at)
        }
        await expectRows(tensor, padded(expected, headDim), 2e-6, `${heads} heads, ${rows} rows`, 7)
      }
    }
  )

  it.each([16, 256, 512])('heads of %i behind others in a row', async headDim => {
    const [random, device] = [new Random(headDim), deviceWith('software')]
    const norm = await turnHeads(device, { headDim, normEps: 1e-6 })
    const [before, heads, rows] = [2, 2, 9]
    const x = random.normals(rows * 5 * headDim, 300).map(Math.fround)
    const weight = random.normals(headDim, 100, -3).map(Math.fround)
    for (const own of [weight, weight.map(() => 1)]) {
      const tensor = tensorOf(x, 5 * headDim, rows + 1, 'x', 7)
      const weights = bufferOf(Float32Array.from(own))
      const first = before * headDim
      await run(batch => norm(batch, { x: tensor, rows, weight: weights, first }, heads), device)
      const expected = x.slice()
      for (let row = 0; row < rows; row++) {
        const at = (row * 5 + before) * headDim
        expected.set(rmsNorm(x.subarray(at, at + heads * headDim), own, 1e-6), at)
      }
      await expectRows(tensor, expected, 2e-6, '', 7)
    }
  })
})

/** Rows of q | k | v, what they are normed and turned with, and what comes of them in float64. */
function sample(heads: number, kvHeads: number, headDim: number, rows: number, rope: Rope) {
  const random = new Random(headDim + rows)
  const [head, all, start] = [up4(headDim), heads + 2 * kvHeads, 1000]
  const norms = Array.from({ length: heads > 0 ? 2 : 1 }, () =>
    random.normals(headDim, 2, -0.5).map(Math.fround)
  )
  const x = random.normals(rows * all * headDim, 3).map(Math.fround)
  const table = bufferOf(rotationTable(inverseFrequencies(rope, headDim), start - 1, rows + 1))
  const angles = ropeTable(
    rope,
    headDim,
    Array.from({ length: rows }, (_, i) => start + i)
  )
  const part = (first: number, count: number): Float64Array =>
    x.filter((_, i) => {
      const at = Math.floor((i % (all * headDim)) / headDim)
      return at >= first && at < first + count
    })
  const turned = (values: Float64Array, weight: Float64Array) =>
    applyRope(rmsNorm(values, weight, eps), angles, headDim, rope.pairs)
  return {
    // Two more values in front of every row, so that rows do not begin with heads.
    tensor: () => {
      const rowOf = (row: number) => [
        7,
        7,
        7,
        7,
        ...padded(x.subarray(row * all * headDim, (row + 1) * all * headDim), headDim)
      ]
      return tensorOf(
        Array.from({ length: rows }, (_, row) => rowOf(row)).flat(),
        4 + all * head,
        rows + 1,
        'x',
        7
      )
    },
    first: 4,
    weight: bufferOf(Float32Array.from(norms.flatMap(norm => [...padded(norm, headDim)]))),
    norms: norms.map(norm => bufferOf(Float32Array.from(padded(norm, headDim)))),
    rotations: { table, row: 1 },
    queries: heads > 0 ? turned(part(0, heads), norms[0]!) : new Float64Array(0),
    keys: turned(part(heads, kvHeads), norms.at(-1)!),
    values: rmsNorm(part(heads + kvHeads, kvHeads), undefined, eps, headDim)
  }
}

const eps = 1e-6
const half: Rope = { theta: 1e4, exponents: 'llama', pairs: 'half' }
const ropes: Readonly<Record<string, Rope>> = { half, interleaved: { ...half, pairs: 'interleaved' } }
const shapes = [
  [4, 1, 16],
  [3, 3, 6],
  [0, 2, 20],
  [8, 1, 256]
] as const
const ringOf = (rows: number, width: number): Ring => {
  const tensor = () => tensorOf([], width, rows, 'ring', 9)
  return { keys: tensor(), values: tensor() }
}

describeGpu('heads that are kept', () => {
  it.each(
    workgroups.flatMap(on =>
      Object.keys(ropes).flatMap(pairs => shapes.map(shape => [on, pairs, ...shape] as const))
    )
  )(
    '%s workgroups, %s pairs, %i queries, %i keys of %i: in a ring',
    async (on, pairs, heads, kvHeads, headDim) => {
      const [device, rows, rope, width] = [deviceWith(on), 5, ropes[pairs]!, kvHeads * up4(headDim)]
      const { tensor, first, weight, rotations, ...expected } = sample(heads, kvHeads, headDim, rows, rope)
      const write = await writeRing(device, { heads, kvHeads, headDim, rope, normEps: eps })
      const [x, ring] = [tensor(), ringOf(7, width)]
      await run(batch => write(batch, { x, rows, first, weight, rotations }, { ring, start: 11 }), device)
      // Positions 11 ... 15 in a ring of 7: rows 4, 5, 6, 0, 1.
      const inRing = (values: Float64Array) => {
        const found = padded(values, headDim)
        const at = (row: number) => [...found.subarray(row * width, (row + 1) * width)]
        return [...at(3), ...at(4), ...Array<number>(2 * width).fill(9), ...at(0), ...at(1), ...at(2)]
      }
      await expectRows(ring.keys, inRing(expected.keys), 3e-6, 'keys')
      await expectRows(ring.values, inRing(expected.values), 3e-6, 'values')
      const found = await valuesOf(x)
      const inner = heads * up4(headDim)
      const stride = x.shape[1]
      const queries = found.filter((_, i) => i < rows * stride && i % stride >= 4 && i % stride < 4 + inner)
      if (heads > 0)
        await expectRows(tensorOf(queries, inner), padded(expected.queries, headDim), 3e-6, 'queries')
      // Everything else of x is as it was.
      const before = await valuesOf(tensor())
      const changed = found.findIndex(
        (value, i) => value !== before[i] && !(i < rows * stride && i % stride >= 4 && i % stride < 4 + inner)
      )
      expect(changed).toBe(-1)
    }
  )

  it.each(workgroups)('%s workgroups: the bits of one step after another, in a ring on a grid', async on => {
    const [device, rows, [heads, kvHeads, headDim]] = [deviceWith(on), 9, [4, 2, 16]]
    const { tensor, first, weight, norms, rotations } = sample(heads, kvHeads, headDim, rows, half)
    const [inner, kv] = [heads * headDim, kvHeads * headDim]
    for (const grid of [
      { keys: 2 ** -4, values: 0.03 },
      { keys: 0, values: 0 }
    ]) {
      const [x, ring] = [tensor(), ringOf(20, kv)]
      const write = await writeRing(device, { heads, kvHeads, headDim, rope: half, normEps: eps }, grid)
      await run(batch => write(batch, { x, rows, first, weight, rotations }, { ring, start: 3 }), device)

      const [y, other] = [tensor(), ringOf(20, kv)]
      const turn = await turnHeads(device, { headDim, rope: half, normEps: eps })
      const norm = await turnHeads(device, { headDim, normEps: eps })
      const round = await roundColumns(device)
      const plain = await ringWriter(device, { heads, kvHeads, headDim })
      const ones = bufferOf(new Float32Array(headDim).fill(1))
      const steps = [grid.keys, grid.values].flatMap(step => Array<number>(kv).fill(step))
      const columns = columnSteps(device, 'scratch', 'grid', steps)
      const behind = { ...y, shape: [rows, y.shape[1]] as const }
      await run(batch => {
        turn(batch, { x: y, rows, first, weight: norms[0]!, rotations }, heads)
        turn(batch, { x: y, rows, first: first + inner, weight: norms[1]!, rotations }, kvHeads)
        norm(batch, { x: y, rows, first: first + inner + kv, weight: ones }, kvHeads)
        round(batch, behind, first + inner, rows, columns, 0, 2 * kv)
        plain(batch, y, other, 3, rows, first)
      }, device)
      expect(await valuesOf(ring.keys)).toEqual(await valuesOf(other.keys))
      expect(await valuesOf(ring.values)).toEqual(await valuesOf(other.values))
      const stride = x.shape[1]
      const queries = (values: Float32Array) => values.filter((_, i) => i % stride < first + inner)
      expect(queries(await valuesOf(x))).toEqual(queries(await valuesOf(y)))
    }
  })

  const formats = {
    ...pageFormats,
    grid: gridPages([
      { keys: 1, values: 1 },
      { keys: 0.05, values: 0.03 }
    ])
  }
  it.each(
    workgroups.flatMap(on => Object.keys(formats).map(kind => [on, kind as keyof typeof formats] as const))
  )('%s workgroups, %s: the bits of one step after another, in pages', async (on, kind) => {
    const device = deviceWith(on)
    for (const [heads, kvHeads, headDim] of [
      [4, 2, 16],
      [0, 1, 20],
      [2, 1, 512]
    ] as const) {
      const rows = 12
      // Another set before it, so that a page's parts are told apart.
      const layout = pageLayout(
        [
          { kvHeads: 1, headDim: 8 },
          { kvHeads, headDim }
        ],
        formats[kind]
      )
      const { tensor, first, weight, norms, rotations } = sample(heads, kvHeads, headDim, rows, half)
      const empty = () => bufferOf(new Uint32Array((2 * layout.pageBytes) / 4).fill(0x7fc00000))
      const [bank, other, x, y] = [empty(), empty(), tensor(), tensor()]
      const write = await writePages(device, layout, { set: 1, heads, rope: half, normEps: eps })
      const turn = await turnHeads(device, { headDim, rope: half, normEps: eps })
      const norm = await turnHeads(device, { headDim, normEps: eps })
      const plain = await pageWriter(device, layout, 1)
      const ones = bufferOf(new Float32Array(headDim).fill(1))
      const [inner, kv, row] = [heads * headDim, kvHeads * headDim, pageRows - 5]
      await run(batch => {
        write(batch, { x, rows, first, weight, rotations }, { bank, row })
        if (heads > 0) turn(batch, { x: y, rows, first, weight: norms[0]!, rotations }, heads)
        turn(batch, { x: y, rows, first: first + inner, weight: norms.at(-1)!, rotations }, kvHeads)
        norm(batch, { x: y, rows, first: first + inner + kv, weight: ones }, kvHeads)
        plain(batch, y, other, row, rows, first + inner)
      }, device)
      expect(await wordsOf(bank)).toEqual(await wordsOf(other))
      const stride = x.shape[1]
      const queries = (values: Float32Array) => values.filter((_, i) => i % stride < first + inner)
      expect(queries(await valuesOf(x))).toEqual(queries(await valuesOf(y)))
    }
  })

  it('refuses rows that are too short and what it is not given', async () => {
    const device = deviceWith('software')
    const write = await writeRing(device, { heads: 2, kvHeads: 1, headDim: 4, rope: half, normEps: eps })
    const [x, ring, weight] = [tensorOf([], 12, 2), ringOf(7, 4), bufferOf(new Float32Array(8))]
    const rotations = { table: weight, row: 0 }
    await run(batch => {
      const to = { ring, start: 0 }
      expect(() => write(batch, { x, rows: 2, weight, rotations }, to)).toThrow(
        'ring-write: x (input) is [2, 12], expected [at least 2, at least 16]'
      )
      const wide = tensorOf([], 16, 2)
      expect(() => write(batch, { x: wide, rows: 2, rotations }, to)).toThrow('no weights for heads')
      expect(() => write(batch, { x: wide, rows: 2, weight }, to)).toThrow('no rotations for heads')
    }, device)
  })
})
