import { it } from 'vitest'
import { up4 } from '../device/tensor'
import { bufferOf, describeGpu, deviceWith, expectRows, padded, run, tensorOf } from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { rmsNorm as reference } from '../testing/reference'
import { headNorm } from './head-norm'

describeGpu('head-norm', () => {
  it.each([6, 20, 64, 128])('heads of %i: the first heads of each row, nothing else', async headDim => {
    const random = new Random(headDim)
    const device = deviceWith('software')
    const weight = random.normals(headDim, 0.2, 1).map(Math.fround)
    const norm = await headNorm(device, headDim, 1e-5)
    // 64 lanes of a head each: one, below, at and above a workgroup, several.
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
      await run(
        batch => norm(batch, tensor, bufferOf(Float32Array.from(padded(weight, headDim))), heads, rows),
        device
      )
      const expected = x.slice()
      for (let row = 0; row < rows; row++) {
        const at = row * (heads + 1) * headDim
        expected.set(reference(x.subarray(at, at + heads * headDim), weight, 1e-5), at)
      }
      await expectRows(tensor, padded(expected, headDim), 2e-6, `${heads} heads, ${rows} rows`, 7)
    }
  })

  it.each([16, 256, 512])('heads of %i behind others in a row, with and without a weight', async headDim => {
    const [random, device] = [new Random(headDim), deviceWith('software')]
    const norm = await headNorm(device, headDim, 1e-6)
    const [before, heads, rows] = [2, 2, 9]
    const x = random.normals(rows * 5 * headDim, 300).map(Math.fround)
    const weight = random.normals(headDim, 100, -3).map(Math.fround)
    for (const own of [weight, weight.map(() => 1)]) {
      const tensor = tensorOf(x, 5 * headDim, rows + 1, 'x', 7)
      const weights = bufferOf(Float32Array.from(own))
      await run(batch => norm(batch, tensor, weights, heads, rows, before * headDim), device)
      const expected = x.slice()
      for (let row = 0; row < rows; row++) {
        const at = (row * 5 + before) * headDim
        expected.set(reference(x.subarray(at, at + heads * headDim), own, 1e-6), at)
      }
      await expectRows(tensor, expected, 2e-6, '', 7)
    }
  })
})
