/**
 * Bytes → text, exactly: line ends and composed characters stay as they are, only a byte order mark goes.
 * Strict decoders decide where they can (UTF-8, UTF-16); for the old byte encodings chardet guesses
 * from letter frequencies, and Windows-1252, of which Latin-1 text is a part, is the last resort.
 */
import { constants } from 'node:buffer'
import { analyse } from 'chardet'

/** V8 holds no longer string (2^29 - 24 units); in the encodings read here a unit needs a byte at least. */
export const longestText = constants.MAX_STRING_LENGTH

export interface DecodedText {
  readonly text: string
  /** "utf-8", "utf-16le", "windows-1252" … as TextDecoder names them. */
  readonly encoding: string
  /** Damaged places that became U+FFFD; only in a file that is UTF-8 almost throughout. */
  readonly replaced?: number
}

/** Undefined when the bytes are no text in any encoding known here. */
export function decodeText(bytes: Uint8Array): DecodedText | undefined {
  const marked = byMark(bytes)
  if (marked) return marked.text === undefined ? undefined : { text: marked.text, encoding: marked.encoding }
  // "a\0b\0" is valid UTF-8 as well, so UTF-16 is tried first where there are NULs.
  if (bytes.includes(0)) {
    const wide = utf16WithoutMark(bytes)
    if (wide) return wide
  }
  const strict = decode('utf-8', bytes)
  if (strict !== undefined) return isText(strict) ? { text: strict, encoding: 'utf-8' } : undefined
  return bytes.includes(0) ? undefined : (damagedUtf8(bytes) ?? byteEncoding(bytes))
}

function byMark(bytes: Uint8Array): { encoding: string; text: string | undefined } | undefined {
  const starts = (...mark: number[]) => mark.every((byte, i) => bytes[i] === byte)
  // UTF-32's mark begins with UTF-16's. Its text would be half NULs; nobody writes such files.
  if (starts(0xff, 0xfe, 0, 0) || starts(0, 0, 0xfe, 0xff)) return { encoding: 'utf-32', text: undefined }
  if (starts(0xff, 0xfe)) return { encoding: 'utf-16le', text: decode('utf-16le', bytes.subarray(2)) }
  if (starts(0xfe, 0xff)) return { encoding: 'utf-16be', text: decode('utf-16be', bytes.subarray(2)) }
  return undefined
}

/** Strict; the mark of UTF-8, if any, is dropped by the decoder. */
function decode(encoding: string, bytes: Uint8Array): string | undefined {
  try {
    // A mark that still stands here is a second one, hence text (U+FEFF), except for UTF-8.
    return new TextDecoder(encoding, { fatal: true, ignoreBOM: encoding !== 'utf-8' }).decode(bytes)
  } catch {
    return undefined
  }
}

// Both byte orders are tried; the one that gives more white space and Latin letters is the right one. The wrong one
// turns these into rare CJK characters, and anything but UTF-16 shows controls, lone surrogates or unassigned characters.
function utf16WithoutMark(bytes: Uint8Array): DecodedText | undefined {
  const readings = ['utf-16le', 'utf-16be'].map(encoding => {
    const text = bytes.length % 2 === 0 ? decode(encoding, bytes) : undefined
    if (text === undefined || !isText(text) || hasUnassigned(text)) return { text: '', encoding, familiar: 0 }
    return { text, encoding, familiar: text.slice(0, 1 << 16).match(/[\sA-Za-z]/g)?.length ?? 0 }
  })
  const best = readings.reduce((a, b) => (b.familiar > a.familiar ? b : a))
  return best.familiar > 0 ? { text: best.text, encoding: best.encoding } : undefined
}

// A file cut in the middle of a character, or with a few wrong bytes pasted in, is still UTF-8; decoding all of it
// as Windows-1252 would spoil every accent in it.
function damagedUtf8(bytes: Uint8Array): DecodedText | undefined {
  const text = new TextDecoder('utf-8').decode(bytes)
  let replaced = 0
  let good = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit === 0xfffd) replaced++
    else if (unit > 0x7f) good++
  }
  return good >= 10 * replaced && isText(text) ? { text, encoding: 'utf-8', replaced } : undefined
}

function byteEncoding(bytes: Uint8Array): DecodedText | undefined {
  for (const { name, confidence } of analyse(sample(bytes))) {
    // Below 30 chardet's guesses are noise: real text in the encodings it knows was 55 and more.
    if (confidence < 30 || /^(UTF|ASCII|IBM)/.test(name)) continue
    if (name === 'ISO-8859-1' || name === 'windows-1252') break
    const text = decode(name.toLowerCase(), bytes)
    if (text !== undefined && isText(text)) return { text, encoding: name.toLowerCase() }
  }
  const text = windows1252(bytes)
  return isText(text) ? { text, encoding: 'windows-1252' } : undefined
}

// chardet looks at each byte several times; 64 KiB from the first byte that matters are enough for it.
function sample(bytes: Uint8Array): Uint8Array {
  const first = bytes.findIndex(byte => byte > 0x7f)
  const from = Math.max(0, first - 1024)
  return bytes.subarray(from, from + (1 << 16))
}

// Not TextDecoder: some releases of Node decode "windows-1252" as Latin-1, which loses quotes, dashes and the euro sign.
// The five places that the encoding leaves open stay control characters.
const high = '€\u0081‚ƒ„…†‡ˆ‰Š‹Œ\u008dŽ\u008f\u0090‘’“”•–—˜™š›œ\u009džŸ'
export function windows1252(bytes: Uint8Array): string {
  const latin1 = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length).toString('latin1')
  return latin1.replace(/[\u0080-\u009f]/g, unit => high[unit.charCodeAt(0) - 0x80]!)
}

// Text holds next to no control characters besides white space, form feed, backspace, escape and the old end-of-file
// mark; of random bytes every tenth one would be such a character.
function isText(text: string): boolean {
  let control = 0
  for (let i = 0; i < text.length; i++) {
    const unit = text.charCodeAt(i)
    if (unit < 0x20 ? unit < 8 || (unit > 13 && unit !== 0x1a && unit !== 0x1b) : unit >= 0x7f && unit < 0xa0)
      control++
  }
  return control <= text.length / 200
}

// Random pairs of bytes hit code points that mean nothing; text does not.
const hasUnassigned = (text: string) =>
  (text.slice(0, 1 << 16).match(/\p{Cn}|\p{Co}/gu)?.length ?? 0) > text.length / 1000
