/** y = x W^T: one kernel for many rows, another for one, those that kernel-choice.ts gives the adapter. */
import type { ProductKernels } from '../device/adapter'
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import { kernelChoice } from './kernel-choice'
import { type ProductKernel, productPair } from './product-kernels'
import type { Matrix } from './weights'

/** Row buffers are padded to that many: linear-tile reads whole tiles of rows, and so does attention. */
export const tileRows = 8

export interface Linear {
  /** x: [rows, inputs] to y: [rows, outputs]; writes no other row of y. */
  rows(batch: Batch, x: Tensor, y: Tensor, rows: number): void
  /** The row `at` of x to the first row of y. */
  row(batch: Batch, x: Tensor, at: number, y: Tensor): void
}

/** Where a product stands in rows of y that hold others too: both in outputs, multiples of 4. */
export interface Place {
  readonly first: number
  readonly width: number
}

/** `kernels`: those of the adapter where absent. */
export async function linear(
  device: Device,
  matrix: Matrix,
  place: Place = { first: 0, width: matrix.outputs },
  kernels?: ProductKernels
): Promise<Linear> {
  const family = kernels ?? (await kernelChoice(device)).kernels
  const { tile, row } = await productPair(device, family, 'floats', matrix)
  const run = (
    batch: Batch,
    { kernel, ...own }: ProductKernel,
    x: Tensor,
    at: number,
    y: Tensor,
    rows: number
  ) => {
    for (const part of matrix.parts) {
      const columns = Math.min(part.rows, matrix.outputs - part.first) / 4
      const params = {
        rows,
        x_first: (at * matrix.inputs) / 4,
        x_stride: matrix.inputs / 4,
        y_first: (place.first + part.first) / 4,
        y_stride: place.width / 4,
        columns
      }
      batch.run(kernel, [x.buffer, part.buffer, y.buffer], params, [
        Math.ceil(columns / own.columns),
        Math.ceil(rows / own.rows)
      ])
    }
  }
  return {
    rows(batch, x, y, rows) {
      const padded = Math.ceil(rows / tileRows) * tileRows
      expectShape('linear-tile', `x of ${matrix.name}`, x, padded, matrix.inputs)
      expectShape('linear-tile', `y of ${matrix.name}`, y, rows, place.width)
      run(batch, tile, x, 0, y, rows)
    },
    row(batch, x, at, y) {
      expectShape('linear-row', `x of ${matrix.name}`, x, at + 1, matrix.inputs)
      expectShape('linear-row', `y of ${matrix.name}`, y, 1, place.width)
      run(batch, row, x, at, y, 1)
    }
  }
}
