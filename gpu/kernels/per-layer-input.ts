/** The end of what every layer gets of a token beside the stream. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './per-layer-input.wgsl?raw'

export interface PerLayerScales {
  /** Of the product, before its norm. */
  readonly product: number
  /** Of the table's rows. */
  readonly table: number
  readonly eps: number
}

/**
 * What every layer gets of a token beside the stream: p: [rows, layers * width], a product of the embedded token, becomes
 * (norm(p * product) * weight + t * table) / sqrt(2), by layer. Rows of t, of the same width, from `tableRow` on. Weight:
 * [width], f32, one for all layers.
 */
type PerLayerInput = (
  batch: Batch,
  p: Tensor,
  t: Tensor,
  tableRow: number,
  weight: GPUBuffer,
  rows: number
) => void

export async function perLayerInput(
  device: Device,
  width: number,
  { product, table, eps }: PerLayerScales
): Promise<PerLayerInput> {
  const lanes = device.adapter.software ? 8 : 64
  const kernel = await device.compile({ name: 'per-layer-input', wgsl }, { WIDTH4: width / 4, LANES: lanes })
  return (batch, p, t, tableRow, weight, rows) => {
    expectShape('per-layer-input', 'p', p, rows, p.shape[1])
    expectShape('per-layer-input', 't', t, tableRow + rows, p.shape[1])
    const params = { t_first: (tableRow * p.shape[1]) / 4, eps, p_scale: product, table_scale: table }
    batch.run(kernel, [t.buffer, weight, p.buffer], params, [p.shape[1] / width, rows])
  }
}
