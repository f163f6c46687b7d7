/** A weight matrix on the GPU, as linear-tile and linear-row read it. */
import type { WeightFormat } from './weight-format'

export interface MatrixPart {
  readonly buffer: GPUBuffer
  /** First output of this part; a multiple of 32. */
  readonly first: number
  /** Outputs in this part, padding included; a multiple of 32. */
  readonly rows: number
}

/**
 * y = W x. Panels of 32 outputs, inside which a format lays out its values. A matrix larger than one binding is cut between
 * panels.
 */
export interface Matrix {
  readonly name: string
  readonly format: WeightFormat
  /** Inputs, a multiple of 4. */
  readonly inputs: number
  /** Outputs that are of use, a multiple of 4; the parts are padded to 32 with zeros. */
  readonly outputs: number
  readonly parts: readonly MatrixPart[]
}
