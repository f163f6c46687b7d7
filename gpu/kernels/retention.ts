/** Gated retention: one state per head, moved on row by row. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import wgsl from './retention.wgsl?raw'

export interface RetentionShape {
  readonly heads: number
  readonly headDim: number
  /** The log-gate is logsigmoid(r) / gateNormalizer; 16 in YOCO's official code. */
  readonly gateNormalizer: number
}

/**
 * x: [rows, q | k | v | g | gate logits padded to 4], q and k rotated; state: [heads * head dim, head dim padded to 4],
 * moved on by `rows` tokens; y: [rows, heads * head dim].
 */
type Retain = (batch: Batch, x: Tensor, state: Tensor, y: Tensor, rows: number) => void

export async function retention(device: Device, config: RetentionShape): Promise<Retain> {
  const { heads, headDim } = config
  const head = up4(headDim)
  const lanes = device.adapter.software ? 8 : 32
  const constants = {
    HEADS: heads,
    HEAD: head,
    HEAD_DIM: headDim,
    LANES: lanes,
    NORMALIZER: config.gateNormalizer,
    SCALE: headDim ** -0.5
  }
  const kernel = await device.compile({ name: 'retention', wgsl }, constants)
  return (batch, x, state, y, rows) => {
    expectShape('retention', 'x', x, rows, 4 * heads * head + up4(heads))
    expectShape('retention', 'state', state, heads * headDim, head)
    expectShape('retention', 'y', y, rows, heads * head)
    batch.run(kernel, [x.buffer, state.buffer, y.buffer], { rows, stride: x.shape[1] }, [
      Math.ceil(head / lanes),
      heads
    ])
  }
}
