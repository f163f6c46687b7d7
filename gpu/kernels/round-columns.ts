/** Values onto a grid of 8 bits, each column's its own: outputs of products, and keys and values. */
import type { Batch } from '../device/batch'
import type { Device, Purpose } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import wgsl from './round-columns.wgsl?raw'

/** The steps of some columns; zero rounds nothing. */
export interface ColumnSteps {
  /** f32: the steps, then 1 / step or zero. */
  readonly buffer: GPUBuffer
  /** A multiple of 4. */
  readonly columns: number
}

/** Columns first ... first + columns of y, by the steps from `from` on, in place. */
type RoundColumns = (
  batch: Batch,
  y: Tensor,
  first: number,
  rows: number,
  steps: ColumnSteps,
  from: number,
  columns: number
) => void

export async function roundColumns(device: Device): Promise<RoundColumns> {
  const kernel = await device.compile({ name: 'round-columns', wgsl }, {})
  return (batch, y, first, rows, steps, from, columns) => {
    expectShape('round-columns', 'y', y, rows, y.shape[1])
    if (from + columns > steps.columns || first + columns > y.shape[1])
      throw new Error(
        `round-columns: columns ${first} to ${first + columns} of ${y.name} (${y.shape[1]}), steps ${from} to ` +
          `${from + columns} of ${steps.columns}`
      )
    const params = {
      y_stride: y.shape[1] / 4,
      y_first: first / 4,
      steps_first: from / 4,
      columns: columns / 4,
      inverses: steps.columns / 4
    }
    batch.run(kernel, [steps.buffer, y.buffer], params, [Math.ceil(columns / 4 / 64), rows])
  }
}

/** 1 / step as the kernels multiply by it; zero for a step that rounds nothing. */
export const inverseOf = (step: number): number => (step === 0 ? 0 : Math.fround(1 / step))

/** `write` false: room only, for a dry run. */
export function columnSteps(
  device: Device,
  purpose: Purpose,
  name: string,
  steps: readonly number[],
  write = true
): ColumnSteps {
  const buffer = device.buffer(purpose, name, steps.length * 8)
  if (write) device.raw.queue.writeBuffer(buffer, 0, Float32Array.of(...steps, ...steps.map(inverseOf)))
  return { buffer, columns: steps.length }
}
