/**
 * Byte pair encoding over text that no pattern splits into words, as SentencePiece's BPE and Gemma's tokenizer.json do:
 * every character is a piece, or the pieces of its bytes where the vocabulary lacks it, and merges go on over the whole
 * text. It is cut all the same, and exactly: no merge reaches across two characters that no piece holds side by side. Of
 * Gemma's 262,144 pieces only one has a space behind another character, so its text falls into words; and no piece mixes
 * line ends with anything else.
 * Measured with Gemma 3's tokenizer, beside other work: 5.7 to 7.2 million characters of English books per second of processor time (docs/models.md).
 */
import type { MergeTable } from './merge-table'
import { MinHeap } from './min-heap'
import type { PieceTable } from './piece-table'

/** An added token that is text: a run of line ends, tabs or spaces. It is taken whole, the longest first, before anything merges. */
interface TextToken {
  readonly id: number
  readonly content: string
}

interface BpeParts {
  readonly pieces: PieceTable
  readonly merges: MergeTable
  /** Pieces that text may become. */
  kept(id: number): boolean
  /** The character that stands for a space in pieces. */
  readonly space: string
  readonly texts: readonly TextToken[]
  /** Ids of <0x00> to <0xFF>. */
  readonly byteIds: ArrayLike<number>
}

/** Symbols up to which looking for the least rank one by one is the fastest. */
const shortLength = 24
/** Bits for pairs of characters: Gemma has 34,012 such pairs; one in a hundred others shares a bit with one of them, and is then no place to cut. */
const pairBits = 1 << 22
const replacement = 0xfffd

export class ByteFallbackBpe {
  /** id + 1 of the characters below U+10000. */
  private readonly plain = new Int32Array(1 << 16)
  private readonly astral = new Map<number, number>()
  /** One bit for each pair of characters that some piece holds side by side, by hash. */
  private readonly pairs = new Uint32Array(pairBits / 32)
  /** Text tokens by their first character, the longest first. */
  private readonly textsAt = new Map<number, TextToken[]>()
  private readonly space: number
  private symbols = new Int32Array(1 << 10)
  private ranks = new Int32Array(1 << 10)
  private links = new Int32Array(2 << 10)
  private readonly heap = new MinHeap()
  private ids = new Uint32Array(1 << 12)
  private count = 0

  constructor(private readonly parts: BpeParts) {
    this.space = parts.space.codePointAt(0)!
    const decoder = new TextDecoder()
    for (let id = 0; id < parts.pieces.size; id++) {
      if (!parts.pieces.has(id) || !parts.kept(id)) continue
      const piece = decoder.decode(parts.pieces.piece(id))
      this.addPairs(piece)
      const code = piece.codePointAt(0)
      if (code === undefined || piece.length > (code > 0xffff ? 2 : 1)) continue
      if (code > 0xffff) this.astral.set(code, id)
      else this.plain[code] = id + 1
    }
    this.plain[0x20] = this.plain[this.space]!
    for (const token of parts.texts) {
      this.addPairs(token.content)
      const first = token.content.charCodeAt(0)
      this.textsAt.set(first, [...(this.textsAt.get(first) ?? []), token])
    }
    for (const tokens of this.textsAt.values()) tokens.sort((a, b) => b.content.length - a.content.length)
  }

  /** No token reaches across this place, whatever the text around it. */
  isBorder(text: string, at: number): boolean {
    if (at <= 0 || at >= text.length) return true
    return !isWithinPair(text, at) && !this.isPair(this.codeBefore(text, at), this.codeAt(text, at))
  }

  encode(text: string): Uint32Array {
    this.count = 0
    let length = 0
    let before = -1
    for (let at = 0; at < text.length;) {
      const code = this.codeAt(text, at)
      const token = this.textsAt.get(code)?.find(({ content }) => text.startsWith(content, at))
      if (token !== undefined || (length > 0 && !this.isPair(before, code))) {
        this.mergeSymbols(length)
        length = 0
      }
      before = code
      if (token !== undefined) {
        this.put(token.id)
        at += token.content.length
        continue
      }
      at += code > 0xffff ? 2 : 1
      const symbol = code > 0xffff ? (this.astral.get(code) ?? -1) : this.plain[code]! - 1
      if (symbol < 0) {
        this.mergeSymbols(length)
        length = 0
        for (const byte of new TextEncoder().encode(String.fromCodePoint(code)))
          this.put(this.parts.byteIds[byte]!)
        continue
      }
      if (length === this.symbols.length) this.grow()
      this.symbols[length++] = symbol
    }
    this.mergeSymbols(length)
    return this.ids.slice(0, this.count)
  }

  private addPairs(piece: string): void {
    let before = -1
    for (const character of piece) {
      const code = character === ' ' ? this.space : character.codePointAt(0)!
      if (before >= 0) {
        const bit = pairBit(before, code)
        this.pairs[bit >>> 5]! |= 1 << (bit & 31)
      }
      before = code
    }
  }

  private isPair(a: number, b: number): boolean {
    const bit = pairBit(a === 0x20 ? this.space : a, b === 0x20 ? this.space : b)
    return (this.pairs[bit >>> 5]! & (1 << (bit & 31))) !== 0
  }

  /** The character at `at`; U+FFFD for half of one, as UTF-8 has it. */
  private codeAt(text: string, at: number): number {
    const code = text.charCodeAt(at)
    if (code < 0xd800 || code > 0xdfff) return code
    const whole = text.codePointAt(at)!
    return whole > 0xffff ? whole : replacement
  }

  private codeBefore(text: string, at: number): number {
    return this.codeAt(text, isWithinPair(text, at - 1) ? at - 2 : at - 1)
  }

  private put(id: number): void {
    if (this.count === this.ids.length) {
      const larger = new Uint32Array(2 * this.count)
      larger.set(this.ids)
      this.ids = larger
    }
    this.ids[this.count++] = id
  }

  private grow(): void {
    const larger = new Int32Array(2 * this.symbols.length)
    larger.set(this.symbols)
    this.symbols = larger
    this.ranks = new Int32Array(larger.length)
    this.links = new Int32Array(2 * larger.length)
  }

  /** The least rank first, of equal ones the leftmost; puts the ids that are left. */
  private mergeSymbols(length: number): void {
    if (length === 0) return
    if (length <= shortLength) this.mergeShort(length)
    else this.mergeLong(length)
  }

  private mergeShort(length: number): void {
    const { symbols, ranks } = this
    const { merges } = this.parts
    for (let i = 1; i < length; i++) ranks[i - 1] = merges.rank(symbols[i - 1]!, symbols[i]!)
    for (;;) {
      let best = -1
      for (let i = 0; i < length - 1; i++)
        if (ranks[i]! >= 0 && (best < 0 || ranks[i]! < ranks[best]!)) best = i
      if (best < 0) break
      symbols[best] = merges.merged(ranks[best]!)
      length--
      for (let i = best + 1; i < length; i++) {
        symbols[i] = symbols[i + 1]!
        ranks[i - 1] = ranks[i]!
      }
      if (best > 0) ranks[best - 1] = merges.rank(symbols[best - 1]!, symbols[best]!)
      if (best < length - 1) ranks[best] = merges.rank(symbols[best]!, symbols[best + 1]!)
    }
    for (let i = 0; i < length; i++) this.put(symbols[i]!)
  }

  /** With a heap of ranks and places: n log n. An entry whose place has another rank by now is passed over. */
  private mergeLong(length: number): void {
    const { symbols, ranks, heap } = this
    const { merges } = this.parts
    const next = this.links.subarray(0, length)
    const previous = this.links.subarray(length, 2 * length)
    const rankAt = (i: number): void => {
      const rank = next[i]! < length ? merges.rank(symbols[i]!, symbols[next[i]!]!) : -1
      ranks[i] = rank
      if (rank >= 0) heap.push(rank * placeLimit + i)
    }
    for (let i = 0; i < length; i++) {
      next[i] = i + 1
      previous[i] = i - 1
    }
    for (let i = 0; i < length; i++) rankAt(i)
    while (heap.size > 0) {
      const key = heap.pop()
      const at = key % placeLimit
      const rank = (key - at) / placeLimit
      if (ranks[at] !== rank) continue
      const gone = next[at]!
      symbols[at] = merges.merged(rank)
      ranks[gone] = -1
      next[at] = next[gone]!
      if (next[at]! < length) previous[next[at]!] = at
      rankAt(at)
      if (previous[at]! >= 0) rankAt(previous[at]!)
    }
    for (let i = 0; i < length; i = next[i]!) this.put(symbols[i]!)
  }
}

/** Places of symbols stay below: text comes in pieces of some ten thousand characters. A rank times this is exact in a double. */
const placeLimit = 2 ** 24

/** Half of a character lies on either side. */
const isWithinPair = (text: string, at: number) =>
  at > 0 && /[\uDC00-\uDFFF]/.test(text[at] ?? '') && /[\uD800-\uDBFF]/.test(text[at - 1]!)

function pairBit(a: number, b: number): number {
  const hash = Math.imul(Math.imul(a, 0x9e3779b1) ^ b, 0x85ebca6b)
  return (hash ^ (hash >>> 15)) & (pairBits - 1)
}
