/**
 * What the lower half takes from chunk to chunk: per layer the last keys and values (sliding window) or the
 * retention state. Pages alone cannot be resumed: a question is reading on, and reading on needs this.
 * Kept in f32, on the GPU and on disk, so that a resumed reading gives the same bits as one that never stopped.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { Staging } from '../device/readback'
import type { Tensor } from '../device/tensor'
import { type Ring, ringRowsFor } from '../kernels/window-attention'

/** What a model takes from chunk to chunk, by its nature and sizes; all of it f32. */
export type CarryPart =
  /** The keys and values of the last `window - 1` positions, `width` values each. */
  | { readonly kind: 'ring'; readonly window: number; readonly width: number }
  /** A state that every token changes. */
  | { readonly kind: 'state'; readonly rows: number; readonly width: number }

export class Carry {
  /** The parts of this kind, in their order. */
  readonly rings: readonly Ring[]
  readonly states: readonly Tensor[]
  /** Positions taken in so far. */
  position = 0
  /** Where the lower half started fresh: it sees nothing before. A saved carry does not hold this. */
  since = 0
  /** Every tensor with how many of its last positions are saved, or all of it, in the order saved. */
  private readonly saved: readonly (readonly [Tensor, number | 'all'])[]

  /** `longest`: rows that a single chunk may bring. */
  constructor(
    private readonly device: Device,
    private readonly parts: readonly CarryPart[],
    readonly longest: number
  ) {
    const tensor = (name: string, rows: number, width: number): Tensor => ({
      name,
      buffer: device.buffer('carry', name, rows * width * 4),
      shape: [rows, width]
    })
    const rings: Ring[] = []
    const states: Tensor[] = []
    this.saved = parts.flatMap((part, i): (readonly [Tensor, number | 'all'])[] => {
      if (part.kind === 'state') {
        states.push(tensor(`state ${i}`, part.rows, part.width))
        return [[states.at(-1)!, 'all']]
      }
      const rows = ringRowsFor(part.window, longest)
      const ring = {
        keys: tensor(`keys ${i}`, rows, part.width),
        values: tensor(`values ${i}`, rows, part.width)
      }
      rings.push(ring)
      return [
        [ring.keys, part.window - 1],
        [ring.values, part.window - 1]
      ]
    })
    this.rings = rings
    this.states = states
  }

  /** Bytes of a saved carry: the last window - 1 rows of every ring in order of position, and every state. */
  get savedBytes(): number {
    return savedCarryBytes(this.parts)
  }

  /** Queues the copy of everything that must be saved. */
  save(batch: Batch, staging: Staging): void {
    for (const [tensor, last] of this.saved)
      for (const [row, rows] of this.savedRanges(tensor, last))
        staging.copy(batch, tensor.buffer, row * tensor.shape[1] * 4, rows * tensor.shape[1] * 4)
  }

  /** Takes back what `save` copied, as it stood at `position`. */
  restore(saved: Uint8Array<ArrayBuffer>, position: number): void {
    this.position = position
    this.since = 0
    let at = 0
    for (const [tensor, last] of this.saved) {
      const rowBytes = tensor.shape[1] * 4
      for (const [row, rows] of this.savedRanges(tensor, last)) {
        this.device.raw.queue.writeBuffer(tensor.buffer, row * rowBytes, saved, at, rows * rowBytes)
        at += rows * rowBytes
      }
    }
    if (at !== saved.length) throw new Error(`carry: ${saved.length} bytes given, ${at} taken`)
  }

  /** Queues a copy of this carry into `other`, which may have a ring of another length. */
  copyTo(batch: Batch, other: Carry): void {
    other.position = this.position
    other.since = this.since
    for (const [i, [from, last]] of this.saved.entries()) {
      const [to] = other.saved[i]
      const rowBytes = from.shape[1] * 4
      for (const [row, rows, position] of this.savedRanges(from, last)) {
        // The same positions may wrap at another place in the other ring.
        for (let done = 0; done < rows;) {
          const target = (position + done) % to.shape[0]
          const count = Math.min(rows - done, to.shape[0] - target)
          batch.copy(from.buffer, (row + done) * rowBytes, to.buffer, target * rowBytes, count * rowBytes)
          done += count
        }
      }
    }
  }

  /** Queues what makes the lower half go on from here as at the beginning of a text; positions go on. */
  startFresh(batch: Batch): void {
    this.since = this.position
    for (const state of this.states) batch.clear(state.buffer)
  }

  free(): void {
    for (const [tensor] of this.saved) this.device.free(tensor.buffer)
  }

  /**
   * [row, rows, position behind `since`] of a ring's `last` positions, in order; a text shorter than that saves the unused
   * rows too, which keeps the length fixed. Of a state all rows.
   */
  private savedRanges(tensor: Tensor, last: number | 'all'): [number, number, number][] {
    const [all] = tensor.shape
    if (last === 'all') return [[0, all, 0]]
    if (last === 0) return []
    const first = Math.max(0, this.position - this.since - last)
    const row = first % all
    const straight = Math.min(last, all - row)
    return straight === last
      ? [[row, last, first]]
      : [
          [row, straight, first],
          [0, last - straight, first + straight]
        ]
  }
}

/** Bytes of a carry on the GPU: a ring there has room for a chunk besides. */
export function carryMemory(parts: readonly CarryPart[], longest: number): number {
  const values = parts.map(part =>
    part.kind === 'ring' ? 2 * ringRowsFor(part.window, longest) * part.width : part.rows * part.width
  )
  return values.reduce((sum, each) => sum + each, 0) * 4
}

export function savedCarryBytes(parts: readonly CarryPart[]): number {
  const values = parts.map(part =>
    part.kind === 'ring' ? 2 * (part.window - 1) * part.width : part.rows * part.width
  )
  return values.reduce((sum, each) => sum + each, 0) * 4
}
