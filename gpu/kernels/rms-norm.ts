/** RMSNorm of rows, with a weight. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import wgsl from './rms-norm.wgsl?raw'

/** Rows `first ... first + rows` of x to the first rows of y: [.., width], width padded to 4. Weight: f32. */
type RmsNorm = (batch: Batch, x: Tensor, first: number, weight: GPUBuffer, y: Tensor, rows: number) => void

export async function rmsNorm(device: Device, width: number, eps: number): Promise<RmsNorm> {
  const padded = up4(width)
  const lanes = device.adapter.software ? 8 : 64
  const kernel = await device.compile(
    { name: 'rms-norm', wgsl },
    { WIDTH: width, WIDTH4: padded / 4, LANES: lanes }
  )
  return (batch, x, first, weight, y, rows) => {
    expectShape('rms-norm', 'x', x, first + rows, padded)
    expectShape('rms-norm', 'y', y, rows, padded)
    batch.run(kernel, [x.buffer, weight, y.buffer], { x_first: (first * padded) / 4, eps }, [rows])
  }
}
