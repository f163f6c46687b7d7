import { it } from 'vitest'
import { describeGpu, deviceWith, expectRows, poisoned, run, tensorOf } from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { swiglu as reference } from '../testing/reference'
import { swiglu } from './swiglu'

describeGpu('swiglu', () => {
  // 64 lanes of four values.
  it.each([4, 252, 256, 260, 1000])('width %i: the first half passes SiLU', async width => {
    const random = new Random(width)
    const device = deviceWith('software')
    const product = await swiglu(device, width)
    for (const rows of [1, 3, 17]) {
      const x = random.normals(rows * 2 * width, 5).map(Math.fround)
      const y = poisoned(rows + 1, width)
      await run(batch => product(batch, tensorOf(x, 2 * width, rows + 2, 'x', 7), y, rows), device)
      const expected = new Float64Array(rows * width)
      for (let row = 0; row < rows; row++) {
        const at = 2 * row * width
        expected.set(
          reference(x.subarray(at, at + width), x.subarray(at + width, at + 2 * width)),
          row * width
        )
      }
      await expectRows(y, expected, 2e-6, `${rows} rows`)
    }
  })
})
