/** Logits bent towards a cap. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './softcap.wgsl?raw'

/** x = cap * tanh(x / cap) on the first `rows` rows, in place. */
type Softcap = (batch: Batch, x: Tensor, rows: number) => void

export async function softcap(device: Device, cap: number): Promise<Softcap> {
  const kernel = await device.compile({ name: 'softcap', wgsl }, {})
  return (batch, x, rows) => {
    expectShape('softcap', 'x', x, rows, x.shape[1])
    const count = (rows * x.shape[1]) / 4
    const groups = Math.ceil(count / 64)
    batch.run(kernel, [x.buffer], { count, cap }, [Math.min(groups, 65535), Math.ceil(groups / 65535)])
  }
}
