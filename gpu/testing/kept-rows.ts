/** Keys and values as they are into pages and rings: heads.ts without norms and rotations. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { writePages, writeRing } from '../kernels/heads'
import type { KvShape, PageLayout } from '../kernels/page-layout'
import type { Ring } from '../kernels/window-attention'
import { bufferOf } from './gpu-testing'

/** K | V of rows, from f32 `first` on, into `bank` from row `row` on. */
export async function pageWriter(device: Device, layout: PageLayout, set = 0) {
  const write = await writePages(device, layout, { set, heads: 0 })
  const weight = bufferOf(new Float32Array(4), 'no weight')
  return (batch: Batch, x: Tensor, bank: GPUBuffer, row: number, rows: number, first = 0): void =>
    write(batch, { x, rows, weight, first }, { bank, row })
}

/** Rows of q | k | v: K and V into the ring of a text whose position `start` the first row has. `before`: f32 values in front of them. */
export async function ringWriter(
  device: Device,
  { heads, kvHeads, headDim }: KvShape & { readonly heads: number }
) {
  const write = await writeRing(device, { heads: 0, kvHeads, headDim })
  const weight = bufferOf(new Float32Array(4), 'no weight')
  return (batch: Batch, x: Tensor, ring: Ring, start: number, rows: number, before = 0): void =>
    write(batch, { x, rows, weight, first: before + heads * up4(headDim) }, { ring, start })
}
