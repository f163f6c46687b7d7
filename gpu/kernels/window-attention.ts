/** Sliding-window attention of one layer: keys and values of a chunk into the ring, then rows against it. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import type { WindowConfig } from '../yoco/config'
import ringWgsl from './ring-write.wgsl?raw'
import wgsl from './window-attention.wgsl?raw'

/** The last keys and values of a layer: position p in row p % rows; rows >= window - 1 + longest chunk. */
export interface Ring {
  readonly keys: Tensor
  readonly values: Tensor
}

export interface WindowAttention {
  /** qkv: [rows, q | k | v], rotated; `start` is the position of its first row. */
  write(batch: Batch, qkv: Tensor, ring: Ring, start: number, rows: number): void
  /** y: [rows, heads * head dim]. The chunk's own keys must be in the ring. */
  attend(batch: Batch, qkv: Tensor, ring: Ring, y: Tensor, start: number, rows: number): void
}

export async function windowAttention(device: Device, config: WindowConfig): Promise<WindowAttention> {
  const { heads, kvHeads, headDim, window } = config
  const head = up4(headDim)
  const [inner, kv] = [heads * head, kvHeads * head]
  // 16 vec4 of sums beside the whole query stay in registers; wider heads take several slices.
  const slice4 = Math.min(head / 4, 16)
  const lanes = device.adapter.software ? 16 : 64
  const write = await device.compile({ name: 'ring-write', wgsl: ringWgsl }, { KV4: kv / 4 })
  const attend = await device.compile(
    { name: 'window-attention', wgsl },
    { HEADS: heads, KV_HEADS: kvHeads, HEAD4: head / 4, KV4: kv / 4, SLICE4: slice4, LANES: lanes }
  )
  const checked = (ring: Ring, rows: number): number => {
    const ringRows = ring.keys.shape[0]
    expectShape('window-attention', 'values', ring.values, ringRows, kv)
    // A ring as long as the text never wraps; otherwise a chunk must not overwrite what its first row still sees.
    if (ringRows < rows)
      throw new Error(`window-attention: a ring of ${ringRows} rows cannot take ${rows} rows at once`)
    return ringRows
  }
  return {
    write(batch, qkv, ring, start, rows) {
      expectShape('ring-write', 'qkv', qkv, rows, inner + 2 * kv)
      const params = {
        rows,
        first: inner / 4,
        stride: qkv.shape[1] / 4,
        start,
        ring_rows: checked(ring, rows)
      }
      batch.run(write, [qkv.buffer, ring.keys.buffer, ring.values.buffer], params, [
        Math.ceil(kv / 4 / 64),
        rows
      ])
    },
    attend(batch, qkv, ring, y, start, rows) {
      expectShape('window-attention', 'y', y, rows, inner)
      const ring_rows = checked(ring, rows)
      const params = { rows, start, q_stride: qkv.shape[1] / 4, ring_rows, window, scale: headDim ** -0.5 }
      const bindings = [qkv.buffer, ring.keys.buffer, ring.values.buffer, y.buffer]
      batch.run(attend, bindings, params, [Math.ceil(rows / lanes), heads, Math.ceil(head / 4 / slice4)])
    }
  }
}
