/** What uploading asks of a weight format: panels filled row by row. */
import type { WeightFormat } from '../kernels/weight-format'
import type { TensorLocation } from './tensor-location'

/** Tensors that become one matrix, and where their inputs come to lie. */
export interface Stack {
  readonly tensors: readonly TensorLocation[]
  /** Inputs on the GPU, padding included; a multiple of 4. */
  readonly inputs: number
  /** By input of the file: its place on the GPU. */
  readonly column: Uint32Array
}

export interface PanelFiller {
  readonly format: WeightFormat
  /** One panel's bytes; everything that is not put is a weight of zero. */
  readonly panel: Float32Array<ArrayBuffer> | Uint16Array<ArrayBuffer> | Uint8Array<ArrayBuffer>
  clear(): void
  /** A row of the tensor `piece` becomes an output (0 to 31) of the panel; rows of a tensor come in rising order. */
  put(output: number, piece: number, row: number): Promise<void>
}
