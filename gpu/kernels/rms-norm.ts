/** RMSNorm of rows, with a weight. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import wgsl from './rms-norm.wgsl?raw'
import { expectOutput, rowForms, type RowOutput } from './row-output'

/** Where a row's mean is taken: over the first `width` values, padded to 4 with zeros. */
export interface NormShape {
  readonly width: number
  readonly eps: number
}

/** Lanes that share a row. */
export const normLanes = ({ adapter }: Device): number => (adapter.software ? 8 : 64)

/** The first rows of x: [.., width padded to 4] to the first of the output. Weight: f32. */
type RmsNorm = (batch: Batch, x: Tensor, weight: GPUBuffer, rows: number) => void

export async function rmsNorm(device: Device, { width, eps }: NormShape, y: RowOutput): Promise<RmsNorm> {
  const padded = up4(width)
  const kernel = await device.compile(
    { name: 'rms-norm', wgsl },
    { ROW: rowForms[y.form], WIDTH: width, WIDTH4: padded / 4, OUT4: y.stride, LANES: normLanes(device) }
  )
  return (batch, x, weight, rows) => {
    expectShape('rms-norm', 'x', x, rows, padded)
    expectOutput('rms-norm', y, rows, padded)
    batch.run(kernel, [x.buffer, weight, y.buffer], { eps, inverse: y.inverse }, [rows])
  }
}
