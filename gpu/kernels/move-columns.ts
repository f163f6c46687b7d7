/** Neighbouring columns of rows to a place in other rows: heads of a layer that another kernel takes for themselves, and back. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './move-columns.wgsl?raw'

/** f32 values, all of them multiples of 4: `width` of a row of x from `first` on to a row of y from `to` on. */
export interface Columns {
  readonly first: number
  readonly to: number
  readonly width: number
}

export type MoveColumns = (batch: Batch, x: Tensor, y: Tensor, rows: number, columns: Columns) => void

export async function moveColumns(device: Device): Promise<MoveColumns> {
  const kernel = await device.compile({ name: 'move-columns', wgsl }, {})
  return (batch, x, y, rows, { first, to, width }) => {
    expectShape('move-columns', 'x', x, rows, x.shape[1])
    expectShape('move-columns', 'y', y, rows, y.shape[1])
    if ([first, to, width].some(value => value % 4 !== 0))
      throw new Error(`move-columns: ${width} values from ${first} to ${to}, expected multiples of 4`)
    if (first + width > x.shape[1] || to + width > y.shape[1])
      throw new Error(
        `move-columns: ${width} values from ${first} of ${x.shape[1]} to ${to} of ${y.shape[1]}`
      )
    const params = {
      first: first / 4,
      stride: x.shape[1] / 4,
      to: to / 4,
      to_stride: y.shape[1] / 4,
      width4: width / 4
    }
    batch.run(kernel, [x.buffer, y.buffer], params, [Math.ceil(width / 256), rows])
  }
}
