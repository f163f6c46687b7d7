/**
 * A vocabulary of some hundred thousand pieces without an object for each: their bytes one after another, where each id
 * begins and ends, and a hash table from bytes to id. 262,144 pieces take 7 MB; as strings in maps they take 60.
 */
import { broken, shown } from './json'
import type { JsonBytes } from './json-bytes'

const file = 'tokenizer.json'
const most = { entries: 4_000_000, piece: 4096 }

export class PieceTable {
  /** Largest id plus one; ids between may stand for nothing. */
  readonly size: number
  private readonly bytes: Uint8Array
  private readonly starts: Uint32Array
  private readonly ends: Uint32Array
  /** 1 for ids that stand for a piece. */
  private readonly taken: Uint8Array
  /** id + 1 by the hash of the piece's bytes; 0 is free. */
  private readonly slots: Int32Array

  /** Reads an object of ids by piece. Throws broken-model. */
  constructor(json: JsonBytes) {
    let bytes = new Uint8Array(1 << 20)
    let [used, count, size] = [0, 0, 0]
    let entries = new Int32Array(3 << 16)
    json.entries(() => {
      const { text, length } = json
      const id = json.count()
      if (id < 0 || id > most.entries || length > most.piece)
        throw broken(
          `${file}: the token ${shown(decoded(text, 0, length))} has no id, expected a whole number.`
        )
      if (used + length > bytes.length) bytes = grown(bytes, used + length)
      bytes.set(text.subarray(0, length), used)
      if (3 * count === entries.length) entries = grown(entries, 2 * entries.length)
      entries.set([id, used, used + length], 3 * count++)
      used += length
      size = Math.max(size, id + 1)
    })
    if (size >= 4 * count + 65_536)
      throw broken(`${file} has ${count} tokens with ids up to ${size - 1}, expected ids without wide gaps.`)
    this.size = size
    this.bytes = bytes.slice(0, used)
    this.starts = new Uint32Array(size)
    this.ends = new Uint32Array(size)
    this.taken = new Uint8Array(size)
    this.slots = new Int32Array(1 << Math.ceil(Math.log2(2 * count + 2)))
    for (let at = 0; at < 3 * count; at += 3) {
      const [id, start, end] = [entries[at]!, entries[at + 1]!, entries[at + 2]!]
      if (this.taken[id])
        throw broken(
          `${file}: the id ${id} stands for two tokens, one of them ${shown(decoded(bytes, start, end))}.`
        )
      this.taken[id] = 1
      const slot = this.slotOf(bytes, start, end)
      if (this.slots[slot] !== 0)
        throw broken(`${file} names the token ${shown(decoded(bytes, start, end))} twice.`)
      this.slots[slot] = id + 1
      this.starts[id] = start
      this.ends[id] = end
    }
  }

  has(id: number): boolean {
    return this.taken[id] === 1
  }

  /** The id of these bytes; -1 where they are no piece. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.slots[this.slotOf(bytes, start, end)]! - 1
  }

  idOf(piece: string): number | undefined {
    const bytes = new TextEncoder().encode(piece)
    const id = this.find(bytes, 0, bytes.length)
    return id < 0 ? undefined : id
  }

  /** A view of the piece's bytes; empty for an id without a piece. */
  piece(id: number): Uint8Array {
    return this.bytes.subarray(this.starts[id] ?? 0, this.ends[id] ?? 0)
  }

  /** Where these bytes stand, or the free place for them. */
  private slotOf(bytes: Uint8Array, start: number, end: number): number {
    const mask = this.slots.length - 1
    // FNV-1a, 32 bits.
    let hash = 0x811c9dc5
    for (let at = start; at < end; at++) hash = Math.imul(hash ^ bytes[at]!, 0x01000193)
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const id = this.slots[slot]! - 1
      if (id < 0 || this.equals(id, bytes, start, end)) return slot
    }
  }

  private equals(id: number, bytes: Uint8Array, start: number, end: number): boolean {
    const own = this.bytes
    let from = this.starts[id]!
    if (this.ends[id]! - from !== end - start) return false
    for (let at = start; at < end; at++, from++) if (bytes[at] !== own[from]) return false
    return true
  }
}

function grown<T extends Uint8Array | Int32Array>(array: T, least: number): T {
  const larger = new (array.constructor as new (length: number) => T)(Math.max(2 * array.length, least))
  larger.set(array)
  return larger
}

const decoded = (bytes: Uint8Array, start: number, end: number) =>
  new TextDecoder().decode(bytes.subarray(start, Math.min(end, start + 200)))
