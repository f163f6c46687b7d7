/** Where the values of a tensor lie, and how: as floats, or as codes with scales (docs/weights.md). */
import type { ByteSource } from '../text/byte-source'

export type FloatType = 'F32' | 'F16' | 'BF16'
export type CodeType = 'U8' | 'I8' | 'U32'

interface StoredTensor {
  readonly source: ByteSource
  readonly file: string
  readonly name: string
  /** Shape of the values, row-major; matrices are [out, in]. */
  readonly shape: readonly number[]
  /** Absolute byte offsets in the file, `end` exclusive. */
  readonly start: number
  readonly end: number
}

export interface FloatTensor extends StoredTensor {
  readonly dtype: FloatType
  readonly codes?: undefined
}

/** A matrix of whole numbers; rows are packed bytes, the first value in the lowest bits. */
export interface CodeTensor extends StoredTensor {
  readonly dtype: CodeType
  readonly codes: StoredCodes
}

export interface StoredCodes {
  readonly bits: 2 | 4 | 8
  /** Bytes of a row of codes. */
  readonly rowBytes: number
  /** Inputs that share a scale; undefined: one scale a row. */
  readonly block: number | undefined
  /** [out, blocks]. */
  readonly scale: FloatTensor
  /** As many as scales, in the same shape; without them codes are symmetric about 2^(bits - 1), or signed where the type is. */
  readonly minimum: FloatTensor | undefined
  /** Of models whose activations lie on fixed grids: the steps of what goes in and of what comes out, one value each. */
  readonly inputStep?: FloatTensor
  readonly outputStep?: FloatTensor
}

export type TensorLocation = FloatTensor | CodeTensor

/** Whether activations that it reads or makes lie on a fixed grid, as its file says. */
export const hasSteps = ({ codes }: TensorLocation): boolean =>
  codes?.inputStep !== undefined || codes?.outputStep !== undefined

/** Scales and minima included. */
export function storedBytes(tensor: TensorLocation): number {
  const { start, end, codes } = tensor
  const beside = codes ? [codes.scale, codes.minimum, codes.inputStep, codes.outputStep] : []
  return beside.reduce((sum, each) => sum + (each ? each.end - each.start : 0), end - start)
}

export const floatBytes = (dtype: FloatType): number => (dtype === 'F32' ? 4 : 2)
export const isFloatType = (dtype: string): dtype is FloatType =>
  dtype === 'F32' || dtype === 'F16' || dtype === 'BF16'
export const isCodeType = (dtype: string): dtype is CodeType =>
  dtype === 'U8' || dtype === 'I8' || dtype === 'U32'

/** Rows from ... to - 1 of a matrix, where they lie. */
export function rowsOf(tensor: TensorLocation, from: number, to: number): TensorLocation {
  const [rows, inputs] = tensor.shape
  const part = <T extends StoredTensor>(whole: T): T => {
    const rowBytes = (whole.end - whole.start) / rows
    const [, ...rest] = whole.shape
    return {
      ...whole,
      shape: [to - from, ...rest],
      start: whole.start + from * rowBytes,
      end: whole.start + to * rowBytes
    }
  }
  if (!tensor.codes) return part(tensor)
  const { scale, minimum } = tensor.codes
  return {
    ...part(tensor),
    shape: [to - from, inputs],
    codes: { ...tensor.codes, scale: part(scale), minimum: minimum && part(minimum) }
  }
}
