/** Adds one bias to every row, in place. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './add-bias.wgsl?raw'

/** x += bias on every one of the first `rows` rows; bias: [width], f32. */
type AddBias = (batch: Batch, x: Tensor, bias: GPUBuffer, rows: number) => void

export async function addBias(device: Device, width: number): Promise<AddBias> {
  const kernel = await device.compile({ name: 'add-bias', wgsl }, { WIDTH4: width / 4 })
  return (batch, x, bias, rows) => {
    expectShape('add-bias', 'x', x, rows, width)
    batch.run(kernel, [bias, x.buffer], {}, [Math.ceil(width / 4 / 64), rows])
  }
}
