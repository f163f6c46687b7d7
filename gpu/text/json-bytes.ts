/**
 * JSON read from its bytes, for lists so long that JSON.parse would build millions of objects from them: the vocabulary
 * and the merges of a large tokenizer. Strings come out as UTF-8, one after another in a buffer that is used again.
 */
import { broken } from './json'

const [quote, backslash, comma, colon] = [0x22, 0x5c, 0x2c, 0x3a]
const [openList, closeList, openMap, closeMap] = [0x5b, 0x5d, 0x7b, 0x7d]
const simpleEscapes: Readonly<Record<string, number>> = {
  '"': 0x22,
  '\\': 0x5c,
  '/': 0x2f,
  b: 0x08,
  f: 0x0c,
  n: 0x0a,
  r: 0x0d,
  t: 0x09
}

/** A range of bytes, `end` exclusive. */
export interface JsonRange {
  readonly start: number
  readonly end: number
}

export class JsonBytes {
  /** Strings as they were read; grows. */
  text = new Uint8Array(1 << 12)
  /** Bytes of `text` that are in use. */
  length = 0

  constructor(
    private readonly bytes: Uint8Array,
    private readonly what: string,
    private at = 0
  ) {}

  /** Calls `value` for each key of an object, with the reader before its value. Throws for a key that is named twice. */
  map(value: (key: string) => void): void {
    const seen = new Set<string>()
    this.entries(() => {
      const key = new TextDecoder().decode(this.text.subarray(0, this.length))
      if (seen.has(key))
        throw broken(`${this.what} names "${key.slice(0, 80)}" twice, expected every name once.`)
      seen.add(key)
      value(key)
    })
  }

  /** The same without a string for each key: it stands in `text`. */
  entries(value: () => void): void {
    this.inside(openMap, closeMap, () => {
      this.length = 0
      this.string()
      this.expect(colon)
      this.space()
      value()
    })
  }

  list(item: () => void): void {
    this.inside(openList, closeList, item)
  }

  isList(): boolean {
    this.space()
    return this.bytes[this.at] === openList
  }

  isMap(): boolean {
    this.space()
    return this.bytes[this.at] === openMap
  }

  /** Over any value, whose inside is not checked further; where it lies. */
  skip(): JsonRange {
    this.space()
    const start = this.at
    this.skipValue()
    return { start, end: this.at }
  }

  /** Appends a string's bytes to `text`. */
  string(): void {
    this.expect(quote)
    for (;;) {
      const byte = this.bytes[this.at++]
      if (byte === undefined || byte < 0x20) throw this.malformed()
      if (byte === quote) return
      if (byte === backslash) this.escape()
      else this.push(byte)
    }
  }

  /** A whole number of at most nine digits; -1 for anything else that is a value. */
  count(): number {
    this.space()
    const start = this.at
    let value = 0
    for (let digit; (digit = (this.bytes[this.at] ?? 0) - 0x30) >= 0 && digit <= 9; this.at++)
      value = value * 10 + digit
    const ends = /[\s,\]}]/.test(String.fromCharCode(this.bytes[this.at] ?? 0))
    if (this.at > start && this.at - start < 10 && ends) return value
    this.at = start
    this.skipValue()
    return -1
  }

  private inside(open: number, close: number, item: () => void): void {
    this.expect(open)
    this.space()
    if (this.bytes[this.at] === close) {
      this.at++
      return
    }
    for (;;) {
      item()
      this.space()
      const byte = this.bytes[this.at++]
      if (byte === close) return
      if (byte !== comma) throw this.malformed()
    }
  }

  private skipValue(): void {
    let depth = 0
    const start = this.at
    for (; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]!
      if (byte === quote) this.skipString()
      else if (byte === openMap || byte === openList) depth++
      else if (byte === closeMap || byte === closeList) {
        if (depth === 0) break
        depth--
      } else if (depth > 0 || (byte !== comma && byte > 0x20)) continue
      else break
      if (depth === 0) {
        this.at++
        break
      }
    }
    if (depth > 0 || this.at === start) throw this.malformed()
  }

  private skipString(): void {
    for (this.at++; this.at < this.bytes.length; this.at++) {
      const byte = this.bytes[this.at]
      if (byte === backslash) this.at++
      else if (byte === quote) return
    }
    throw this.malformed()
  }

  private expect(byte: number): void {
    this.space()
    if (this.bytes[this.at++] !== byte) throw this.malformed()
  }

  private space(): void {
    for (let byte; (byte = this.bytes[this.at]) === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09;)
      this.at++
  }

  private escape(): void {
    const letter = String.fromCharCode(this.bytes[this.at++] ?? 0)
    const simple = simpleEscapes[letter]
    if (simple !== undefined) return this.push(simple)
    if (letter !== 'u') throw this.malformed()
    let code = this.hex()
    const isPair =
      code >= 0xd800 && code < 0xdc00 && this.bytes[this.at] === backslash && this.bytes[this.at + 1] === 0x75
    if (isPair) {
      this.at += 2
      code = 0x10000 + ((code - 0xd800) << 10) + ((this.hex() - 0xdc00) & 0x3ff)
    }
    for (const byte of new TextEncoder().encode(String.fromCodePoint(code))) this.push(byte)
  }

  private hex(): number {
    const digits = String.fromCharCode(...this.bytes.subarray(this.at, this.at + 4))
    if (!/^[0-9a-fA-F]{4}$/.test(digits)) throw this.malformed()
    this.at += 4
    return Number.parseInt(digits, 16)
  }

  private push(byte: number): void {
    if (this.length === this.text.length) {
      const larger = new Uint8Array(2 * this.text.length)
      larger.set(this.text)
      this.text = larger
    }
    this.text[this.length++] = byte
  }

  private malformed(): Error {
    const found = this.at >= this.bytes.length ? 'it ends too early' : `it is wrong near byte ${this.at}`
    return broken(`${this.what} is not valid JSON: ${found}. The file is damaged; download it again.`)
  }
}
