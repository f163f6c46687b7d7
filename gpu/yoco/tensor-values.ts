/** Values of safetensors as numbers: reading whole tensors, widening to f32, and asking what fits a half. */
import type { TensorLocation } from './tensor-table'

/** The whole tensor; for vectors. Matrices are read in ranges. */
export async function readTensor(tensor: TensorLocation): Promise<Uint8Array<ArrayBuffer>> {
  const bytes = new Uint8Array(tensor.end - tensor.start)
  await tensor.source.read(tensor.start, bytes)
  return bytes
}

const word = new DataView(new ArrayBuffer(4))

export function halfToFloat(half: number): number {
  const sign = half & 0x8000 ? -1 : 1
  const exponent = (half >> 10) & 31
  const fraction = half & 0x3ff
  if (exponent === 0) return sign * fraction * 2 ** -24
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

/** Widens to f32. `bytes` starts at a multiple of the element's size. */
export function floatsOf(dtype: TensorLocation['dtype'], bytes: Uint8Array<ArrayBuffer>): Float32Array {
  if (dtype === 'F32') return new Float32Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 4)
  const halves = new Uint16Array(bytes.buffer, bytes.byteOffset, bytes.byteLength / 2)
  if (dtype === 'F16') return Float32Array.from(halves, halfToFloat)
  const words = Uint32Array.from(halves, half => half << 16)
  return new Float32Array(words.buffer)
}

/** The bits of the half that equals this f32 exactly, or -1 when there is none. Takes the f32's bits. */
export function exactHalf(bits: number): number {
  const sign = (bits >>> 16) & 0x8000
  const exponent = (bits >>> 23) & 255
  const fraction = bits & 0x7fffff
  if (exponent === 0) return fraction === 0 ? sign : -1
  const shifted = exponent - 127 + 15
  if (shifted >= 1 && shifted <= 30)
    return (fraction & 0x1fff) === 0 ? sign | (shifted << 10) | (fraction >>> 13) : -1
  // Subnormal halves: 2^-24 steps below 2^-14.
  if (shifted < -9 || shifted > 0) return -1
  const whole = fraction | 0x800000
  const drop = 14 - shifted
  return (whole & ((1 << drop) - 1)) === 0 ? sign | (whole >>> drop) : -1
}

export function floatBits(value: number): number {
  word.setFloat32(0, value)
  return word.getUint32(0)
}
