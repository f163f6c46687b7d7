/**
 * The merges of a byte pair encoding by their two pieces, in typed arrays: half a million take 10 MB, and a pair is
 * found in 50 to 100 ns. A merge's rank is its place in the file; of two for one pair the later one counts.
 */
import { broken, shown } from './json'
import type { JsonBytes } from './json-bytes'
import type { PieceTable } from './piece-table'

const file = 'tokenizer.json'
const most = 4_000_000

export class MergeTable {
  /** Left, right and merged id of each merge, by rank. */
  private merges = new Int32Array(3 << 16)
  private count = 0
  /** rank + 1 by the hash of a pair; 0 is free. */
  private readonly slots: Int32Array

  /** Reads a list of pairs ["a", "b"] or "a b". Merges that make or use a piece that is not `kept` are left out. Throws broken-model. */
  constructor(json: JsonBytes, pieces: PieceTable, kept: (id: number) => boolean) {
    json.list(() => {
      json.length = 0
      const middle = readPair(json)
      const { text, length } = json
      const merged = pieces.find(text, 0, length)
      if (merged < 0) {
        const [left, right] = [text.subarray(0, middle), text.subarray(middle, length)].map(shownBytes)
        throw broken(`${file} merges ${left} and ${right} to a token that it does not have.`)
      }
      const [left, right] = [pieces.find(text, 0, middle), pieces.find(text, middle, length)]
      if (left < 0 || right < 0 || !kept(left) || !kept(right) || !kept(merged)) return
      this.append(left, right, merged)
    })
    this.merges = this.merges.slice(0, 3 * this.count)
    this.slots = new Int32Array(1 << Math.ceil(Math.log2(2 * this.count + 2)))
    for (let rank = 0; rank < this.count; rank++)
      this.slots[this.slotOf(this.merges[3 * rank]!, this.merges[3 * rank + 1]!)] = rank + 1
  }

  /** The rank of the merge of two ids; -1 where they do not merge. */
  rank(left: number, right: number): number {
    return this.slots[this.slotOf(left, right)]! - 1
  }

  merged(rank: number): number {
    return this.merges[3 * rank + 2]!
  }

  /** Some merge makes or uses one of these. */
  mentions(ids: ReadonlySet<number>): boolean {
    return this.merges.some(id => ids.has(id))
  }

  private append(left: number, right: number, merged: number): void {
    if (this.count === most) throw broken(`${file} has more than ${most} merges. It is damaged.`)
    if (3 * this.count === this.merges.length) {
      const larger = new Int32Array(2 * this.merges.length)
      larger.set(this.merges)
      this.merges = larger
    }
    const at = 3 * this.count++
    this.merges[at] = left
    this.merges[at + 1] = right
    this.merges[at + 2] = merged
  }

  private slotOf(left: number, right: number): number {
    const { merges, slots } = this
    const mask = slots.length - 1
    const hash = Math.imul(Math.imul(left, 0x9e3779b1) ^ right, 0x85ebca6b)
    for (let slot = (hash ^ (hash >>> 15)) & mask; ; slot = (slot + 1) & mask) {
      const at = 3 * (slots[slot]! - 1)
      if (at < 0 || (merges[at] === left && merges[at + 1] === right)) return slot
    }
  }
}

/** Both sides one after another in `json.text`; returns where the second begins. */
function readPair(json: JsonBytes): number {
  const ends: number[] = []
  if (json.isList()) {
    json.list(() => {
      json.string()
      ends.push(json.length)
    })
    if (ends.length === 2) return ends[0]!
  } else {
    json.string()
    const text = json.text.subarray(0, json.length)
    const space = text.indexOf(0x20)
    if (space > 0 && space < text.length - 1 && text.indexOf(0x20, space + 1) < 0) {
      json.text.copyWithin(space, space + 1, json.length)
      json.length--
      return space
    }
  }
  throw broken(
    `${file} has the merge ${shownBytes(json.text.subarray(0, json.length))}, expected two tokens.`
  )
}

const shownBytes = (bytes: Uint8Array) => shown(new TextDecoder().decode(bytes.subarray(0, 200)))
