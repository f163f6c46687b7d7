/**
 * What the lower half takes from chunk to chunk: per layer the last keys and values (sliding window) or the
 * retention state. Pages alone cannot be resumed: a question is reading on, and reading on needs this.
 * Kept in f32, on the GPU and on disk, so that a resumed reading gives the same bits as one that never stopped.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { Staging } from '../device/readback'
import { type Tensor, up4 } from '../device/tensor'
import { type Ring, ringRowsFor } from '../kernels/window-attention'
import type { ModelConfig } from './config'

export class Carry {
  readonly rings: readonly Ring[]
  readonly states: readonly Tensor[]
  /** Positions taken in so far. */
  position = 0
  /** Where the lower half started fresh: it sees nothing before. A saved carry does not hold this. */
  since = 0

  /** `longest`: rows that a single chunk may bring. */
  constructor(
    private readonly device: Device,
    private readonly config: ModelConfig,
    readonly longest: number
  ) {
    const { self } = config
    const head = up4(self.headDim)
    const tensor = (name: string, rows: number, width: number): Tensor => ({
      name,
      buffer: device.buffer('carry', name, rows * width * 4),
      shape: [rows, width]
    })
    const layers = Array.from({ length: config.selfLayers }, (_, i) => i)
    this.rings =
      self.kind === 'window'
        ? layers.map(i => {
            const [rows, width] = [ringRowsFor(self.window, longest), self.kvHeads * head]
            return { keys: tensor(`keys ${i}`, rows, width), values: tensor(`values ${i}`, rows, width) }
          })
        : []
    this.states =
      self.kind === 'gated-retention'
        ? layers.map(i => tensor(`state ${i}`, self.heads * self.headDim, head))
        : []
  }

  /** Bytes of a saved carry: the last window - 1 rows of every ring in order of position, or every state. */
  get savedBytes(): number {
    return savedCarryBytes(this.config)
  }

  /** Queues the copy of everything that must be saved. */
  save(batch: Batch, staging: Staging): void {
    for (const state of this.states) staging.copy(batch, state.buffer, 0, byteLength(state))
    for (const ring of this.rings) {
      for (const tensor of [ring.keys, ring.values]) {
        for (const [row, rows] of this.savedRanges(tensor))
          staging.copy(batch, tensor.buffer, row * tensor.shape[1] * 4, rows * tensor.shape[1] * 4)
      }
    }
  }

  /** Takes back what `save` copied, as it stood at `position`. */
  restore(saved: Uint8Array<ArrayBuffer>, position: number): void {
    this.position = position
    this.since = 0
    let at = 0
    const write = (buffer: GPUBuffer, offset: number, bytes: number): void => {
      this.device.raw.queue.writeBuffer(buffer, offset, saved, at, bytes)
      at += bytes
    }
    for (const state of this.states) write(state.buffer, 0, byteLength(state))
    for (const ring of this.rings) {
      for (const tensor of [ring.keys, ring.values]) {
        for (const [row, rows] of this.savedRanges(tensor))
          write(tensor.buffer, row * tensor.shape[1] * 4, rows * tensor.shape[1] * 4)
      }
    }
    if (at !== saved.length) throw new Error(`carry: ${saved.length} bytes given, ${at} taken`)
  }

  /** Queues a copy of this carry into `other`, which may have a ring of another length. */
  copyTo(batch: Batch, other: Carry): void {
    other.position = this.position
    other.since = this.since
    for (const [i, state] of this.states.entries())
      batch.copy(state.buffer, 0, other.states[i].buffer, 0, byteLength(state))
    for (const [i, ring] of this.rings.entries()) {
      for (const part of ['keys', 'values'] as const) {
        const [from, to] = [ring[part], other.rings[i][part]]
        const rowBytes = from.shape[1] * 4
        for (const [row, rows, position] of this.savedRanges(from)) {
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
  }

  /** Queues what makes the lower half go on from here as at the beginning of a text; positions go on. */
  startFresh(batch: Batch): void {
    this.since = this.position
    for (const state of this.states) batch.clear(state.buffer)
  }

  free(): void {
    for (const state of this.states) this.device.free(state.buffer)
    for (const ring of this.rings) {
      this.device.free(ring.keys.buffer)
      this.device.free(ring.values.buffer)
    }
  }

  /** [ring row, rows, position behind `since`] of the last window - 1 positions, in order; a text shorter than that saves the unused rows too, which keeps the length fixed. */
  private savedRanges(tensor: Tensor): [number, number, number][] {
    const ringRows = tensor.shape[0]
    const count = this.config.self.kind === 'window' ? this.config.self.window - 1 : 0
    if (count === 0) return []
    const first = Math.max(0, this.position - this.since - count)
    const row = first % ringRows
    const straight = Math.min(count, ringRows - row)
    return straight === count
      ? [[row, count, first]]
      : [
          [row, straight, first],
          [0, count - straight, first + straight]
        ]
  }
}

export function savedCarryBytes(config: ModelConfig): number {
  const { self } = config
  const head = up4(self.headDim)
  const perLayer =
    self.kind === 'window' ? 2 * (self.window - 1) * self.kvHeads * head : self.heads * self.headDim * head
  return config.selfLayers * perLayer * 4
}

const byteLength = (tensor: Tensor): number => tensor.shape[0] * tensor.shape[1] * 4
