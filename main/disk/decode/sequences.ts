/** Which bytes make a character in the East Asian encodings, so that bytes that make none can be taken out. Source: WHATWG Encoding Standard. */

type Range = readonly [from: number, to: number]
interface Shape {
  readonly single: readonly Range[]
  /** First byte, then what may follow it. */
  readonly pairs: readonly (readonly [lead: Range, trails: readonly Range[]])[]
}

const high: Range = [0xa1, 0xfe]
const shapes: Record<string, Shape> = {
  shift_jis: {
    single: [[0xa1, 0xdf]],
    pairs: [
      [[0x81, 0x9f], [[0x40, 0x7e], [0x80, 0xfc]]],
      [[0xe0, 0xfc], [[0x40, 0x7e], [0x80, 0xfc]]]
    ]
  },
  'euc-jp': {
    single: [],
    pairs: [
      [[0x8e, 0x8e], [[0xa1, 0xdf]]],
      [high, [high]]
    ]
  },
  gb18030: { single: [], pairs: [[[0x81, 0xfe], [[0x40, 0x7e], [0x80, 0xfe]]]] },
  big5: { single: [], pairs: [[[0x81, 0xfe], [[0x40, 0x7e], high]]] },
  'euc-kr': { single: [], pairs: [[[0x81, 0xfe], [[0x41, 0x5a], [0x61, 0x7a], [0x81, 0xfe]]]] }
} // prettier-ignore

export const eastAsian: readonly string[] = Object.keys(shapes)

const within = (byte: number | undefined, ranges: readonly Range[]) =>
  byte !== undefined && ranges.some(([from, to]) => byte >= from && byte <= to)

/** Stretches of bytes that make characters in `encoding`, one of `eastAsian`, and how many above 0x7f make none. */
export function wholeSequences(
  bytes: Uint8Array,
  encoding: string
): { whole: readonly Uint8Array[]; dropped: number } {
  const { single, pairs } = shapes[encoding]!
  const isPair = (lead: number, trail: number | undefined) =>
    pairs.some(([leads, trails]) => within(lead, [leads]) && within(trail, trails))
  const whole: Uint8Array[] = []
  let dropped = 0
  let start = 0
  for (let i = 0; i < bytes.length; i++) {
    const byte = bytes[i]!
    if (byte < 0x80 || within(byte, single)) continue
    if (isPair(byte, bytes[i + 1])) {
      i++
      continue
    }
    // A strange byte in the middle of a character: its second half would begin another one.
    const isSplit = (bytes[i + 1] ?? 0) > 0x7f && isPair(byte, bytes[i + 2])
    const length = isSplit ? 3 : 1
    if (i > start) whole.push(bytes.subarray(start, i))
    dropped += length
    i += length - 1
    start = i + 1
  }
  if (start < bytes.length) whole.push(bytes.subarray(start))
  return { whole, dropped }
}
