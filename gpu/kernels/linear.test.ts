import { expect, it } from 'vitest'
import { panelRows, type WeightKind } from './weight-format'
import { linear as referenceLinear } from '../testing/reference'
import { Random } from '../testing/random'
import { relativeError } from '../testing/relative-error'
import {
  asStored,
  describeGpu,
  deviceWith,
  expectRows,
  matrixOf,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  productShapes
} from '../testing/gpu-testing'
import { up4 } from '../device/tensor'
import { linear, tileRows } from './linear'

const kinds: WeightKind[] = ['f16', 'bf16', 'f32']

/** x, w and what they make; rows of x padded to four values, rows of y to four outputs. */
function sample(rows: number, outputs: number, inputs: number, kind: WeightKind) {
  const random = new Random(rows * 1000 + outputs + inputs)
  const w = asStored(random.normals(outputs * inputs, 1 / Math.sqrt(inputs)), kind)
  const x = random.normals(rows * inputs).map(Math.fround)
  return { w, x: padded(x, inputs), expected: padded(referenceLinear(x, w, inputs), outputs) }
}

describeGpu('linear', () => {
  // Every number of rows that a last tile can have: each is guarded by a line of its own. 64 lanes own 256 outputs:
  // below, at and above a workgroup, and several. Two widths only, since each is a pipeline.
  const sizes = [1, 2, 3, 4, 5, 6, tileRows - 1, tileRows, tileRows + 1, 3 * tileRows + 5].flatMap(rows =>
    [
      [1, 7],
      [4, 132],
      [28, 7],
      [36, 132],
      [252, 7],
      [256, 7],
      [260, 7],
      [700, 132]
    ].map(([n, k]) => ({ rows, n: n!, k: k! }))
  )

  it.each(productShapes.flatMap(shape => kinds.map(kind => [kind, shape] as const)))(
    '%s weights, %s products: many rows',
    async (kind, shape) => {
      for (const { rows, n, k } of sizes) {
        const { w, x, expected } = sample(rows, n, k, kind)
        const matrix = matrixOf(w, k, kind)
        const room = Math.ceil(rows / tileRows) * tileRows + tileRows
        const { rows: product } = await linear(deviceWith(shape), matrix)
        // The rows that fill up a tile: poison must not get into others, numbers must not get out.
        for (const rest of [NaN, 7]) {
          const source = tensorOf(x, matrix.inputs, room, 'x', rest)
          const y = poisoned(rows + 7, matrix.outputs)
          await run(batch => product(batch, source, y, rows), deviceWith(shape))
          await expectRows(y, expected, 2e-6, `${rows} x ${n} x ${k}, ${rest} behind`)
        }
      }
    }
  )

  it.each(productShapes.flatMap(shape => kinds.map(kind => [kind, shape] as const)))(
    '%s weights, %s products: one row out of several',
    async (kind, shape) => {
      for (const [n, k] of [
        [1, 7],
        [4, 132],
        [28, 7],
        [32, 132],
        [124, 132],
        [128, 7],
        [132, 132],
        [700, 131]
      ] as const) {
        const { w, x, expected } = sample(3, n, k, kind)
        const matrix = matrixOf(w, k, kind)
        const width = matrix.inputs
        const source = tensorOf(
          x.map((value, i) => (Math.floor(i / width) === 1 ? value : NaN)),
          width
        )
        const y = poisoned(2, matrix.outputs)
        const product = await linear(deviceWith(shape), matrix)
        await run(batch => product.row(batch, source, 1, y), deviceWith(shape))
        await expectRows(y, expected.subarray(matrix.outputs, 2 * matrix.outputs), 2e-6, `${n} x ${k}`)
      }
    }
  )

  it.each(kinds)('%s weights cut into parts give the same bits', async kind => {
    const [rows, n, k] = [11, 5 * panelRows + 6, 130]
    const { w, x } = sample(rows, n, k, kind)
    const results: Float32Array[] = []
    for (const panels of [Infinity, 1, 2, 4]) {
      const matrix = matrixOf(w, k, kind, panels)
      expect(matrix.parts).toHaveLength(panels === Infinity ? 1 : Math.ceil(6 / panels))
      const source = tensorOf(x, matrix.inputs, 16)
      const [many, one] = [poisoned(12, matrix.outputs), poisoned(1, matrix.outputs)]
      const product = await linear(deviceWith('software'), matrix)
      await run(batch => {
        product.rows(batch, source, many, rows)
        product.row(batch, source, 7, one)
      }, deviceWith('software'))
      results.push(Float32Array.of(...(await valuesOf(many)), ...(await valuesOf(one))))
    }
    for (const cut of results.slice(1))
      expect(new Uint32Array(cut.buffer)).toEqual(new Uint32Array(results[0]!.buffer))
  })

  it.each(productShapes)(
    '%s products: a row gives the same bits wherever it stands among others',
    async shape => {
      const [rows, n, k] = [83, 40, 132]
      const { w, x } = sample(rows, n, k, 'f16')
      const matrix = matrixOf(w, k, 'f16')
      const product = await linear(deviceWith(shape), matrix)
      const together = poisoned(rows, n)
      await run(batch => product.rows(batch, tensorOf(x, k, 88), together, rows), deviceWith(shape))
      const all = await valuesOf(together)
      const alone = Array.from({ length: rows }, (_, row): [number, number] => [row, 1])
      for (const [first, count] of [...alone, [5, 64], [18, 65]] as const) {
        const some = poisoned(count, n)
        const source = tensorOf(x.subarray(first * k, (first + count) * k), k, Math.ceil(count / 8) * 8)
        await run(batch => product.rows(batch, source, some, count), deviceWith(shape))
        expect(await valuesOf(some)).toEqual(all.slice(first * n, (first + count) * n))
      }
    }
  )

  it.each(productShapes)('%s products: more rows, outputs and inputs than a workgroup takes', async shape => {
    for (const [rows, n, k] of [
      [64, 64, 32],
      [65, 68, 36],
      [200, 130, 1100]
    ] as const) {
      const { w, x, expected } = sample(rows, n, k, 'f16')
      const product = await linear(deviceWith(shape), matrixOf(w, k, 'f16', 2))
      const [many, one] = [poisoned(rows + 1, up4(n)), poisoned(2, up4(n))]
      const source = tensorOf(x, k, Math.ceil(rows / 8) * 8)
      await run(batch => {
        product.rows(batch, source, many, rows)
        product.row(batch, source, rows - 1, one)
      }, deviceWith(shape))
      await expectRows(many, expected, 2e-6, `${rows} x ${n} x ${k}`)
      await expectRows(
        one,
        expected.subarray((rows - 1) * one.shape[1]),
        2e-6,
        `one of ${rows} x ${n} x ${k}`
      )
    }
  })

  // Where split-row gives more columns to a workgroup, and the last one is not full.
  it.each(['tiles', 'subgroups'] as const)('%s products: one row of many outputs', async shape => {
    for (const n of [3076, 6148, 65_540]) {
      const [k, random] = [n > 10_000 ? 12 : 132, new Random(n)]
      const w = asStored(random.normals(n * k), 'f16')
      const x = random.normals(k).map(Math.fround)
      const product = await linear(deviceWith(shape), matrixOf(w, k, 'f16'))
      const y = poisoned(2, n)
      await run(batch => product.row(batch, tensorOf(x, k), 0, y), deviceWith(shape))
      await expectRows(y, referenceLinear(x, w, k), 2e-6, `${n} x ${k}`)
    }
  })

  it('halves too small for a normal f16 keep their value exactly', async () => {
    const steps = [1, -2, 3, 512, -1023, 1023, 1024, 1025].map(step => step * 2 ** -24)
    const w = new Float64Array(8 * 7)
    steps.forEach((step, n) => (w[n * 7] = step))
    const x = Float64Array.of(1, 0, 0, 0, 0, 0, 0, 0)
    const matrix = matrixOf(w, 7, 'f16')
    const product = await linear(deviceWith('software'), matrix)
    const [many, one] = [poisoned(1, 8), poisoned(1, 8)]
    await run(batch => {
      product.rows(batch, tensorOf(x, 8, 8), many, 1)
      product.row(batch, tensorOf(x, 8), 0, one)
    }, deviceWith('software'))
    expect([...(await valuesOf(many))]).toEqual(steps)
    expect([...(await valuesOf(one))]).toEqual(steps)
  })

  it('refuses tensors of another shape, with both shapes', async () => {
    const matrix = matrixOf(new Float64Array(8 * 12), 12, 'f32')
    const product = await linear(deviceWith('software'), matrix)
    await run(batch => {
      expect(() => product.rows(batch, poisoned(9, 12, 'x'), poisoned(9, 8), 9)).toThrow(
        'x of matrix (x) is [9, 12], expected [at least 16, 12]'
      )
      expect(() => product.rows(batch, poisoned(8, 12), poisoned(8, 12, 'y'), 8)).toThrow(
        'y of matrix (y) is [8, 12], expected [at least 8, 8]'
      )
      expect(() => product.row(batch, poisoned(2, 12), 2, poisoned(1, 8))).toThrow(
        'expected [at least 3, 12]'
      )
    })
  })

  it('one row and many rows agree', async () => {
    const { w, x } = sample(1, 300, 132, 'bf16')
    const matrix = matrixOf(w, 132, 'bf16')
    const product = await linear(deviceWith('hardware'), matrix)
    const [many, one] = [poisoned(1, 300), poisoned(1, 300)]
    await run(batch => {
      product.rows(batch, tensorOf(x, 132, 8), many, 1)
      product.row(batch, tensorOf(x, 132), 0, one)
    }, deviceWith('hardware'))
    expect(relativeError(await valuesOf(one), await valuesOf(many))).toBeLessThan(1e-6)
  })
})
