/** The bytes of an RTF file → its groups, control words and characters. */

type RtfToken =
  | { readonly type: 'open' | 'close' }
  /** `isRaw`: it stands in the file as it is, and not as \'hh or behind a backslash. */
  | { readonly type: 'byte'; readonly byte: number; readonly isRaw: boolean }
  | { readonly type: 'word'; readonly word: string; readonly value: number | undefined }

const [tab, lineFeed, carriageReturn, blank] = [9, 10, 13, 32]
const [backslash, open, close, minus, quote] = [0x5c, 0x7b, 0x7d, 0x2d, 0x27]
const isLetter = (byte: number) => (byte | 0x20) >= 0x61 && (byte | 0x20) <= 0x7a
const isDigit = (byte: number) => byte >= 0x30 && byte <= 0x39

export class RtfTokens implements Iterable<RtfToken> {
  /** Behind the last token that was given. */
  at = 0

  constructor(private readonly bytes: Uint8Array) {}

  *[Symbol.iterator](): Iterator<RtfToken> {
    const { bytes } = this
    while (this.at < bytes.length) {
      const byte = bytes[this.at++]!
      if (byte === open) yield { type: 'open' }
      else if (byte === close) yield { type: 'close' }
      else if (byte === tab) yield { type: 'word', word: 'tab', value: undefined }
      else if (byte === lineFeed || byte === carriageReturn || byte === 0) continue
      else if (byte !== backslash) yield { type: 'byte', byte, isRaw: true }
      else {
        const found = this.control(this.at)
        this.at = found.next
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
        return { token: { type: 'byte', byte: Number.parseInt(hex, 16), isRaw: false }, next: next + 2 }
    }
    if (first === backslash || first === open || first === close)
      return { token: { type: 'byte', byte: first, isRaw: false }, next }
    if (first === lineFeed || first === carriageReturn)
      return { token: { type: 'word', word: 'par', value: undefined }, next }
    return { token: { type: 'word', word: String.fromCharCode(first), value: undefined }, next }
  }
}
