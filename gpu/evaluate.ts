/**
 * Logits of given token ids through the same chunked, paged, early-exit path that reading and answering take.
 * For tests, `readonce logits` and comparisons with other implementations; the product never needs a prompt's logits.
 */
import { copyFromBuffer } from './device/readback'
import { Pages } from './kv/pages'
import { freshAt, roomToFresh, prefill, type ReadingOptions, readChunk } from './prefill'
import { type Model, upperRows } from './yoco/model'

export interface EvaluateOptions extends ReadingOptions {
  /** Positions whose next-token logits are wanted, rising. */
  readonly positions: readonly number[]
  /** Limits a bank; for tests of bank borders. */
  readonly mostBankBytes?: number
}

/** Calls `use` with each wanted position and its logits: [vocabulary], borrowed until it returns. */
export async function evaluate(
  model: Model,
  ids: Uint32Array,
  options: EvaluateOptions,
  use: (position: number, logits: Float32Array) => void
): Promise<void> {
  const { device, config } = model
  const pages = await Pages.allocate(device, ids.length, model.pages.pageBytes, options.mostBankBytes)
  const carry = model.newCarry()
  const scratch = model.pages.allocate(
    upperRows,
    pages.banks.map(bank => bank.capacity)
  )
  try {
    let next = 0
    const chunk = Math.min(options.chunk ?? model.longest, model.longest)
    for (let at = 0; at < ids.length;) {
      // Chunks that nobody asks about are read by the reading loop itself.
      const quiet =
        options.positions[next] === undefined
          ? ids.length
          : Math.floor((options.positions[next] - at) / chunk) * chunk + at
      if (quiet > at) {
        await prefill(model, ids.subarray(0, quiet), at, carry, pages, options)
        at = quiet
        continue
      }
      const rows = Math.min(chunk, ids.length - at, pages.roomAt(at), roomToFresh(at, options))
      freshAt(model, at, carry, options)
      readChunk(model, ids, at, rows, carry, pages)
      while (next < options.positions.length && options.positions[next] < at + rows) {
        const first = options.positions[next]
        let count = 1
        while (
          count < upperRows &&
          first + count < at + rows &&
          options.positions[next + count] === first + count
        )
          count++
        await upper(first, count, at)
        next += count
      }
      await device.idle()
      at += rows
    }
  } finally {
    model.pages.free(scratch)
    carry.free()
    pages.free()
  }

  async function upper(first: number, count: number, chunkStart: number): Promise<void> {
    const batch = model.batch()
    const rowBytes = model.x.shape[1] * 4
    batch.copy(model.x.buffer, (first - chunkStart) * rowBytes, model.upperX.buffer, 0, count * rowBytes)
    const step = model.step(batch, first, count, {
      x: model.upperX,
      tableRow: first - chunkStart,
      answering: count === 1
    })
    if (config.crossLayers > 0)
      model.upper(step, { banks: pages.view(pages.rows, 0), visible: first + 1, scratch })
    model.project(step)
    batch.submit()
    const width = model.logits.shape[1]
    const bytes = await copyFromBuffer(device, model.logits.buffer, 0, count * width * 4)
    const logits = new Float32Array(bytes.buffer)
    for (let i = 0; i < count; i++) use(first + i, logits.subarray(i * width, i * width + config.vocabSize))
  }
}
