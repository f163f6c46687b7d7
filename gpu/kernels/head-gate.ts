/** The end of gated retention: each head is normalised and multiplied by its gate. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import wgsl from './head-gate.wgsl?raw'

/** x: [rows, heads * head dim], in place; the gate lies inside rows of `gate`, from f32 `gateFirst` on. */
type HeadGate = (batch: Batch, x: Tensor, gate: Tensor, gateFirst: number, rows: number) => void

export async function headGate(
  device: Device,
  heads: number,
  headDim: number,
  eps: number
): Promise<HeadGate> {
  const head = up4(headDim)
  const constants = { HEADS: heads, HEAD_DIM: headDim, HEAD4: head / 4, WIDTH4: (heads * head) / 4 }
  const kernel = await device.compile({ name: 'head-gate', wgsl }, constants)
  return (batch, x, gate, gateFirst, rows) => {
    expectShape('head-gate', 'x', x, rows, heads * head)
    const params = { rows, gate_first: gateFirst / 4, gate_stride: gate.shape[1] / 4, eps, head4: head / 4 }
    batch.run(kernel, [gate.buffer, x.buffer], params, [Math.ceil((rows * heads) / 64)])
  }
}
