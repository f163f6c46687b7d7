import { it } from 'vitest'
import { up4 } from '../device/tensor'
import { describeGpu, deviceWith, expectRows, padded, run, tensorOf } from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { headNormGate } from '../testing/reference'
import { headGate } from './head-gate'

describeGpu('head-gate', () => {
  it.each([6, 20, 64, 128])('heads of %i', async headDim => {
    const random = new Random(headDim)
    const device = deviceWith('software')
    const head = up4(headDim)
    const heads = 3
    const gated = await headGate(device, heads, headDim, 1e-5)
    // 64 lanes of a head each.
    for (const rows of [1, 21, 22, 64]) {
      const x = random.normals(rows * heads * headDim, 0.01).map(Math.fround)
      // From shut to open: silu(g) over its whole range.
      const g = random.normals(x.length, 8).map(Math.fround)
      const first = 2 * head
      const stride = first + heads * head + 4
      const mix = new Float64Array(rows * stride).fill(NaN)
      for (let row = 0; row < rows; row++)
        mix.set(
          padded(g.subarray(row * heads * headDim, (row + 1) * heads * headDim), headDim),
          row * stride + first
        )
      const tensor = tensorOf(padded(x, headDim), heads * head, rows + 1, 'x', 7)
      await run(batch => gated(batch, tensor, tensorOf(mix, stride), first, rows), device)
      await expectRows(tensor, padded(headNormGate(x, g, headDim, 1e-5), headDim), 3e-6, `${rows} rows`, 7)
    }
  })

  it('a gate of -100 closes without a NaN, one of +100 lets the value through', async () => {
    const device = deviceWith('software')
    const gated = await headGate(device, 1, 4, 1e-5)
    const [x, g] = [Float64Array.of(1, -2, 3, 4), Float64Array.of(-100, 100, -88, 88)]
    const tensor = tensorOf(x, 4)
    await run(batch => gated(batch, tensor, tensorOf(g, 4), 0, 1), device)
    await expectRows(tensor, headNormGate(x, g, 4, 1e-5), 3e-6)
  })
})
