import { expect, it } from 'vitest'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  run,
  tensorOf,
  valuesOf
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { add as reference } from '../testing/reference'
import { add, addBias } from './add'

const sizes = [
  [1, 4],
  [1, 252],
  [1, 256],
  [1, 260],
  [7, 36],
  [65, 128]
] as const

describeGpu('add', () => {
  it.each(sizes)('%i rows of %i', async (rows, width) => {
    const random = new Random(width)
    const device = deviceWith('software')
    const [x, y] = [
      random.normals(rows * width).map(Math.fround),
      random.normals(rows * width).map(Math.fround)
    ]
    const sum = tensorOf(x, width, rows + 1, 'x', 7)
    const plus = await add(device)
    await run(batch => plus(batch, sum, tensorOf(y, width, rows + 2, 'y', 7), rows), device)
    await expectRows(sum, reference(x, y), 1e-7, '', 7)
  })

  it('goes on in a second line of workgroups where one side is too short', async () => {
    const device = deviceWith('software')
    const [rows, width] = [65535 + 3, 256]
    const [x, y] = [new Float32Array(rows * width).fill(1), new Float32Array(rows * width).fill(2)]
    const sum = tensorOf(x, width, rows + 1, 'x', 7)
    const plus = await add(device)
    await run(batch => plus(batch, sum, tensorOf(y, width), rows), device)
    const values = await valuesOf(sum)
    expect(values.subarray(0, x.length).findIndex(value => value !== 3)).toBe(-1)
    expect(values.subarray(x.length).every(value => value === 7)).toBe(true)
  })
})

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
