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
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { rmsNorm as reference } from '../testing/reference'
import { rmsNorm } from './rms-norm'
import { floatRows } from './row-output'

describeGpu('rms-norm', () => {
  // 8 or 64 lanes of four values: below, at and above a workgroup's stride, and several.
  it.each(
    workgroups.flatMap(shape => [1, 6, 31, 32, 36, 250, 256, 260, 1030].map(width => [shape, width] as const))
  )('%s workgroups, width %i', async (shape, width) => {
    const random = new Random(width)
    const weight = random.normals(width, 0.2, 1).map(Math.fround)
    const device = deviceWith(shape)
    const weights = bufferOf(Float32Array.from(padded(weight, width)))
    for (const rows of [1, 5, 40]) {
      const x = random.normals(rows * width, 3).map(Math.fround)
      const source = tensorOf(padded(x, width), up4(width), rows + 1)
      const y = poisoned(rows + 1, up4(width))
      const norm = await rmsNorm(device, { width, eps: 1e-5 }, floatRows(y))
      await run(batch => norm(batch, source, weights, rows), device)
      await expectRows(y, padded(reference(x, weight, 1e-5), width), 2e-6, `${rows} rows`)
    }
  })

  it('a row of zeros stays zero, tiny and huge rows come out right', async () => {
    const x = Float64Array.of(0, 0, 0, 0, 1e-8, 2e-8, -1e-8, 0, 1e15, -1e15, 3e15, 1)
    const y = poisoned(3, 4)
    const norm = await rmsNorm(deviceWith('software'), { width: 4, eps: 1e-5 }, floatRows(y))
    const ones = bufferOf(Float32Array.of(1, 1, 1, 1))
    await run(batch => norm(batch, tensorOf(x, 4), ones, 3), deviceWith('software'))
    await expectRows(y, reference(x, Float64Array.of(1, 1, 1, 1), 1e-5), 2e-6)
  })

  it('refuses a buffer of another width', async () => {
    const device = deviceWith('software')
    const norm = await rmsNorm(device, { width: 4, eps: 1e-5 }, floatRows(poisoned(2, 4, 'y')))
    const ones = bufferOf(Float32Array.of(1, 1, 1, 1))
    await run(batch => {
      expect(() => norm(batch, poisoned(2, 8, 'x'), ones, 2)).toThrow(
        'rms-norm: x (x) is [2, 8], expected [at least 2, 4]'
      )
      expect(() => norm(batch, poisoned(3, 4, 'x'), ones, 3)).toThrow(
        'rms-norm: y (y) is [2, 4], expected [at least 3, 4]'
      )
    })
  })
})
