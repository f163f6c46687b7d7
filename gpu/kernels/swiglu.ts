/** SwiGLU: the activation of the feed-forward network. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './swiglu.wgsl?raw'

/** x: [rows, 2 * width], the half that passes SiLU first, to y: [rows, width]. */
type Swiglu = (batch: Batch, x: Tensor, y: Tensor, rows: number) => void

export async function swiglu(device: Device, width: number): Promise<Swiglu> {
  const kernel = await device.compile({ name: 'swiglu', wgsl }, { WIDTH4: width / 4 })
  return (batch, x, y, rows) => {
    expectShape('swiglu', 'x', x, rows, 2 * width)
    expectShape('swiglu', 'y', y, rows, width)
    batch.run(kernel, [x.buffer, y.buffer], { rows }, [Math.ceil(width / 4 / 64), rows])
  }
}
