/** The small operations that Gemma 4 brought, against float64. */
import { describe, expect, it } from 'vitest'
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
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import * as reference from '../testing/reference-gemma'
import { geglu } from './geglu'
import { normAdd } from './norm-add'
import { perLayerInput } from './per-layer-input'
import { softcap } from './softcap'

/** Of both signs: around zero, where the shape bends, and where nothing or all of it passes. */
const steps = [0, 1e-6, 1e-3, 0.05, 0.3, 0.7, 1, 1.7, 2.5, 3.3, 4, 5, 6, 9, 20, 300, 65504, 1e12]
const bends = [...steps, ...steps.map(x => -x)]

describe('the reference', () => {
  it('its GELU is the one by tanh', () => {
    for (const z of bends.filter(x => Math.abs(x) < 4)) {
      const tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))
      expect(reference.gelu(z)).toBeCloseTo((z / 2) * (1 + tanh), 14)
    }
  })
})

describeGpu('geglu', () => {
  it('GELU itself errs by less than 2e-6 of what it takes', async () => {
    const product = await geglu(deviceWith('software'), bends.length)
    const y = poisoned(1, bends.length)
    const [gate, up] = [
      tensorOf(bends, bends.length),
      tensorOf(
        bends.map(() => 1),
        bends.length
      )
    ]
    await run(batch => product(batch, { gate, up, upFirst: 0 }, y, 1), deviceWith('software'))
    const found = await valuesOf(y)
    bends.forEach((z, i) =>
      expect(Math.abs(found[i]! - reference.gelu(Math.fround(z))), `gelu(${z})`).toBeLessThanOrEqual(
        1e-6 * Math.abs(z)
      )
    )
  })

  it.each([4, 252, 256, 260, 1000])('width %i: both halves of one product', async width => {
    const random = new Random(width)
    const product = await geglu(deviceWith('software'), width)
    for (const rows of [1, 3, 17]) {
      const x = random.normals(rows * 2 * width, 3).map(Math.fround)
      const input = tensorOf(x, 2 * width, rows + 2, 'x', 7)
      const y = poisoned(rows + 1, width)
      await run(
        batch => product(batch, { gate: input, up: input, upFirst: width }, y, rows),
        deviceWith('software')
      )
      const half = (from: number) => x.filter((_, i) => Math.floor((i % (2 * width)) / width) === from)
      await expectRows(y, reference.geglu(half(0), half(1)), 2e-6, `${rows} rows`)
    }
  })

  it('multiplies by a stretch in the middle of other rows', async () => {
    const [random, rows, width] = [new Random(3), 5, 12]
    const product = await geglu(deviceWith('software'), width)
    const gates = random.normals(rows * width).map(Math.fround)
    const ups = random.normals(rows * 40).map(Math.fround)
    const [gate, up, y] = [tensorOf(gates, width), tensorOf(ups, 40), poisoned(rows, width)]
    await run(batch => {
      product(batch, { gate, up, upFirst: 24 }, y, rows)
      expect(() => product(batch, { gate, up, upFirst: 32 }, y, rows)).toThrow(
        'geglu: rows of 12 and 40 values, expected 12 and 44 at least'
      )
    }, deviceWith('software'))
    const part = ups.filter((_, i) => i % 40 >= 24 && i % 40 < 36)
    await expectRows(y, reference.geglu(gates, part), 2e-6)
  })
})

describeGpu('norm-add', () => {
  it.each(workgroups.flatMap(shape => [4, 31, 36, 260, 1030].map(width => [shape, width] as const)))(
    '%s workgroups, width %i: normed, added, and the whole stream scaled',
    async (shape, width) => {
      const [random, device] = [new Random(width), deviceWith(shape)]
      // Weights may be large and negative, scalars small.
      const weight = random.normals(width, 100, -20).map(Math.fround)
      const join = await normAdd(device, width, 1e-6)
      const weights = bufferOf(Float32Array.from(padded(weight, width)))
      for (const [rows, scalar] of [
        [1, 1],
        [7, 0.0045],
        [40, -1.5]
      ] as const) {
        const [x, y] = [3, 500].map(size => random.normals(rows * width, size).map(Math.fround))
        const stream = tensorOf(padded(x!, width), up4(width), rows + 1)
        const branch = tensorOf(padded(y!, width), up4(width), rows + 1)
        await run(batch => join(batch, stream, branch, weights, rows, scalar), device)
        const expected = reference.normAdd(x!, y!, weight, 1e-6, Math.fround(scalar))
        await expectRows(stream, padded(expected, width), 2e-6, `${rows} rows`)
      }
    }
  )

  it('a branch beyond what halves hold', async () => {
    const device = deviceWith('software')
    const join = await normAdd(device, 4, 1e-6)
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(1e9, -2e9, 3e9, 7e9)]
    const stream = tensorOf(x, 4)
    const ones = Float64Array.of(1, 1, 1, 1)
    await run(batch => join(batch, stream, tensorOf(y, 4), bufferOf(Float32Array.from(ones)), 1), device)
    await expectRows(stream, reference.normAdd(x, y, ones, 1e-6), 2e-6)
  })
})

describeGpu('per-layer-input', () => {
  it.each(workgroups.flatMap(shape => [8, 12, 256].map(width => [shape, width] as const)))(
    '%s workgroups, width %i: by layer the normed product and the table’s row',
    async (shape, width) => {
      const [random, device] = [new Random(width), deviceWith(shape)]
      const weight = random.normals(width, 0.5, 1).map(Math.fround)
      // So small that the epsilon shows, and with it the scale before the norm.
      const scales = { product: 1536 ** -0.5, table: 16, eps: 1e-6 }
      const join = await perLayerInput(device, width, scales)
      const weights = bufferOf(Float32Array.from(weight))
      for (const [layers, rows, before] of [
        [1, 1, 0],
        [7, 5, 2],
        [3, 40, 1]
      ] as const) {
        const p = random.normals(rows * layers * width, 0.05).map(Math.fround)
        const t = random.normals((before + rows) * layers * width, 0.02).map(Math.fround)
        const product = tensorOf(p, layers * width, rows + 1)
        const table = tensorOf(t, layers * width, before + rows)
        await run(batch => join(batch, product, table, before, weights, rows), device)
        const expected = reference.perLayerInput(p, t.subarray(before * layers * width), weight, scales)
        await expectRows(product, expected, 2e-6, `${layers} layers`)
      }
    }
  )
})

describeGpu('softcap', () => {
  it('bends logits towards the cap, to 2e-7 of it', async () => {
    const device = deviceWith('software')
    const cap = await softcap(device, 30)
    const values = Float64Array.from(
      [...bends, ...Array.from({ length: 500 }, (_, i) => (i - 250) / 2.3)],
      Math.fround
    )
    const x = tensorOf(values, 4, values.length / 4 + 1)
    await run(batch => cap(batch, x, values.length / 4), device)
    await expectRows(x, reference.softcap(values, 30), 4e-7)
  })
})
