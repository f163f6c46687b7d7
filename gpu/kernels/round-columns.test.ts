import { expect, it } from 'vitest'
import { describeGpu, device, run, tensorOf, valuesOf } from '../testing/gpu-testing'
import { columnSteps, roundColumns } from './round-columns'

/** Keys on one step, values on another, of a golden's sizes of step; a step of zero last. */
const steps = [0.25, 0.5, 0]
const stepOf = (i: number): number => steps[Math.floor(i / 4)]!

describeGpu('columns onto their grids', () => {
  it('halves to even, both ends of the clip, other columns as they were', async () => {
    const codes = [0.5, 1.5, -0.5, -2.5, 127.4, 127.5, 400, -128.5, -400, 3, -7.75, 0.25]
    const rounded = [0, 2, 0, -2, 127, 127, 127, -128, -128, 3, -8, 0]
    const [first, width, columns] = [4, 20, 12]
    // A row for every code, in all columns of it.
    const x = codes.flatMap(code =>
      Array.from(
        { length: width },
        (_, i) => code * (i < first || i >= first + columns ? 0.3 : stepOf(i - first) || 0.3)
      )
    )
    const y = tensorOf(x, width, codes.length + 1)
    const round = await roundColumns(device)
    const all = steps.flatMap(step => Array<number>(4).fill(step))
    const grid = columnSteps(device, 'scratch', 'grid', all)
    await run(batch => round(batch, y, first, codes.length, grid, 0, columns))
    const found = await valuesOf(y)
    const expected = x.map((value, i) => {
      const column = (i % width) - first
      const step = column >= 0 && column < columns ? stepOf(column) : 0
      return step === 0 ? Math.fround(value) : rounded[Math.floor(i / width)]! * step
    })
    expect([...found.subarray(0, expected.length)].map(value => value + 0)).toEqual(
      expected.map(value => value + 0)
    )
    expect([...found.subarray(expected.length)].every(Number.isNaN)).toBe(true)

    // Some of the steps for some of the columns; rounding again changes nothing.
    const again = tensorOf(x, width)
    await run(batch => {
      round(batch, again, first + 4, codes.length, grid, 4, 4)
      round(batch, again, first + 4, codes.length, grid, 4, 4)
    })
    const part = await valuesOf(again)
    expect(
      part.every((value, i) => value === (i % width >= 8 && i % width < 12 ? found[i] : Math.fround(x[i]!)))
    ).toBe(true)
    expect(() => round(undefined as never, y, 12, 1, grid, 0, 12)).toThrow('columns 12 to 24 of input (20)')
  })
})
