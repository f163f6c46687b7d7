/** y = x W^T: `linear-tile` for many rows, `linear-row` for one. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import tile from './linear-tile.wgsl?raw'
import row from './linear-row.wgsl?raw'
import type { Matrix } from './weights'

/** Rows per workgroup of linear-tile; row buffers are padded to it. */
export const tileRows = 8

export interface Linear {
  /** x: [rows, inputs] to y: [rows, outputs]; writes no other row of y. */
  rows(batch: Batch, x: Tensor, y: Tensor, rows: number): void
  /** The row `at` of x to the first row of y. */
  row(batch: Batch, x: Tensor, at: number, y: Tensor): void
}

/**
 * Lanes of a tile: on lavapipe 64 reached 1.2 to 1.6 times what 16 did at every shape of the embedded model (9 to 20
 * GFLOP/s), on SwiftShader the number made no difference, and hardware wants a full subgroup of 32 or 64.
 */
export const tileLanes = 64

/** One row goes in slices of k only on hardware, where one workgroup per 128 outputs leaves it idle. */
export const rowWorkgroup = ({ adapter }: Device): { readonly LANES: number; readonly SLICES: number } =>
  adapter.software ? { LANES: 16, SLICES: 1 } : { LANES: 32, SLICES: 8 }

/** Where a product stands in rows of y that hold others too: both in outputs, multiples of 4. */
export interface Place {
  readonly first: number
  readonly width: number
}

export async function linear(
  device: Device,
  matrix: Matrix,
  place: Place = { first: 0, width: matrix.outputs }
): Promise<Linear> {
  const constants = { WEIGHTS: matrix.format.wgsl, K4: matrix.inputs / 4 }
  const workgroup = rowWorkgroup(device)
  const tileKernel = await device.compile(
    { name: 'linear-tile', wgsl: tile },
    { ...constants, LANES: tileLanes }
  )
  const rowKernel = await device.compile({ name: 'linear-row', wgsl: row }, { ...constants, ...workgroup })

  return {
    rows(batch, x, y, rows) {
      const padded = Math.ceil(rows / tileRows) * tileRows
      expectShape('linear-tile', `x of ${matrix.name}`, x, padded, matrix.inputs)
      expectShape('linear-tile', `y of ${matrix.name}`, y, rows, place.width)
      for (const part of matrix.parts) {
        const columns = Math.min(part.rows, matrix.outputs - part.first) / 4
        const params = {
          rows,
          x_stride: matrix.inputs / 4,
          y_stride: place.width / 4,
          y_first: (place.first + part.first) / 4,
          columns
        }
        batch.run(tileKernel, [x.buffer, part.buffer, y.buffer], params, [
          Math.ceil(columns / tileLanes),
          padded / tileRows
        ])
      }
    },
    row(batch, x, at, y) {
      expectShape('linear-row', `x of ${matrix.name}`, x, at + 1, matrix.inputs)
      expectShape('linear-row', `y of ${matrix.name}`, y, 1, place.width)
      for (const part of matrix.parts) {
        const columns = Math.min(part.rows, matrix.outputs - part.first) / 4
        const params = { x_first: (at * matrix.inputs) / 4, y_first: (place.first + part.first) / 4, columns }
        batch.run(rowKernel, [x.buffer, part.buffer, y.buffer], params, [
          Math.ceil(columns / workgroup.LANES)
        ])
      }
    }
  }
}
