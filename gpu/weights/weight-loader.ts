/**
 * From tensors in files to matrices and vectors on the GPU, one after another, by their roles; tells how far it is. Which
 * tensors make up a matrix is a family's own affair.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import type { ProductMatrix } from '../kernels/static-linear'
import type { Matrix } from '../kernels/weights'
import { sameTensor } from './same-tensor'
import { readStep, uploadProduct } from './static-matrix'
import { rowsOf, storedBytes, type TensorLocation } from './tensor-location'
import { floatsOf, readTensor } from './tensor-values'
import { type Piece, uploadMatrix } from './upload-matrix'

export interface WeightLoaderOptions {
  /** Allocates without reading or uploading. */
  readonly blank?: boolean
  readonly onProgress?: (loadedBytes: number, totalBytes: number) => void
}

/** Values in groups (heads) that are padded with zeros. */
export interface Groups {
  readonly group: number
  readonly padded: number
}

export const headGroups = (headDim: number): Groups => ({ group: headDim, padded: up4(headDim) })

export class WeightLoader {
  private loaded = 0
  private readonly total: number

  constructor(
    private readonly device: Device,
    private readonly tensors: ReadonlyMap<string, TensorLocation>,
    private readonly options: WeightLoaderOptions = {}
  ) {
    this.total = [...tensors.values()].reduce((sum, tensor) => sum + storedBytes(tensor), 0)
  }

  has(role: string): boolean {
    return this.tensors.has(role)
  }

  /** All rows of a tensor, none of them padded. */
  whole(role: string): Piece {
    const [rows] = this.at(role).shape
    return { tensor: this.at(role), group: rows, padded: rows }
  }

  /** Rows from ... to - 1 of a tensor. */
  rows(role: string, from: number, to: number): Piece {
    return { tensor: rowsOf(this.at(role), from, to), group: to - from, padded: to - from }
  }

  /** The rows of a tensor, each head of them padded. */
  byHead(role: string, headDim: number): Piece {
    return { tensor: this.at(role), ...headGroups(headDim) }
  }

  /** `pieces` stacked into one matrix [inputs, outputs]; `inputs`: groups of its columns. */
  matrix(name: string, pieces: readonly Piece[], inputs: Partial<Groups> = {}): Promise<Matrix> {
    return this.uploading(pieces, blank => uploadMatrix(this.device, name, pieces, inputs, blank))
  }

  /** The same; a static matrix where steps of activations are kept beside any of the tensors. */
  product(name: string, pieces: readonly Piece[]): Promise<ProductMatrix> {
    return this.uploading(pieces, blank => uploadProduct(this.device, name, pieces, blank))
  }

  private async uploading<T>(pieces: readonly Piece[], upload: (blank: boolean) => Promise<T>): Promise<T> {
    const matrix = await upload(this.options.blank === true)
    for (const { tensor } of pieces) this.loaded += storedBytes(tensor)
    this.options.onProgress?.(this.loaded, this.total)
    return matrix
  }

  /** A step of activations; 0 where there is none. */
  step(role: string): Promise<number> {
    const tensor = this.tensors.get(role)
    if (tensor?.codes) throw new Error(`weights: ${role} holds codes`)
    if (tensor) this.loaded += storedBytes(tensor)
    return this.options.blank === true && tensor ? Promise.resolve(1) : readStep(tensor)
  }

  /** Whether inputs or outputs of a matrix lie on a grid. */
  async rounds(role: string): Promise<boolean> {
    const { codes } = this.at(role)
    if (this.options.blank === true) return false
    return (await readStep(codes?.inputStep)) !== 0 || (await readStep(codes?.outputStep)) !== 0
  }

  /** Whether a tensor holds the bytes of another, so that it need not be loaded; reads both. Those of a dry run are taken to. */
  async same(role: string, other: string): Promise<boolean> {
    const same = this.options.blank === true || (await sameTensor(this.at(role), this.at(other)))
    if (same) this.loaded += storedBytes(this.at(role))
    return same
  }

  /** Tensors of one dimension one after another, as f32, filled up to a multiple of 4 values. Throws where one holds codes. */
  async vector(name: string, roles: readonly string[], { group, padded }: Groups): Promise<GPUBuffer> {
    const values: number[] = []
    for (const role of roles) {
      const tensor = this.at(role)
      if (tensor.codes) throw new Error(`weights: ${role} holds codes`)
      const source = floatsOf(tensor.dtype, await readTensor(tensor))
      for (let i = 0; i < source.length; i += group)
        for (let j = 0; j < padded; j++) values.push(j < group && i + j < source.length ? source[i + j] : 0)
      this.loaded += storedBytes(tensor)
    }
    while (values.length % 4 !== 0) values.push(0)
    const buffer = this.device.buffer('weights', name, values.length * 4)
    this.device.raw.queue.writeBuffer(buffer, 0, new Float32Array(values))
    return buffer
  }

  /** The weights of a norm over `width` values. */
  norm(role: string, width: number): Promise<GPUBuffer> {
    return this.vector(role, [role], headGroups(width))
  }

  /** A tensor of one value. */
  async number(role: string): Promise<number> {
    const tensor = this.at(role)
    if (tensor.codes) throw new Error(`weights: ${role} holds codes`)
    this.loaded += storedBytes(tensor)
    return floatsOf(tensor.dtype, await readTensor(tensor))[0]
  }

  private at(role: string): TensorLocation {
    const tensor = this.tensors.get(role)
    if (!tensor) throw new Error(`weights: no tensor for ${role}`)
    return tensor
  }
}
