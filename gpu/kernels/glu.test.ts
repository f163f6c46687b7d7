import { expect, it } from 'vitest'
import {
  describeGpu,
  deviceWith,
  expectRows,
  poisoned,
  run,
  tensorOf,
  valuesOf
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { swiglu } from '../testing/reference'
import { bends, geglu, gelu } from '../testing/reference-gemma'
import { glu } from './glu'
import { floatRows } from './row-output'

describeGpu('gated linear units', () => {
  it('GELU itself errs by less than 2e-6 of what it takes', async () => {
    const device = deviceWith('software')
    const y = poisoned(1, bends.length)
    const product = await glu(device, 'gelu', floatRows(y))
    const gate = tensorOf(bends, bends.length)
    const up = tensorOf(new Float32Array(bends.length).fill(1), bends.length)
    await run(batch => product(batch, { gate, up, upFirst: 0 }, 1), device)
    const found = await valuesOf(y)
    bends.forEach((z, i) =>
      expect(Math.abs(found[i]! - gelu(Math.fround(z))), `gelu(${z})`).toBeLessThanOrEqual(1e-6 * Math.abs(z))
    )
  })

  // 64 lanes of four values.
  const widths = [4, 252, 256, 260, 1000]
  it.each([
    ...widths.map(width => ['silu', width, swiglu] as const),
    ...widths.map(width => ['gelu', width, geglu] as const)
  ])('%s, width %i: both halves of one product', async (activation, width, reference) => {
    const [random, device] = [new Random(width), deviceWith('software')]
    for (const rows of [1, 3, 17]) {
      const x = random.normals(rows * 2 * width, 4).map(Math.fround)
      const input = tensorOf(x, 2 * width, rows + 2, 'x', 7)
      const y = poisoned(rows + 1, width)
      const product = await glu(device, activation, floatRows(y))
      await run(batch => product(batch, { gate: input, up: input, upFirst: width }, rows), device)
      const half = (from: number) => x.filter((_, i) => Math.floor((i % (2 * width)) / width) === from)
      await expectRows(y, reference(half(0), half(1)), 2e-6, `${rows} rows`)
    }
  })

  it('multiplies by a stretch in the middle of other rows', async () => {
    const [random, rows, width] = [new Random(3), 5, 12]
    const gates = random.normals(rows * width).map(Math.fround)
    const ups = random.normals(rows * 40).map(Math.fround)
    const [gate, up, y] = [tensorOf(gates, width), tensorOf(ups, 40), poisoned(rows, width)]
    const product = await glu(deviceWith('software'), 'gelu', floatRows(y))
    await run(batch => {
      product(batch, { gate, up, upFirst: 24 }, rows)
      expect(() => product(batch, { gate, up, upFirst: 32 }, rows)).toThrow(
        'glu: rows of 12 and 40 values, expected 12 and 44 at least'
      )
    }, deviceWith('software'))
    const part = ups.filter((_, i) => i % 40 >= 24 && i % 40 < 36)
    await expectRows(y, geglu(gates, part), 2e-6)
  })
})
