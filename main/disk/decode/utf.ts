/** UTF-8, UTF-16 and UTF-32 as real files hold them: cut, damaged, without a mark, with another encoding appended. */
import { TextDecoder } from 'node:util'
import { isText } from './is-text'

export interface Wide {
  readonly text: string
  readonly encoding: string
  /** Bytes in the middle or at the end that are ASCII and were read as such. */
  readonly narrow: number
}

const strict = new Map<string, TextDecoder>()

/** Undefined where any byte does not fit. A mark at the start is text: one that marks was taken off before. */
export function decodeStrictly(
  encoding: 'utf-8' | 'utf-16le' | 'utf-16be',
  bytes: Uint8Array
): string | undefined {
  const decoder = strict.get(encoding) ?? new TextDecoder(encoding, { fatal: true, ignoreBOM: true })
  strict.set(encoding, decoder)
  try {
    return decoder.decode(bytes)
  } catch {
    return undefined
  }
}

export function byMark(bytes: Uint8Array): Wide | undefined {
  const starts = (...mark: number[]) => mark.every((byte, i) => bytes[i] === byte)
  // UTF-32's mark begins with UTF-16's.
  if (starts(0xff, 0xfe, 0, 0)) return utf32(bytes.subarray(4), true)
  if (starts(0, 0, 0xfe, 0xff)) return utf32(bytes.subarray(4), false)
  if (starts(0xff, 0xfe)) return utf16(bytes.subarray(2), 'utf-16le')
  if (starts(0xfe, 0xff)) return utf16(bytes.subarray(2), 'utf-16be')
  return undefined
}

function utf32(bytes: Uint8Array, isLittle: boolean): Wide {
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length)
  const parts: string[] = []
  for (let at = 0; at + 4 <= bytes.length; at += 4) {
    const point = view.getUint32(at, isLittle)
    const isCharacter = point < 0x110000 && (point < 0xd800 || point > 0xdfff)
    parts.push(isCharacter ? String.fromCodePoint(point) : '\ufffd')
  }
  return { text: parts.join(''), encoding: isLittle ? 'utf-32le' : 'utf-32be', narrow: 0 }
}

/** A lone or cut unit becomes U+FFFD. Programs append ASCII to a log in UTF-16: such stretches are found and read as what they are. */
function utf16(bytes: Uint8Array, encoding: 'utf-16le' | 'utf-16be'): Wide {
  const decoder = new TextDecoder(encoding, { ignoreBOM: true })
  const whole = decodeStrictly(encoding, bytes)
  const stretches = narrowStretches(bytes)
  if (stretches.length === 0) return { text: whole ?? decoder.decode(bytes), encoding, narrow: 0 }
  const parts: string[] = []
  let at = 0
  let narrow = 0
  for (const [start, end] of [...stretches, [bytes.length, bytes.length] as const]) {
    // The high byte of the line end before the stretch may be missing: PowerShell wrote it, the other program did not.
    const wide = bytes.subarray(at, start)
    parts.push(decoder.decode(wide.length % 2 === 0 ? wide : wide.subarray(0, -1)))
    parts.push(Buffer.from(bytes.subarray(start, end)).toString('latin1'))
    narrow += end - start
    at = end
  }
  return { text: parts.join(''), encoding, narrow }
}

/** In UTF-16 two bytes that are both printable ASCII are a rare Chinese character; forty in a row, blanks among them, are ASCII. */
function narrowStretches(bytes: Uint8Array): (readonly [start: number, end: number])[] {
  const least = 40
  const found: (readonly [number, number])[] = []
  let start = 0
  let blanks = 0
  for (let i = 0; i <= bytes.length; i++) {
    const byte = bytes[i] ?? 0
    const isPrintable = (byte >= 0x20 && byte < 0x7f) || byte === 9 || byte === 10 || byte === 13
    if (isPrintable) {
      if (byte === 0x20 || byte === 10) blanks++
      continue
    }
    if (i - start >= least && blanks >= 2) found.push([start, i])
    start = i + 1
    blanks = 0
  }
  return found
}

/**
 * UTF-16 without a mark, for bytes that hold NULs. The byte order that gives more white space and Latin letters is right: the wrong one
 * turns these into rare CJK characters, and anything but UTF-16 shows controls, lone surrogates or unassigned characters.
 */
export function utf16WithoutMark(bytes: Uint8Array): Wide | undefined {
  // Of a few bytes that do not fit nothing can be told.
  if (bytes.length % 2 === 1 && bytes.length < 200) return undefined
  const readings = (['utf-16le', 'utf-16be'] as const).map(encoding => {
    const wide = utf16(bytes, encoding)
    const text = wide.text.slice(0, 1 << 16)
    const lost = text.match(/\ufffd/g)?.length ?? 0
    if (lost > text.length / 100 || !isText(wide.text) || hasUnassigned(text)) return { wide, familiar: 0 }
    return { wide, familiar: text.match(/[\sA-Za-z]/g)?.length ?? 0 }
  })
  const best = readings.reduce((a, b) => (b.familiar > a.familiar ? b : a))
  return best.familiar > 0 ? best.wide : undefined
}

/** UTF-32 without a mark: each four bytes are a character, which other bytes with NULs in them hardly ever are. */
export function utf32WithoutMark(bytes: Uint8Array): Wide | undefined {
  if (bytes.length % 4 !== 0) return undefined
  for (const isLittle of [true, false]) {
    const wide = utf32(bytes, isLittle)
    if (!wide.text.includes('\ufffd') && isText(wide.text) && !hasUnassigned(wide.text.slice(0, 1 << 16)))
      return wide
  }
  return undefined
}

// Random pairs of bytes hit code points that mean nothing; text does not.
export const hasUnassigned = (text: string) =>
  (text.match(/\p{Cn}|\p{Co}/gu)?.length ?? 0) > text.length / 1000
