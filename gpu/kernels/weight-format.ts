/**
 * How weights lie on the GPU, and the one way in which kernels read them: `block`. A kernel that has a binding `w` of
 * `array<weights>` and puts a format's WGSL before itself multiplies by weights of any format.
 */

/** Rows (outputs) of a weight matrix that lie side by side in a panel: every format divides a matrix so. */
export const panelRows = 32

/** Weights in the precision of their file. */
export type WeightKind = 'f16' | 'bf16' | 'f32'

export interface WeightFormat {
  readonly name: string
  /** Bytes of one panel: 32 outputs of `inputs` inputs, a multiple of 4. */
  panelBytes(inputs: number): number
  /**
   * WGSL that declares the element type `weights` and
   *   fn block(column: u32, k4: u32) -> mat4x4f
   * the inputs 4 k4 ... 4 k4 + 3 of the outputs 4 column ... 4 column + 3: column i of the result holds input i of the four
   * outputs. It reads the kernel's binding `w` and its constant K4 (inputs / 4).
   */
  readonly wgsl: string
}

/** Panels [n / 32][k][n % 32]: four neighbouring outputs are one element, four neighbouring inputs lie 8 elements apart. */
const floats = (name: WeightKind, bytes: number, element: string, unpack: string): WeightFormat => ({
  name,
  panelBytes: inputs => inputs * panelRows * bytes,
  wgsl: `alias weights = ${element};
fn unpackWeights(p: weights) -> vec4f { return ${unpack}; }
fn block(column: u32, k4: u32) -> mat4x4f {
  let at = (column / 8u) * K4 * 32u + column % 8u + k4 * 32u;
  return mat4x4f(unpackWeights(w[at]), unpackWeights(w[at + 8u]), unpackWeights(w[at + 16u]), unpackWeights(w[at + 24u]));
}`
})

/*
 * f16 is packed in words and unpacked with core WGSL even where `shader-f16` is at hand: on lavapipe both
 * reach 10 to 11 GFLOP/s in linear-tile (512 x 768 x 768) and hardware converts in one instruction, so a
 * second set of kernels would buy nothing.
 */
export const weightFormats: Readonly<Record<WeightKind, WeightFormat>> = {
  f16: floats('f16', 2, 'vec2u', 'vec4f(unpack2x16float(p.x), unpack2x16float(p.y))'),
  bf16: floats(
    'bf16',
    2,
    'vec2u',
    'bitcast<vec4f>(vec4u(p.x << 16u, p.x & 0xffff0000u, p.y << 16u, p.y & 0xffff0000u))'
  ),
  f32: floats('f32', 4, 'vec4f', 'p')
}
