/**
 * Where each token lies in the text, first in bytes of UTF-8, then in UTF-16 units. Sources of an answer are shown
 * in the document by these offsets, so the sweep is monotone whatever happens and says whether it is exact.
 */

/** A place of the text in both units, between two characters. */
interface TextMark {
  readonly unit: number
  readonly byte: number
}

export interface TokenOffsets {
  /** Byte at which token i begins; one entry more than there are tokens, the last being the text's byte length. */
  readonly starts: Uint32Array
  /** Every token's bytes were found where they were expected, without a gap. */
  readonly exact: boolean
  /** Every `markUnits` UTF-16 units or so, rising from 0. */
  readonly marks: readonly TextMark[]
}

/** Between marks, and encoded at a stretch: 0.1 to 0.5 ms. */
const markUnits = 1 << 16
/** Aligned at a stretch: about 1 ms. */
const stretchTokens = 1 << 14

const space = 0x20
/** How far ahead a token is searched when normalisation changed the text before it, more after each miss. */
const searchBytes = 64
const searchLimit = 4096

/** `bytesOf` gives what a token should look like in the text; undefined for tokens that stand for no text. */
export function alignTokens(
  ids: Uint32Array,
  text: string,
  bytesOf: (id: number) => Uint8Array | undefined
): TokenOffsets {
  for (const steps = alignInPieces(ids, text, bytesOf); ;) {
    const { done, value } = steps.next()
    if (done) return value
  }
}

/** The same a few milliseconds at a time: 50 MB take some seconds. */
export function* alignInPieces(
  ids: Uint32Array,
  text: string,
  bytesOf: (id: number) => Uint8Array | undefined
): Generator<void, TokenOffsets> {
  const { bytes, marks } = yield* encodeInPieces(text)
  const starts = new Uint32Array(ids.length + 1)
  let exact = true
  let at = 0
  let misses = 0
  for (let index = 0; index < ids.length; index++) {
    if (index % stretchTokens === 0) yield
    let token = bytesOf(ids[index]!)
    // Tokenizers that put a space before the first word: that space is not in the text.
    if (at === 0 && token?.[0] === space && bytes[0] !== space) token = token.subarray(1)
    const expected = token === undefined || token.length === 0 ? at : matchEnd(bytes, at, token, false)
    const found = expected >= 0 ? at : findToken(bytes, at, token!, misses)
    // Bytes that were skipped (dropped spaces) belong to the token before.
    starts[index] = found <= at ? at : Math.max(at, characterStart(bytes, found))
    if (expected < 0 || token === undefined) exact = false
    misses = found < 0 ? misses + 1 : 0
    if (expected >= 0) at = expected
    else if (found >= 0) at = matchEnd(bytes, found, token!, true)
  }
  starts[ids.length] = bytes.length
  return { starts, exact: exact && at === bytes.length, marks }
}

function* encodeInPieces(text: string): Generator<void, { bytes: Uint8Array; marks: TextMark[] }> {
  const encoder = new TextEncoder()
  const parts: Uint8Array[] = []
  const marks: TextMark[] = []
  let byte = 0
  for (let unit = 0; unit < text.length;) {
    let end = Math.min(text.length, unit + markUnits)
    if (isPair(text, end - 1, text.charCodeAt(end - 1))) end++
    const part = encoder.encode(text.slice(unit, end))
    parts.push(part)
    marks.push({ unit, byte })
    byte += part.length
    unit = end
    yield
  }
  const bytes = new Uint8Array(byte)
  for (const [i, part] of parts.entries()) {
    bytes.set(part, marks[i].byte)
    if (i % 16 === 15) yield
  }
  return { bytes, marks }
}

/** Position of `token` shortly after `at`, letters compared without case; -1 when it is not there. */
function findToken(bytes: Uint8Array, at: number, token: Uint8Array, misses: number): number {
  const last = Math.min(at + Math.min(searchBytes * (1 + misses), searchLimit), bytes.length - token.length)
  for (let from = at; from <= last; from++) if (matchEnd(bytes, from, token, true) >= 0) return from
  return -1
}

/** Where `token` ends that stands at `at`; -1 where it does not stand there. */
function matchEnd(bytes: Uint8Array, at: number, token: Uint8Array, anyCase: boolean): number {
  let end = at
  for (let index = 0; index < token.length; index++) {
    const a = bytes[end]
    const b = token[index]!
    if (a === b || (anyCase && a !== undefined && isSameLetter(a, b))) end++
    // Where "\u2581" stands for a space, one that the text holds itself looks like a space afterwards.
    else if (b === space && a === 0xe2 && bytes[end + 1] === 0x96 && bytes[end + 2] === 0x81) end += 3
    else return -1
  }
  return end
}

const isSameLetter = (a: number, b: number) =>
  (a | 0x20) === (b | 0x20) && (a | 0x20) >= 0x61 && (a | 0x20) <= 0x7a

function characterStart(bytes: Uint8Array, at: number): number {
  while (at > 0 && (bytes[at]! & 0xc0) === 0x80) at--
  return at
}

/**
 * UTF-16 offsets of ascending byte offsets, in one sweep without a table per character. A byte offset inside a
 * multi-byte character goes to the character's start (`down`, for the start of a span) or its end (`up`, for the
 * end); offsets beyond the text go to its end. A lone surrogate counts as the three bytes that replace it. `marks` of
 * the same text spare the sweep what lies between.
 */
export function charOffsets(
  text: string,
  byteOffsets: ArrayLike<number>,
  round: 'down' | 'up',
  marks: readonly TextMark[] = []
): Uint32Array {
  const chars = new Uint32Array(byteOffsets.length)
  let unit = 0
  let byte = 0
  for (let index = 0; index < byteOffsets.length; index++) {
    const target = byteOffsets[index]!
    const mark = lastBefore(marks, target)
    if (mark && mark.byte > byte) ({ unit, byte } = mark)
    while (byte < target && unit < text.length) {
      const code = text.charCodeAt(unit)
      const pair = isPair(text, unit, code)
      const bytes = code < 0x80 ? 1 : code < 0x800 ? 2 : pair ? 4 : 3
      // A descending offset cannot be reached any more; it stays where the sweep is.
      if (byte + bytes > target && round === 'down') break
      byte += bytes
      unit += pair ? 2 : 1
    }
    chars[index] = unit
  }
  return chars
}

function lastBefore(marks: readonly TextMark[], byte: number): TextMark | undefined {
  let [low, high] = [0, marks.length]
  while (low < high) {
    const middle = (low + high) >> 1
    if (marks[middle].byte <= byte) low = middle + 1
    else high = middle
  }
  return marks[low - 1]
}

function isPair(text: string, unit: number, code: number): boolean {
  if (code < 0xd800 || code > 0xdbff || unit + 1 >= text.length) return false
  const next = text.charCodeAt(unit + 1)
  return next >= 0xdc00 && next <= 0xdfff
}
