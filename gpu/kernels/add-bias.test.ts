import { it } from 'vitest'
import { bufferOf, describeGpu, deviceWith, expectRows, run, tensorOf } from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { addBias } from './add-bias'

const sizes = [
  [1, 4],
  [1, 252],
  [1, 256],
  [1, 260],
  [7, 36],
  [65, 128]
] as const

describeGpu('add-bias', () => {
  it.each(sizes)('%i rows of %i', async (rows, width) => {
    const random = new Random(width)
    const device = deviceWith('software')
    const [x, bias] = [random.normals(rows * width).map(Math.fround), random.normals(width).map(Math.fround)]
    const sum = tensorOf(x, width, rows + 1, 'x', 7)
    const plus = await addBias(device, width)
    await run(batch => plus(batch, sum, bufferOf(Float32Array.from(bias)), rows), device)
    await expectRows(
      sum,
      x.map((value, i) => value + bias[i % width]!),
      1e-7,
      '',
      7
    )
  })
})
