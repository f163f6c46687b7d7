/** GeGLU: the activation of the feed-forward network, and the gate of what a layer gets of a token. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './geglu.wgsl?raw'

/** What passes GELU lies at the beginning of rows of `gate`, what it is multiplied by in rows of `up`, from `upFirst` on. */
export interface Gated {
  readonly gate: Tensor
  readonly up: Tensor
  /** f32 values before it in a row. */
  readonly upFirst: number
}

/** y: [rows, width] = gelu(gate) * up, GELU by tanh. */
type Geglu = (batch: Batch, gated: Gated, y: Tensor, rows: number) => void

export async function geglu(device: Device, width: number): Promise<Geglu> {
  const kernel = await device.compile({ name: 'geglu', wgsl }, { WIDTH4: width / 4 })
  return (batch, { gate, up, upFirst }, y, rows) => {
    expectShape('geglu', 'y', y, rows, width)
    expectShape('geglu', 'gate', gate, rows, gate.shape[1])
    expectShape('geglu', 'up', up, rows, up.shape[1])
    if (gate.shape[1] < width || up.shape[1] < upFirst + width)
      throw new Error(
        `geglu: rows of ${gate.shape[1]} and ${up.shape[1]} values, expected ${width} and ${upFirst + width} at least`
      )
    const params = { gate_stride: gate.shape[1] / 4, up_first: upFirst / 4, up_stride: up.shape[1] / 4 }
    batch.run(kernel, [gate.buffer, up.buffer, y.buffer], params, [Math.ceil(width / 4 / 64), rows])
  }
}
