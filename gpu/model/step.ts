/** One pass over some rows, as the layers of a model see it. */
import type { Batch } from '../device/batch'
import type { Tensor } from '../device/tensor'
import type { Linear } from '../kernels/linear'

/** Rows at positions start, start + 1, ... */
export interface Step {
  readonly batch: Batch
  /** The residual stream: [.., dim padded to 4]. */
  readonly x: Tensor
  readonly rows: number
  readonly start: number
  /** First row in the rotation tables. */
  readonly tableRow: number
  /**
   * One row of an answer: linear-row reads each weight once at full speed. Reading always takes linear-tile, so that a chunk
   * of one row gives the same bits.
   */
  readonly answering: boolean
}

/** y = W x for the rows of a step, by the kernel that its shape wants. */
export function project(step: Step, matrix: Linear, x: Tensor, y: Tensor): void {
  if (step.answering && step.rows === 1) matrix.row(step.batch, x, 0, y)
  else matrix.rows(step.batch, x, y, step.rows)
}
