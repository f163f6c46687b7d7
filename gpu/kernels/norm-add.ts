/** A branch of a layer, normed behind its last product, joins the stream. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import wgsl from './norm-add.wgsl?raw'

/** x = (x + norm(y) * weight) * scalar on the first `rows` rows: [.., width padded to 4]. Weight: f32, used as it is. */
type NormAdd = (batch: Batch, x: Tensor, y: Tensor, weight: GPUBuffer, rows: number, scalar?: number) => void

export async function normAdd(device: Device, width: number, eps: number): Promise<NormAdd> {
  const padded = up4(width)
  const lanes = device.adapter.software ? 8 : 64
  const kernel = await device.compile(
    { name: 'norm-add', wgsl },
    { WIDTH: width, WIDTH4: padded / 4, LANES: lanes }
  )
  return (batch, x, y, weight, rows, scalar = 1) => {
    expectShape('norm-add', 'x', x, rows, padded)
    expectShape('norm-add', 'y', y, rows, padded)
    batch.run(kernel, [y.buffer, weight, x.buffer], { eps, scalar }, [rows])
  }
}
