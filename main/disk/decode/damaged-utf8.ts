/**
 * UTF-8 with wrong bytes in it: a few of them become U+FFFD, whole lines in another encoding (logs of several programs, files put together)
 * are read in that one.
 */
import { TextDecoder } from 'node:util'
import { decodeAs } from './encodings'
import { guessEncoding } from './guess'
import { isText } from './is-text'

interface MendedUtf8 {
  readonly text: string
  /** Lines that are not UTF-8, and what they were read as. */
  readonly foreign: { readonly lines: number; readonly encoding: string } | undefined
}

interface Line {
  readonly start: number
  readonly end: number
  readonly isForeign: boolean
}

/** Undefined when this is not UTF-8 in the main. In other encodings a byte sequence that is one of UTF-8 is rare. */
export function mendedUtf8(bytes: Uint8Array): MendedUtf8 | undefined {
  let good = 0
  let bad = 0
  const lines: Line[] = []
  for (let start = 0; start < bytes.length;) {
    const feed = bytes.indexOf(10, start)
    const end = feed === -1 ? bytes.length : feed + 1
    const found = sequencesIn(bytes, start, end)
    good += found.good
    bad += found.bad
    lines.push({ start, end, isForeign: found.bad > found.good })
    start = end
  }
  if (good === 0 || good < bad) return undefined
  const decoder = new TextDecoder('utf-8')
  const foreign = lines.filter(line => line.isForeign)
  const stretch = Buffer.concat(foreign.map(({ start, end }) => bytes.subarray(start, end)))
  const high = stretch.reduce((sum, byte) => sum + (byte > 0x7f ? 1 : 0), 0)
  // Of a handful of bytes nothing can be told.
  const guess = high >= 6 ? guessEncoding(stretch) : undefined
  if (!guess || guess.certainty < 0.5) {
    const text = decoder.decode(bytes)
    return isText(text) ? { text, foreign: undefined } : undefined
  }
  const parts = lines.map(({ start, end, isForeign }) =>
    isForeign
      ? decodeAs(bytes.subarray(start, end), guess.encoding)
      : decoder.decode(bytes.subarray(start, end))
  )
  const text = parts.join('')
  return isText(text) ? { text, foreign: { lines: foreign.length, encoding: guess.encoding } } : undefined
}

/** How many sequences of several bytes are whole, and how many bytes above 0x7f belong to none. */
function sequencesIn(bytes: Uint8Array, start: number, end: number): { good: number; bad: number } {
  let good = 0
  let bad = 0
  for (let i = start; i < end; i++) {
    const byte = bytes[i]!
    if (byte < 0x80) continue
    const more =
      byte >= 0xc2 && byte < 0xe0 ? 1 : byte >= 0xe0 && byte < 0xf0 ? 2 : byte >= 0xf0 && byte < 0xf5 ? 3 : 0
    let isWhole = more > 0
    for (let j = 1; j <= more; j++) isWhole &&= i + j < end && (bytes[i + j]! & 0xc0) === 0x80
    if (isWhole) {
      good++
      i += more
    } else bad++
  }
  return { good, bad }
}
