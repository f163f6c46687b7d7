/** Matrices of codes as files hold them, and what they stand for: docs/weights.md followed to the letter, value by value. */
import { encode, type FloatType, round } from './rounding'
import type { StoredTensor } from './safetensors-writer'

export interface CodedAs {
  readonly bits: 2 | 4 | 8
  /** Inputs that share a scale; all of a row by default. */
  readonly block?: number
  readonly minimum?: boolean
  readonly type?: 'U8' | 'I8' | 'U32'
  readonly scale?: FloatType
}

export interface CodedMatrix {
  /** The codes, their scales, and minima where there are any. */
  readonly stored: readonly StoredTensor[]
  /** [rows, inputs], as the codes say. */
  readonly values: Float64Array
}

export function codeMatrix(name: string, w: ArrayLike<number>, inputs: number, as: CodedAs): CodedMatrix {
  const { bits, block = inputs, minimum = false, type = 'U8', scale: scaleType = 'F16' } = as
  const rows = w.length / inputs
  const blocks = Math.ceil(inputs / block)
  const [most, zero] = [2 ** bits - 1, 2 ** (bits - 1)]
  const [scales, minima] = [new Float64Array(rows * blocks), new Float64Array(rows * blocks)]
  const unit = type === 'U32' ? 4 : 1
  const rowBytes = Math.ceil((inputs * bits) / 8 / unit) * unit
  const packed = new Uint8Array(rows * rowBytes)
  const values = new Float64Array(w.length)
  for (let row = 0; row < rows; row++) {
    for (let k = 0; k < inputs; k++) {
      const b = row * blocks + Math.floor(k / block)
      if (k % block === 0) {
        const part = Array.from({ length: Math.min(block, inputs - k) }, (_, i) => w[row * inputs + k + i]!)
        const [low, high] = [Math.min(...part), Math.max(...part)]
        minima[b] = minimum ? round(low, scaleType) : 0
        scales[b] = round(minimum ? (high - low) / most : Math.max(high, -low) / (zero - 0.5), scaleType)
      }
      const at = row * inputs + k
      const step = scales[b]! === 0 ? 0 : (w[at]! - minima[b]!) / scales[b]!
      const code = Math.max(0, Math.min(most, Math.round(step) + (minimum ? 0 : zero)))
      values[at] = Math.fround(scales[b]! * (minimum ? code : code - zero) + minima[b]!)
      const bit = k * bits
      // Signed bytes hold the value itself.
      packed[row * rowBytes + (bit >> 3)]! |= (type === 'I8' ? (code - zero) & 255 : code) << (bit & 7)
    }
  }
  const floats = (suffix: string, from: Float64Array): StoredTensor => ({
    name: `${name}${suffix}`,
    type: scaleType,
    shape: [rows, blocks],
    bytes: encode(from, scaleType)
  })
  return {
    stored: [
      { name, type, shape: [rows, rowBytes / unit], bytes: packed },
      floats('_scale', scales),
      ...(minimum ? [floats('_minimum', minima)] : [])
    ],
    values
  }
}

export interface StaticallyCoded {
  readonly bits: 2 | 4 | 8
  /** One for every row; f32. */
  readonly scales: ArrayLike<number>
  readonly inputStep?: number
  readonly outputStep?: number
}

/** A matrix `….weight` as Google's mobile files hold it: `values` [rows, inputs] from -2^(bits - 1) on, steps beside them. */
export function mobileMatrix(
  name: string,
  values: ArrayLike<number>,
  inputs: number,
  { bits, scales, inputStep, outputStep }: StaticallyCoded
): StoredTensor[] {
  const rows = values.length / inputs
  const rowBytes = Math.ceil((inputs * bits) / 8)
  const bytes = new Uint8Array(rows * rowBytes)
  for (let i = 0; i < values.length; i++) {
    const bit = (i % inputs) * bits
    const code = bits === 8 ? values[i]! & 255 : values[i]! + 2 ** (bits - 1)
    bytes[Math.floor(i / inputs) * rowBytes + (bit >> 3)]! |= code << (bit & 7)
  }
  const one = (suffix: string, step: number | undefined): StoredTensor[] =>
    step === undefined
      ? []
      : [{ name: name.replace(/weight$/, suffix), type: 'F32', shape: [], bytes: encode([step], 'F32') }]
  return [
    { name: `${name}_scale`, type: 'F32', shape: [rows, 1], bytes: encode(scales, 'F32') },
    ...one('input_activation_scale', inputStep),
    ...one('output_activation_scale', outputStep),
    { name, type: bits === 8 ? 'I8' : 'U8', shape: [rows, rowBytes], bytes }
  ]
}
