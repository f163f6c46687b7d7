/**
 * Bytes → text, exactly: line ends and composed characters stay as they are, only a byte order mark goes. Strict decoders decide where
 * they can (UTF-8, UTF-16), then what the file itself declares, and a guess from the letters comes last and is told.
 */
import { constants } from 'node:buffer'
import type { Note } from '../../contract/document'
import { decodeAs, decodeDamaged, encodingNamed, replacedIn } from './decode/encodings'
import { isByteText, isText } from './decode/is-text'
import { declaredEncoding } from './decode/declared'
import type { Guess } from './decode/guess'
import {
  byMark,
  decodeStrictly,
  hasUnassigned,
  utf16WithoutMark,
  utf32WithoutMark,
  type Wide
} from './decode/utf'
import { noteSaying } from './extract/document'

/** V8 holds no longer string (2^29 - 24 units); in the encodings read here a unit needs a byte at least. */
export const longestText = constants.MAX_STRING_LENGTH

export interface DecodedText {
  readonly text: string
  /** "utf-8", "utf-16le", "windows-1252" …: WHATWG's names, and others for encodings that it does not know. */
  readonly encoding: string
  /** What was guessed, damaged or left out on the way. */
  readonly notes: readonly Note[]
}

export interface DecodeHow {
  /** A person's word: nothing else counts then. */
  readonly encoding?: string
  /** False: what the bytes declare is the matter of something else. */
  readonly declared?: boolean
}

/** Undefined when the bytes are no text in any encoding known here. */
export async function decodeText(bytes: Uint8Array, how: DecodeHow = {}): Promise<DecodedText | undefined> {
  const chosen = how.encoding === undefined ? undefined : encodingNamed(how.encoding)
  if (chosen !== undefined) return told(decodeDamaged(withoutMark(bytes, chosen), chosen), chosen)
  const marked = byMark(bytes)
  if (marked)
    return isText(marked.text) && !hasUnassigned(marked.text.slice(0, 1 << 16)) ? wide(marked) : undefined
  const rest = bytes[0] === 0xef && bytes[1] === 0xbb && bytes[2] === 0xbf ? bytes.subarray(3) : bytes
  if (!rest.includes(0)) return narrow(rest, how)
  // "a\0b\0" is valid UTF-8 as well, so UTF-32 and UTF-16 are tried first where there are NULs.
  const found = utf32WithoutMark(rest) ?? utf16WithoutMark(rest)
  if (found) return wide(found)
  return isByteText(rest) ? withoutHoles(rest, how) : undefined
}

const withoutMark = (bytes: Uint8Array, encoding: string) =>
  encoding.startsWith('utf-') || bytes[0] !== 0xef || bytes[1] !== 0xbb || bytes[2] !== 0xbf
    ? bytes
    : bytes.subarray(3)

const wide = ({ text, encoding, narrow }: Wide): DecodedText =>
  told(text, encoding, narrow === 0 ? [] : [noteSaying('encoding-mixed', 'mixedAscii', { count: narrow })])

function told(text: string, encoding: string, notes: readonly Note[] = []): DecodedText {
  return { text, encoding, notes: [...notes, ...undecoded(text)] }
}

async function narrow(bytes: Uint8Array, how: DecodeHow): Promise<DecodedText | undefined> {
  const utf8 = decodeStrictly('utf-8', bytes)
  if (utf8 !== undefined) {
    if (!isText(utf8)) return undefined
    const escaped = sevenBit(bytes, utf8)
    return escaped ?? { text: utf8, encoding: 'utf-8', notes: [] }
  }
  const declared = how.declared === false ? undefined : declaredEncoding(bytes)
  if (declared !== undefined && !declared.startsWith('utf-')) {
    const text = decodeDamaged(bytes, declared)
    if (isText(text) && replacedIn(text) <= text.length / 100) return told(text, declared)
  }
  const { mendedUtf8 } = await import('./decode/damaged-utf8')
  const mended = mendedUtf8(bytes)
  if (mended) {
    const { text, foreign } = mended
    const mixed = foreign && { count: foreign.lines, encoding: foreign.encoding }
    return told(text, 'utf-8', mixed ? [noteSaying('encoding-mixed', 'mixedLines', mixed)] : [])
  }
  const { guessEncoding } = await import('./decode/guess')
  const rest = withoutMarks(bytes)
  const guess = guessEncoding(rest)
  if (!guess) return undefined
  const text = decodeDamaged(rest, guess.encoding)
  return isText(text) ? told(text, guess.encoding, [guessed(guess, declared)]) : undefined
}

/** Marks of UTF-8 where lines begin: programs put one before text in another encoding, and files with one behind each other. */
function withoutMarks(bytes: Uint8Array): Uint8Array {
  const buffer = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length)
  const mark = Buffer.of(0xef, 0xbb, 0xbf)
  const parts: Uint8Array[] = []
  let start = 0
  for (let at = -1; (at = buffer.indexOf(mark, at + 1)) !== -1;) {
    if (at > 0 && buffer[at - 1] !== 10 && buffer[at - 1] !== 13) continue
    parts.push(bytes.subarray(start, at))
    start = at + mark.length
  }
  return parts.length === 0 ? bytes : Buffer.concat([...parts, bytes.subarray(start)])
}

/** Old Japanese and Chinese mail: 7 bits, and escapes that say what the bytes mean. */
function sevenBit(bytes: Uint8Array, ascii: string): DecodedText | undefined {
  const encoding = /\u001b\$[@B]|\u001b\$\([CD]/.test(ascii) // eslint-disable-line no-control-regex -- the escapes of ISO 2022
    ? 'iso-2022-jp'
    : /~\{(?:[!-w][!-~])+~\}/.test(ascii) && /^[\0-\u007f]*$/.test(ascii)
      ? 'hz'
      : undefined
  if (encoding === undefined) return undefined
  const text = decodeAs(bytes, encoding)
  return replacedIn(text) === 0 ? { text, encoding, notes: [] } : undefined
}

/** A log whose beginning was cut away under a writing program holds NULs there; a crash leaves some at the end. */
async function withoutHoles(bytes: Uint8Array, how: DecodeHow): Promise<DecodedText | undefined> {
  const rest = bytes.filter(byte => byte !== 0)
  const decoded = await narrow(rest, how)
  const gone = bytes.length - rest.length
  return (
    decoded && {
      ...decoded,
      notes: [noteSaying('damaged', 'nulHole', { count: gone }), ...decoded.notes]
    }
  )
}

function guessed({ encoding, certainty }: Guess, declared: string | undefined): Note {
  const values = { encoding, certainty: Math.round(certainty * 100) }
  return declared === undefined
    ? noteSaying('encoding-guessed', 'encodingGuessed', values)
    : noteSaying('encoding-guessed', 'encodingWrong', { ...values, declared })
}

/** What stands as U+FFFD in a text, and the line of the first. */
export function undecoded(text: string): Note[] {
  const count = replacedIn(text)
  if (count === 0) return []
  const line = lineAt(text, text.indexOf('\ufffd'))
  return [noteSaying('undecoded', 'undecoded', { count, line }, `line ${line}`)]
}

function lineAt(text: string, place: number): number {
  const feed = text.includes('\n') ? '\n' : '\r'
  let line = 1
  for (let at = -1; (at = text.indexOf(feed, at + 1)) !== -1 && at < place;) line++
  return line
}

/** The beginning of a file, which may end inside of a character. */
export function beginsLikeText(head: Uint8Array): boolean {
  if (byMark(head)) return true
  if (!head.includes(0)) return isByteText(head)
  if (utf32WithoutMark(head.subarray(0, head.length & ~3))) return true
  if (utf16WithoutMark(head.subarray(0, head.length & ~1))) return true
  return isByteText(head)
}
