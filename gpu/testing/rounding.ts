/**
 * Numbers as the files and the pages hold them: nearest f32, f16 or bf16, ties to even. Written from
 * IEEE 754 and the bfloat16 definition (the upper half of an f32), without platform conversions beyond
 * `Math.fround`, so that the engine's own conversions can be held against these.
 */
export type FloatType = 'F32' | 'F16' | 'BF16'

export const bytesPerValue: Readonly<Record<FloatType, number>> = { F32: 4, F16: 2, BF16: 2 }

const f32Value = new Float32Array(1)
const f32Bits = new Uint32Array(f32Value.buffer)

export function roundHalfEven(x: number): number {
  const floor = Math.floor(x)
  const rest = x - floor
  if (rest !== 0.5) return Math.round(x)
  return floor % 2 === 0 ? floor : floor + 1
}

/** Rounds straight from f64: going through f32 first would round twice and miss some ties. */
export function roundToF16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x
  const magnitude = Math.abs(x)
  // 2^-24 is the step of subnormal halves, 2^-14 the smallest normal one.
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -14)
  const step = 2 ** (exponent - 10)
  const rounded = roundHalfEven(magnitude / step) * step
  return Math.sign(x) * (rounded > 65504 ? Infinity : rounded)
}

export function roundToBf16(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x
  const magnitude = Math.abs(x)
  const exponent = Math.max(Math.floor(Math.log2(magnitude)), -126)
  const step = 2 ** (exponent - 7)
  const rounded = roundHalfEven(magnitude / step) * step
  return Math.sign(x) * (rounded >= 2 ** 128 ? Infinity : rounded)
}

export function round(x: number, type: FloatType): number {
  if (type === 'F32') return Math.fround(x)
  return type === 'F16' ? roundToF16(x) : roundToBf16(x)
}

/** The 16 bits of a half whose value is x after rounding. */
export function f16Bits(x: number): number {
  const value = roundToF16(x)
  const sign = value < 0 || Object.is(value, -0) ? 0x8000 : 0
  const magnitude = Math.abs(value)
  if (Number.isNaN(value)) return 0x7e00
  if (magnitude === Infinity) return sign | 0x7c00
  if (magnitude < 2 ** -14) return sign | (magnitude / 2 ** -24)
  let exponent = Math.floor(Math.log2(magnitude))
  if (2 ** exponent > magnitude) exponent -= 1
  return sign | ((exponent + 15) << 10) | ((magnitude / 2 ** exponent - 1) * 1024)
}

export function f16Value(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1
  const exponent = (bits >> 10) & 31
  const fraction = bits & 1023
  if (exponent === 31) return fraction ? NaN : sign * Infinity
  if (exponent === 0) return sign * fraction * 2 ** -24
  return sign * (1 + fraction / 1024) * 2 ** (exponent - 15)
}

export function bf16Bits(x: number): number {
  if (Number.isNaN(x)) return 0x7fc0
  f32Value[0] = roundToBf16(x)
  return f32Bits[0]! >>> 16
}

export function bf16Value(bits: number): number {
  f32Bits[0] = bits << 16
  return f32Value[0]!
}

/** Little-endian bytes of the rounded values, as a safetensors file holds them. */
export function encode(values: ArrayLike<number>, type: FloatType): Uint8Array {
  const bytes = new Uint8Array(values.length * bytesPerValue[type])
  const view = new DataView(bytes.buffer)
  for (let i = 0; i < values.length; i++) {
    const x = values[i]!
    if (type === 'F32') view.setFloat32(4 * i, x, true)
    else view.setUint16(2 * i, type === 'F16' ? f16Bits(x) : bf16Bits(x), true)
  }
  return bytes
}

export function decode(bytes: Uint8Array, type: FloatType): Float64Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength)
  const values = new Float64Array(bytes.length / bytesPerValue[type])
  for (let i = 0; i < values.length; i++) {
    if (type === 'F32') values[i] = view.getFloat32(4 * i, true)
    else {
      const bits = view.getUint16(2 * i, true)
      values[i] = type === 'F16' ? f16Value(bits) : bf16Value(bits)
    }
  }
  return values
}
