/**
 * Logits of given token ids through the same chunked, paged, early-exit path that reading and answering take.
 * For tests, `readonce logits` and comparisons with other implementations; the product never needs a prompt's logits.
 */
import { Batch } from './device/batch'
import { copyFromBuffer } from './device/readback'
import { Pages } from './kv/pages'
import { answerRows, type Model, newCarry } from './model/model'
import { freshAt, roomToFresh, prefill, type ReadingOptions, readChunk } from './prefill'

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
  const { device, vocabSize, layout } = model
  const pages = await Pages.allocate(device, ids.length, layout.pageBytes, options.mostBankBytes)
  const carry = newCarry(model)
  const scratch = model.allocateScratch(
    answerRows,
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
        await prefill(model, { ids: ids.subarray(0, quiet), from: at, carry, pages }, options)
        at = quiet
        continue
      }
      const rows = Math.min(chunk, ids.length - at, pages.roomAt(at), roomToFresh(at, options))
      freshAt(model, at, carry, options)
      await readChunk(model, { ids, at, rows, carry, pages })
      while (next < options.positions.length && options.positions[next] < at + rows) {
        const first = options.positions[next]
        let count = 1
        while (
          count < answerRows &&
          first + count < at + rows &&
          options.positions[next + count] === first + count
        )
          count++
        await answered(first, count)
        next += count
      }
      await device.idle()
      at += rows
    }
  } finally {
    scratch.free()
    carry.free()
    pages.free()
  }

  async function answered(first: number, count: number): Promise<void> {
    const batch = new Batch(device)
    const banks = pages.view(pages.rows, 0)
    await model.answer(batch, first, count, { carry, banks, visible: first + 1, scratch })
    batch.submit()
    const width = model.logits.shape[1]
    const bytes = await copyFromBuffer(device, model.logits.buffer, 0, count * width * 4)
    const logits = new Float32Array(bytes.buffer)
    for (let i = 0; i < count; i++) use(first + i, logits.subarray(i * width, i * width + vocabSize))
  }
}
