/** Rows of the embedding table by token id, scaled. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './embed.wgsl?raw'
import type { Matrix } from './weights'

/** tokens[first ...] (u32) to rows of y: [rows, dim padded to 4]. */
type Embed = (batch: Batch, tokens: GPUBuffer, first: number, rows: number, y: Tensor) => void

/** `scale`: what every value is multiplied by; a family's own, by the model's width and not the padded one. */
export async function embed(device: Device, table: Matrix, scale: number): Promise<Embed> {
  const kernel = await device.compile(
    { name: 'embed', wgsl },
    { WEIGHTS: table.format.wgsl, K4: table.inputs / 4 }
  )
  return (batch, tokens, first, rows, y) => {
    expectShape('embed', 'y', y, rows, table.inputs)
    for (const part of table.parts) {
      const params = { rows, tokens_first: first, part_first: part.first, part_rows: part.rows, scale }
      batch.run(kernel, [tokens, part.buffer, y.buffer], params, [Math.ceil(table.inputs / 4 / 64), rows])
    }
  }
}
