/**
 * Which byte encoding a text is in that names none. Two guessers that know languages are asked, chardetng (Firefox's) and jschardet (chardet
 * 7's models), and the reading that looks least odd of theirs and their nearest relatives is taken. Measured over 46 language-encoding
 * pairs and the 382 texts of chardet's own tests, each alone is worse: docs/documents.md.
 */
import { chardet } from 'jschardet'
import { chardetng } from './chardetng'
import { decodeAs, encodingNamed, replacedIn } from './encodings'
import { oddness } from './plausible'
import { eastAsian, wholeSequences } from './sequences'

export interface Guess {
  readonly encoding: string
  /** 0 to 1; measured against nothing: an order, not a probability. */
  readonly certainty: number
}

/** Encodings that share most of their letters or their look with another, and are told from it by their signs. */
const relatives: Record<string, readonly string[] | undefined> = {
  'windows-1252': ['iso-8859-15', 'macintosh', 'ibm850', 'ibm437'],
  'windows-1250': ['iso-8859-16', 'ibm852'],
  'iso-8859-2': ['iso-8859-16', 'ibm852'],
  'windows-1251': ['x-mac-cyrillic', 'ibm866']
}

/** What the second guesser must gain over the first to be believed, as a share of odd characters. */
const lead = { chardetng: 0, modern: 0.02, all: 0.03, relative: 0.05 }
const longestSample = 48 << 10
/** Damage that a text in an East Asian encoding may have and still be one: shares of its characters. */
const mostDamage = 0.02
/** Bytes above 0x7f of which something can be told when one of them is wrong. */
const leastHigh = 8

/** `bytes` hold at least one above 0x7f and no NUL. Undefined: nothing that any encoding would call text. */
export function guessEncoding(bytes: Uint8Array): Guess | undefined {
  const sample = sampleOf(bytes)
  const first = withoutEuro(sample) ?? named(chardetng(sample))
  const damaged =
    first !== undefined && eastAsian.includes(first)
      ? undefined
      : (damagedEastAsian(sample) ?? mendedEastAsian(sample))
  if (damaged) return damaged
  const modern = named(chardet.detect(sample, { encodingEra: 3 }).encoding)
  const all = named(chardet.detect(sample, { encodingEra: 1 | 2 | 4 | 16 }).encoding)
  const candidates = new Map<string, number>()
  const add = (encoding: string | undefined, behind: number) => {
    if (encoding !== undefined && !candidates.has(encoding)) candidates.set(encoding, behind)
  }
  add(first, lead.chardetng)
  add(modern, lead.modern)
  for (const relative of relatives[first ?? ''] ?? []) add(relative, lead.relative)
  add(all, lead.all)
  let best: { encoding: string; odd: number; score: number } | undefined
  for (const [encoding, behind] of candidates) {
    const odd = oddness(decodeAs(sample, encoding))
    if (!best || odd + behind < best.score) best = { encoding, odd, score: odd + behind }
  }
  if (!best) return undefined
  if (isCentralEuropean.test(best.encoding) && isWestern(sample))
    best = { ...best, encoding: 'windows-1252', odd: oddness(decodeAs(sample, 'windows-1252')) }
  const agreed = [first, modern, all].filter(each => each === best.encoding).length
  return { encoding: best.encoding, certainty: certaintyOf(agreed, best.odd, highBytes(sample)) }
}

/** UTF-8, UTF-16, ASCII and the mainframe's encodings are judged elsewhere or are no file's. */
function named(label: string | null): string | undefined {
  const name =
    label === null || /^(ascii|utf|cp1006|replacement)/i.test(label) ? undefined : encodingNamed(label)
  return name === undefined || /^(utf|iso-2022|hz)/.test(name) ? undefined : name
}

const isCentralEuropean = /^(windows-125[047]|iso-8859-(2|4|9|10|13|16))$/
/** Words of languages that windows-1252 writes, and of none of those that its relatives write. */
const westernWords =
  /\b(the|and|with|was|that|und|der|das|nicht|mit|les|est|dans|avec|une|los|las|una|por|het|een|och|att)\b/gi

/** Few letters above ASCII in a text of such words: quotes, dashes and an é or two, which all of these encodings have. */
function isWestern(sample: Uint8Array): boolean {
  const text = Buffer.from(sample).toString('latin1')
  const words = text.match(/[A-Za-z\u0080-\u00ff]+/g)?.length ?? 0
  return (text.match(westernWords)?.length ?? 0) >= Math.max(1, words / 12)
}

function certaintyOf(agreed: number, odd: number, high: number): number {
  const evidence = high < 4 ? 0.6 : high < 12 ? 0.8 : 1
  const agreement = agreed >= 2 ? 0.95 : agreed === 1 ? 0.8 : 0.6
  return Math.round(100 * Math.max(0.1, agreement * evidence - Math.min(0.5, odd))) / 100
}

const highBytes = (bytes: Uint8Array) => bytes.reduce((sum, byte) => sum + (byte > 0x7f ? 1 : 0), 0)

/** Only the lines that are more than ASCII, without tags: a long English log would drown one Russian line in it. */
function sampleOf(bytes: Uint8Array): Uint8Array {
  const parts: Uint8Array[] = []
  let size = 0
  let start = 0
  let isHigh = false
  for (let i = 0; i <= bytes.length && size < longestSample; i++) {
    const byte = bytes[i]
    if (byte !== undefined && byte !== 10 && byte !== 13) isHigh ||= byte > 0x7f
    else {
      if (isHigh) {
        const part = bytes.subarray(start, Math.min(i + 1, start + longestSample))
        parts.push(part)
        size += part.length
      }
      start = i + 1
      isHigh = false
    }
  }
  const sample = Buffer.concat(parts)
  const text = sample.toString('latin1')
  if (!/<\/?[a-zA-Z][^<>]*>/.test(text)) return sample
  const bare = Buffer.from(text.replace(/<!--[\s\S]*?-->|<\/?[a-zA-Z!?][^<>]*>/g, ' '), 'latin1')
  return bare.some(byte => byte > 0x7f) ? bare : sample
}

/**
 * One wrong byte rules an East Asian encoding out for a guesser, though the text is plainly in it. So pieces of the sample are judged one
 * by one, and what most of them are is believed where it then fits nearly everywhere.
 */
function damagedEastAsian(sample: Uint8Array): Guess | undefined {
  const pieces = piecesOf(sample)
  if (pieces.length < 3) return undefined
  const votes = new Map<string, number>()
  for (const piece of pieces) {
    const encoding = named(chardetng(piece))
    if (encoding !== undefined) votes.set(encoding, (votes.get(encoding) ?? 0) + 1)
  }
  const [encoding, count] = [...votes].sort((a, b) => b[1] - a[1])[0] ?? ['', 0]
  if (!eastAsian.includes(encoding) || count < pieces.length / 2) return undefined
  const text = decodeAs(sample, encoding)
  const wide = text.match(/[^\u0000-\u007f]/g)?.length ?? 0 // eslint-disable-line no-control-regex -- what is not ASCII
  return replacedIn(text) <= Math.max(1, wide * mostDamage)
    ? { encoding, certainty: Math.round((90 * count) / pieces.length) / 100 }
    : undefined
}

/** A lone 0x80 is Windows' euro sign in code page 936 alone, and damage in all others: what the guesser says without it counts. */
function withoutEuro(sample: Uint8Array): string | undefined {
  if (!sample.includes(0x80)) return undefined
  const { whole, dropped } = wholeSequences(sample, 'gb18030')
  if (dropped === 0 || dropped > highBytes(sample) * mostDamage + 1) return undefined
  const encoding = named(chardetng(Buffer.concat(whole)))
  return encoding !== undefined && eastAsian.includes(encoding) ? encoding : undefined
}

/** Of a short text: without the bytes that are no characters of an encoding, the guesser says that encoding. */
function mendedEastAsian(sample: Uint8Array): Guess | undefined {
  const high = highBytes(sample)
  let best: { encoding: string; dropped: number } | undefined
  for (const encoding of eastAsian) {
    const { whole, dropped } = wholeSequences(sample, encoding)
    if (
      dropped === 0 ||
      dropped > Math.max(high < 16 ? 1 : 3, high * mostDamage) ||
      high - dropped < leastHigh
    )
      continue
    if (named(chardetng(Buffer.concat(whole))) === encoding && !(best && best.dropped <= dropped))
      best = { encoding, dropped }
  }
  return best && { encoding: best.encoding, certainty: high < 24 ? 0.5 : 0.7 }
}

/** Cut at line ends, and at blanks or full stops where lines are long. */
function piecesOf(sample: Uint8Array): Uint8Array[] {
  const size = Math.max(120, Math.ceil(sample.length / 24))
  const pieces: Uint8Array[] = []
  let start = 0
  for (let i = 0; i < sample.length; i++) {
    const isBreak = sample[i] === 10 || sample[i] === 13 || (sample[i] === 32 && i - start > 2 * size)
    if (!isBreak || i - start < size) continue
    pieces.push(sample.subarray(start, i + 1))
    start = i + 1
  }
  if (sample.length - start > 20) pieces.push(sample.subarray(start))
  return pieces
}
