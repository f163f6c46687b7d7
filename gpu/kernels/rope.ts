/** Rotary position embedding: tables from the CPU in double precision; heads.ts turns by them. */

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
export const turnedPairs = ({ turned }: Pick<Rope, 'turned'>, headDim: number): number =>
  turned ?? headDim / 2

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
