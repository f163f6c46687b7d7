/** The bytes of an RTF file → its groups, control words and characters; and the tables of names that RTF has. */
import { windows1252 } from '../decode/encodings'

type RtfToken =
  | { readonly type: 'open' | 'close' }
  | { readonly type: 'byte'; readonly byte: number }
  | { readonly type: 'word'; readonly word: string; readonly value: number | undefined }

const [tab, lineFeed, carriageReturn, blank] = [9, 10, 13, 32]
const [backslash, open, close, minus, quote] = [0x5c, 0x7b, 0x7d, 0x2d, 0x27]
const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

export class RtfTokens implements Iterable<RtfToken> {
  constructor(private readonly bytes: Uint8Array) {}

  *[Symbol.iterator](): Iterator<RtfToken> {
    const { bytes } = this
    for (let at = 0; at < bytes.length;) {
      const byte = bytes[at++]!
      if (byte === open) yield { type: 'open' }
      else if (byte === close) yield { type: 'close' }
      else if (byte === tab) yield { type: 'word', word: 'tab', value: undefined }
      else if (byte === lineFeed || byte === carriageReturn || byte === 0) continue
      else if (byte !== backslash) yield { type: 'byte', byte }
      else {
        const found = this.control(at)
        at = found.next
        yield found.token
      }
    }
  }

  private control(at: number): { token: RtfToken; next: number } {
    const { bytes } = this
    const first = bytes[at] ?? blank
    if (!isLetter(first)) return this.symbol(first, at + 1)
    let end = at
    // The longest word of the specification has 25 letters.
    while (end < bytes.length && end - at < 40 && isLetter(bytes[end]!)) end++
    const word = Buffer.from(bytes.subarray(at, end)).toString('latin1')
    const digits = end
    if (bytes[end] === minus && isDigit(bytes[end + 1] ?? 0)) end++
    while (end < bytes.length && end - digits < 12 && isDigit(bytes[end]!)) end++
    const value =
      end > digits ? Number(Buffer.from(bytes.subarray(digits, end)).toString('latin1')) : undefined
    if (bytes[end] === blank) end++
    // Raw bytes of a picture, in which braces mean nothing.
    if (word === 'bin' && value !== undefined && value > 0) end = Math.min(bytes.length, end + value)
    return { token: { type: 'word', word, value }, next: end }
  }

  private symbol(first: number, next: number): { token: RtfToken; next: number } {
    if (first === quote) {
      const hex = Buffer.from(this.bytes.subarray(next, next + 2)).toString('latin1')
      if (/^[\da-f]{2}$/i.test(hex))
        return { token: { type: 'byte', byte: Number.parseInt(hex, 16) }, next: next + 2 }
    }
    if (first === backslash || first === open || first === close)
      return { token: { type: 'byte', byte: first }, next }
    if (first === lineFeed || first === carriageReturn)
      return { token: { type: 'word', word: 'par', value: undefined }, next }
    return { token: { type: 'word', word: String.fromCharCode(first), value: undefined }, next }
  }
}

/** Words that stand for characters. */
export const symbols: Record<string, string> = {
  tab: '\t',
  line: '\n',
  lbr: '\n',
  emdash: '—',
  endash: '–',
  lquote: '‘',
  rquote: '’',
  ldblquote: '“',
  rdblquote: '”',
  bullet: '•',
  emspace: ' ',
  enspace: ' ',
  qmspace: ' ',
  '~': ' ',
  _: '-',
  nestrow: ' '
}
Object.setPrototypeOf(symbols, null)

/** Groups that hold no text of the document, though they do not say so by \*. */
export const skippedDestinations = new Set(
  (
    'colortbl info pict object objdata header headerl headerr headerf footer footerl footerr footerf ftnsep ftnsepc aftnsep ' +
    'themedata colorschememapping datastore latentstyles listtable listoverridetable revtbl rsidtbl generator fldinst ' +
    'xmlnstbl bkmkstart bkmkend nonshppict sp annotation atnid atnauthor xe tc rxe filetbl comment private template'
  ).split(' ')
)

/** Windows' charset of a font → code page. */
export const charsetPages: Record<number, number | undefined> = {
  77: 10000, 128: 932, 129: 949, 134: 936, 136: 950, 161: 1253, 162: 1254, 163: 1258, 177: 1255, 178: 1256, 186: 1257,
  204: 1251, 222: 874, 238: 1250
} // prettier-ignore

const labels: Record<number, string | undefined> = {
  866: 'ibm866', 874: 'windows-874', 932: 'shift_jis', 936: 'gbk', 949: 'euc-kr', 950: 'big5', 10000: 'macintosh',
  65001: 'utf-8'
} // prettier-ignore

const decoders = new Map<string, InstanceType<typeof TextDecoder>>()

/** Unknown code pages are read as Windows-1252. */
export function decodePage(bytes: Uint8Array, page: number): string {
  const label =
    labels[page] ?? (page >= 1250 && page <= 1258 && page !== 1252 ? `windows-${page}` : undefined)
  if (label === undefined) return windows1252(bytes)
  const decoder = decoders.get(label) ?? new TextDecoder(label)
  decoders.set(label, decoder)
  return decoder.decode(bytes)
}
