/** Rotary position embedding: tables from the CPU in double precision, rotation on the GPU. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import wgsl from './rope.wgsl?raw'

/** Rotary position embedding: angle of pair i at position p = p * inverse frequency i. */
export interface Rope {
  readonly theta: number
  /** `yoco`: theta^-(i/(D/2-1)), the last being exactly 1/theta. `llama`: theta^-(2i/D). */
  readonly exponents: 'yoco' | 'llama'
  /** `interleaved` rotates (2i, 2i+1); `half` rotates (i, i+D/2). */
  readonly pairs: 'interleaved' | 'half'
  /** Only so many pairs of a head turn, the first ones, as if all did; all where absent. */
  readonly turned?: number
}

/** Pairs of a head that turn. */
const turnedPairs = ({ turned }: Pick<Rope, 'turned'>, headDim: number): number => turned ?? headDim / 2

/** What a rotation turns: `heads` heads in `rows` rows, from f32 `first` of each row on. */
interface Rotated {
  /** 0 where absent. */
  readonly first?: number
  readonly heads: number
  readonly rows: number
  /** [.., turned pairs] of (cos, sin), used from row `tableRow` on. */
  readonly table: GPUBuffer
  readonly tableRow: number
}

/** Rotates heads of x in place. */
type Rotate = (batch: Batch, x: Tensor, what: Rotated) => void

export async function rotate(
  device: Device,
  headDim: number,
  pairs: Rope['pairs'],
  turned?: number
): Promise<Rotate> {
  const count = turnedPairs({ turned }, headDim)
  const kernel = await device.compile({ name: 'rope', wgsl }, { PAIRS: count, HEAD4: up4(headDim) / 4 })
  const [pair_step, pair_gap] = pairs === 'interleaved' ? [2, 1] : [1, headDim / 2]
  return (batch, x, { first = 0, heads, rows, table, tableRow }) => {
    const params = {
      rows,
      first,
      stride: x.shape[1],
      heads,
      pair_step,
      pair_gap,
      table_first: tableRow * count
    }
    batch.run(kernel, [table, x.buffer], params, [Math.ceil((heads * count) / 64), rows])
  }
}

/** (cos, sin) of `rows` positions from `start` on: [rows, frequencies, 2] in f32, angles in double precision. */
export function rotationTable(
  frequencies: Float64Array,
  start: number,
  rows: number
): Float32Array<ArrayBuffer> {
  const pairs = frequencies.length
  const table = new Float32Array(rows * pairs * 2)
  for (let row = 0; row < rows; row++) {
    for (let i = 0; i < pairs; i++) {
      const angle = (start + row) * frequencies[i]
      table[(row * pairs + i) * 2] = Math.cos(angle)
      table[(row * pairs + i) * 2 + 1] = Math.sin(angle)
    }
  }
  return table
}

/** Radians per position of each pair that turns, in double precision. */
export function inverseFrequencies(rope: Rope, headDim: number): Float64Array {
  const pairs = headDim / 2
  // A single pair has the exponent 0 in either convention: linspace(0, 1, 1) is [0], not 0/0.
  const last = rope.exponents === 'yoco' ? Math.max(1, pairs - 1) : pairs
  return Float64Array.from({ length: turnedPairs(rope, headDim) }, (_, pair) => rope.theta ** -(pair / last))
}
