/** The small operations that Gemma 4 brought, against float64. */
import { describe, expect, it } from 'vitest'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  run,
  tensorOf,
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import * as reference from '../testing/reference-gemma'
import { perLayerInput } from './per-layer-input'
import { softcap } from './softcap'

describe('the reference', () => {
  it('its GELU is the one by tanh', () => {
    for (const z of reference.bends.filter(x => Math.abs(x) < 4)) {
      const tanh = Math.tanh(Math.sqrt(2 / Math.PI) * (z + 0.044715 * z ** 3))
      expect(reference.gelu(z)).toBeCloseTo((z / 2) * (1 + tanh), 14)
    }
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
      [...reference.bends, ...Array.from({ length: 500 }, (_, i) => (i - 250) / 2.3)],
      Math.fround
    )
    const x = tensorOf(values, 4, values.length / 4 + 1)
    await run(batch => cap(batch, x, values.length / 4), device)
    await expectRows(x, reference.softcap(values, 30), 4e-7)
  })
})
