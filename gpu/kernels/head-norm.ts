/** RMSNorm of each head by itself. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import wgsl from './head-norm.wgsl?raw'

/** In place on `heads` heads of each row of x, from f32 `first` on. Weight: [head dim], f32. */
type HeadNorm = (
  batch: Batch,
  x: Tensor,
  weight: GPUBuffer,
  heads: number,
  rows: number,
  first?: number
) => void

export async function headNorm(device: Device, headDim: number, eps: number): Promise<HeadNorm> {
  const kernel = await device.compile(
    { name: 'head-norm', wgsl },
    { HEAD_DIM: headDim, HEAD4: up4(headDim) / 4 }
  )
  return (batch, x, weight, heads, rows, first = 0) => {
    const params = { rows, first: first / 4, stride: x.shape[1] / 4, heads, eps, head4: up4(headDim) / 4 }
    batch.run(kernel, [weight, x.buffer], params, [Math.ceil((rows * heads) / 64)])
  }
}
