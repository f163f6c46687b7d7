/**
 * Weights of 8, 4 or 2 bits with one scale for all inputs of an output and no minimum: w[n, k] = scale[n] * value[n, k],
 * values from -2^(bits - 1) to 2^(bits - 1) - 1. Laid out for sums of whole numbers as well as for sums of floats.
 *
 * A panel of 32 outputs holds the 32 scales (f32), then its codes in elements of 16 bytes:
 *   [8 columns][scale x 4 outputs] | [k / I][8 columns][4 outputs][I inputs],   I = 32 / bits
 * A word belongs to one output. Its I codes are two's complement and lie so that masking a shifted word gives four
 * neighbouring inputs as signed bytes, each 2^(8 - bits) times its value: input 4 p + j is in byte j, p * bits below the top.
 * So four inputs are one `dot4I8Packed` with four activations, no sign has to be extended, and zeros are weights of zero.
 */
import type { CodeFormat } from './code-format'
import { panelRows } from './weight-format'

/** Columns of four outputs in a panel. */
const columns = panelRows / 4
/** Bytes of four words, one for each output of a column. */
const element = 16

/** Inputs of a word. */
const wordInputs = (bits: 2 | 4 | 8): number => 32 / bits

export function rowCodeFormat(bits: 2 | 4 | 8): CodeFormat {
  const inputsPer = wordInputs(bits)
  return {
    name: `int${bits}, a scale a row`,
    codes: { bits, block: undefined, minimum: false, scale: 'f32' },
    panelBytes: inputs => columns * element * (1 + Math.ceil(inputs / inputsPer)),
    place: {
      scale: (_, output) => output * 4,
      minimum: 0,
      code: (input, output) =>
        columns * element * (1 + Math.floor(input / inputsPer)) + output * 4 + (input & 3),
      shift: input => 8 - bits - ((input % inputsPer) >> 2) * bits,
      flip: 2 ** (bits - 1)
    },
    wgsl: wgslOf(bits)
  }
}

/**
 * Beside `block`, what sums of whole numbers are made of: PARTS groups of four inputs in a word, `words` and `signedBytes` to get
 * at them, `scales` of four outputs, for sums of values that are all 2^(8 - bits) times too large.
 */
function wgslOf(bits: 2 | 4 | 8): string {
  const mask = { 2: '0xc0c0c0c0u', 4: '0xf0f0f0f0u', 8: '0xffffffffu' }[bits]
  return `alias weights = vec4u;
const PARTS = ${8 / bits}u;
const GROUPS = (K4 + PARTS - 1u) / PARTS;
fn panel(column: u32) -> u32 { return (column / 8u) * (GROUPS + 1u) * 8u + column % 8u; }
fn scales(column: u32) -> vec4f { return bitcast<vec4f>(w[panel(column)]) * ${2 ** (bits - 8)}f; }
fn words(column: u32, at: u32) -> vec4u { return w[panel(column) + (at + 1u) * 8u]; }
fn signedBytes(word: vec4u, p: u32) -> vec4u { return (word << vec4u(p * ${bits}u)) & vec4u(${mask}); }
fn block(column: u32, k4: u32) -> mat4x4f {
  let s = scales(column);
  let p = signedBytes(words(column, k4 / PARTS), k4 % PARTS);
  return transpose(mat4x4f(vec4f(unpack4xI8(p.x)) * s.x, vec4f(unpack4xI8(p.y)) * s.y, vec4f(unpack4xI8(p.z)) * s.z, vec4f(unpack4xI8(p.w)) * s.w));
}`
}
