/**
 * Weights of 8, 4 or 2 bits: whole numbers (codes) with a scale, and where there is one a minimum, for every block of
 * neighbouring inputs of an output, or one scale for all inputs of an output:
 *   w[n, k] = scale[n, b] * code[n, k] + minimum[n, b],   b = k / block, codes from 0 to 2^bits - 1.
 * Without a minimum the codes are symmetric: minimum = -2^(bits - 1) * scale; those with one scale a row lie as
 * row-code-format.ts says.
 *
 * A panel of 32 outputs is a run of blocks, each its scales and minima followed by its codes, so that a matrix is one
 * binding and a block one stretch of memory:
 *   [block][ [8 columns][scale x 4 outputs, minimum x 4 outputs] | [k / 4][8 columns][4 inputs x 4 outputs] ]
 * The 16 codes of four inputs of four outputs are bits / 2 words: byte j of a word holds output j; input i lies in word
 * (i * bits) / 8 from bit (i * bits) % 8 of each byte on. So a byte-wise unpacking gives four outputs of one input, as the
 * kernels add them. The last block ends where the inputs end.
 */
import { rowCodeFormat } from './row-code-format'
import { panelRows, type WeightFormat } from './weight-format'

export interface CodeShape {
  readonly bits: 2 | 4 | 8
  /** Inputs that share a scale, a multiple of 4; undefined: all inputs of an output do. */
  readonly block: number | undefined
  readonly minimum: boolean
  /** As scales and minima are held on the GPU. */
  readonly scale: 'f16' | 'f32'
}

export interface CodeFormat extends WeightFormat {
  readonly codes: CodeShape
  /** Where things lie in a panel, in bytes. */
  readonly place: CodePlace
}

interface CodePlace {
  /** Where the scale of an output's block lies; its minimum lies `minimum` bytes behind it. */
  scale(block: number, output: number): number
  readonly minimum: number
  /** Where the byte lies that holds the code of an input of an output; the code begins at bit `shift(input)` of it. */
  code(input: number, output: number): number
  shift(input: number): number
  /** Bits of a code that are held turned over: its highest one, where codes are held as two's complement. */
  readonly flip: number
}

/** Columns of four outputs in a panel. */
const columns = panelRows / 4

export function codeFormat(shape: CodeShape): CodeFormat {
  const { bits, block, minimum } = shape
  if (block === undefined && !minimum) return rowCodeFormat(bits)
  // Scales of a column must fill whole elements: of 8 bits four halves would be half of one.
  const scale = bits === 8 ? 'f32' : shape.scale
  const element = 2 * bits
  const column4 = 4 * (scale === 'f32' ? 4 : 2)
  const scales = column4 * (minimum ? 2 : 1)
  const head = columns * scales
  const blockBytes = (block4: number): number => head + block4 * columns * element
  const blockStart = (at: number): number => (block === undefined ? 0 : at * blockBytes(block / 4))
  const columnOf = (output: number): number => output >> 2
  return {
    name: nameOf(shape),
    codes: { ...shape, scale },
    panelBytes(inputs) {
      const blocks = block === undefined ? 1 : Math.ceil(inputs / block)
      return blocks * head + (inputs / 4) * columns * element
    },
    place: {
      scale: (at, output) => blockStart(at) + columnOf(output) * scales + (output & 3) * (column4 / 4),
      minimum: column4,
      code(input, output) {
        const before = block === undefined ? 1 : Math.floor(input / block) + 1
        const at = before * head + ((input >> 2) * columns + columnOf(output)) * element
        return at + (((input & 3) * bits) >> 3) * 4 + (output & 3)
      },
      shift: input => ((input & 3) * bits) & 7,
      flip: 0
    },
    wgsl: wgslOf({ ...shape, scale }, head / element, scales / element)
  }
}

const nameOf = ({ bits, block, minimum }: CodeShape): string =>
  `int${bits}, ${block === undefined ? 'a scale a row' : `blocks of ${block}`}${minimum ? ' with minimum' : ''}`

/** `heads`: elements of a block's scales and minima; `own`: those of one column. */
function wgslOf({ bits, block, minimum, scale }: CodeShape, heads: number, own: number): string {
  const words = bits / 2
  const element = words === 1 ? 'u32' : `vec${words}u`
  const word = (value: string, at: number): string => (words === 1 ? value : `${value}[${at}]`)
  // Words from the column's first element on; four halves are two of them, four f32 four.
  const stored = (at: number): string => word(`w[head + ${Math.floor(at / words)}u]`, at % words)
  const four = (from: number): string =>
    scale === 'f32'
      ? `bitcast<vec4f>(vec4u(${[0, 1, 2, 3].map(i => stored(from + i)).join(', ')}))`
      : `vec4f(unpack2x16float(${stored(from)}), unpack2x16float(${stored(from + 1)}))`
  const codes = [0, 1, 2, 3].map(i => {
    const from = word('p', (i * bits) >> 3)
    const shift = (i * bits) & 7
    const shifted = shift === 0 ? from : `(${from} >> ${shift}u)`
    // Signed conversion: unsigned ones have no instruction on many processors.
    const bytes = bits === 8 ? from : `${shifted} & ${{ 2: '0x03030303u', 4: '0x0f0f0f0fu' }[bits]}`
    return `fma(vec4f(bitcast<vec4i>(unpack4xU8(${bytes}))), s, m)`
  })
  const at = block === undefined ? '0u' : `k4 / ${block / 4}u`
  const blocks = block === undefined ? '1u' : `((K4 + ${block / 4 - 1}u) / ${block / 4}u)`
  const stride = block === undefined ? 0 : heads + (block / 4) * columns
  return `alias weights = ${element};
fn block(column: u32, k4: u32) -> mat4x4f {
  let panel = (column / 8u) * (${blocks} * ${heads}u + K4 * 8u);
  let at = ${at};
  let head = panel + at * ${stride}u + (column % 8u) * ${own}u;
  let p = w[panel + (at + 1u) * ${heads}u + k4 * 8u + column % 8u];
  let s = ${four(0)};
  let m = ${minimum ? four(scale === 'f32' ? 4 : 2) : `${-(2 ** (bits - 1))}.0 * s`};
  return mat4x4f(${codes.join(', ')});
}`
}
