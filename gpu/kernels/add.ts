/** Adds rows to rows, or one bias to every row, in place. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import biasWgsl from './add-bias.wgsl?raw'
import wgsl from './add.wgsl?raw'

/** x += y on the first `rows` rows. */
export type Add = (batch: Batch, x: Tensor, y: Tensor, rows: number) => void

export async function add(device: Device): Promise<Add> {
  const kernel = await device.compile({ name: 'add', wgsl }, {})
  return (batch, x, y, rows) => {
    expectShape('add', 'y', y, rows, x.shape[1])
    const count = (rows * x.shape[1]) / 4
    const groups = Math.ceil(count / 64)
    batch.run(kernel, [y.buffer, x.buffer], { count }, [Math.min(groups, 65535), Math.ceil(groups / 65535)])
  }
}

/** x += bias on every one of the first `rows` rows; bias: [width], f32. */
type AddBias = (batch: Batch, x: Tensor, bias: GPUBuffer, rows: number) => void

export async function addBias(device: Device, width: number): Promise<AddBias> {
  const kernel = await device.compile({ name: 'add-bias', wgsl: biasWgsl }, { WIDTH4: width / 4 })
  return (batch, x, bias, rows) => {
    expectShape('add-bias', 'x', x, rows, width)
    batch.run(kernel, [bias, x.buffer], { rows }, [Math.ceil(width / 4 / 64), rows])
  }
}
