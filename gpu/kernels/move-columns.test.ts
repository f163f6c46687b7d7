import { expect, it } from 'vitest'
import { describeGpu, device, poisoned, run, tensorOf, valuesOf } from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { type Columns, moveColumns } from './move-columns'

/** Widths of x and y, and what is moved: a single group, to the right and left, all of a row, more than a workgroup takes. */
const cases: readonly (readonly [number, number, Columns])[] = [
  [4, 4, { first: 0, to: 0, width: 4 }],
  [24, 12, { first: 16, to: 4, width: 8 }],
  [12, 24, { first: 0, to: 12, width: 12 }],
  [1084, 300, { first: 764, to: 4, width: 256 }],
  [580, 1200, { first: 36, to: 640, width: 544 }]
]

describeGpu('move-columns', () => {
  it.each(cases)('from %i to %i values: %j', async (from, into, columns) => {
    const { first, to, width } = columns
    const move = await moveColumns(device)
    for (const rows of [1, 2, 9, 40]) {
      const values = new Random(rows).normals(rows * from).map(Math.fround)
      // Each tensor has a row more than are moved.
      const [x, y] = [tensorOf(values, from, rows + 1), poisoned(rows + 1, into)]
      await run(batch => move(batch, x, y, rows, columns))
      const expected = new Float32Array((rows + 1) * into).fill(NaN)
      for (let row = 0; row < rows; row++)
        expected.set(values.subarray(row * from + first, row * from + first + width), row * into + to)
      expect(await valuesOf(y)).toEqual(expected)
      expect((await valuesOf(x)).subarray(0, rows * from)).toEqual(Float32Array.from(values))
    }
  })

  it('several moves fill a row side by side', async () => {
    const move = await moveColumns(device)
    const x = tensorOf(
      Array.from({ length: 24 }, (_, i) => i),
      12
    )
    const y = poisoned(2, 12)
    await run(batch => {
      for (const [first, to] of [
        [8, 0],
        [0, 4],
        [4, 8]
      ] as const)
        move(batch, x, y, 2, { first, to, width: 4 })
    })
    const row = [8, 9, 10, 11, 0, 1, 2, 3, 4, 5, 6, 7]
    expect([...(await valuesOf(y))]).toEqual([...row, ...row.map(value => value + 12)])
  })

  it('refuses what does not fit', async () => {
    const move = await moveColumns(device)
    const [x, y] = [poisoned(2, 12, 'x'), poisoned(3, 8, 'y')]
    const moved = (rows: number, first: number, to: number, width: number) => () =>
      move(undefined as never, x, y, rows, { first, to, width })
    expect(moved(2, 8, 0, 8)).toThrow('move-columns: 8 values from 8 of 12 to 0 of 8')
    expect(moved(2, 0, 4, 8)).toThrow('move-columns: 8 values from 0 of 12 to 4 of 8')
    for (const [first, to, width] of [
      [2, 0, 4],
      [0, 2, 4],
      [0, 0, 6]
    ] as const)
      expect(moved(2, first, to, width)).toThrow('expected multiples of 4')
    expect(moved(3, 0, 0, 4)).toThrow('x (x) is [2, 12], expected [at least 3, 12]')
    const longer = () => move(undefined as never, poisoned(4, 12), y, 4, { first: 0, to: 0, width: 4 })
    expect(longer).toThrow('y (y) is [3, 8], expected [at least 4, 8]')
  })
})
