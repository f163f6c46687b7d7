/** How fast this computer reads, measured on made-up tokens before anybody has to wait for real ones. */
import { pageRows } from './kernels/page-layout'
import { Pages } from './kv/pages'
import { type Model, newCarry } from './model/model'
import { ChunkSizer, readChunk } from './prefill'
import type { SerialQueue } from './serial-queue'

/** Milliseconds after the warm-up; and how much longer it may take until the length of chunks has settled. */
const measured = { least: 300, most: 1500 }
/** Chunks whose time counts: the last ones, which have the length that reading would have. */
const counted = 3

/**
 * Tokens a second of reading without saving: chunks on scratch memory of its own, each in its turn, the first one to
 * warm up. The length of chunks adapts as in reading, and only chunks of the length it ends with count.
 */
export async function measureReading(model: Model, queue: SerialQueue): Promise<number> {
  const { device, vocabSize, layout, longest } = model
  let rows = 4 * longest
  // Beside a document that took what may be used there is less to measure on.
  while (rows > pageRows && Math.ceil(rows / pageRows) * layout.pageBytes > device.memoryLeft)
    rows = Math.ceil(rows / 2)
  const pages = await Pages.allocate(device, rows, layout.pageBytes)
  const carry = newCarry(model)
  const ids = Uint32Array.from({ length: pages.capacity }, (_, i) => (i * 40503) % vocabSize)
  const sizer = new ChunkSizer(longest, model.readingSteps)
  const chunks: { rows: number; submits: number; ms: number; full: boolean }[] = []
  try {
    let at = 0
    const chunk = (): Promise<void> =>
      queue.run(async () => {
        const { submits } = sizer
        if (at === ids.length) at = 0
        const rows = Math.min(sizer.rows, pages.roomAt(at))
        const begun = performance.now()
        await readChunk(model, { ids, at, rows, carry, pages }, submits)
        await device.idle()
        const ms = performance.now() - begun
        at += rows
        chunks.push({ rows, submits, ms, full: rows === sizer.rows })
      })
    await chunk()
    chunks.length = 0
    const begun = performance.now()
    for (let settled = false, spent = 0; spent < measured.least || (!settled && spent < measured.most);) {
      await chunk()
      const { rows, submits, ms } = chunks.at(-1)!
      sizer.learn(rows, ms)
      settled = sizer.rows === rows && sizer.submits === submits
      spent = performance.now() - begun
    }
    const { rows, submits } = chunks.findLast(c => c.full) ?? chunks.at(-1)!
    const like = chunks.filter(c => c.rows === rows && c.submits === submits).slice(-counted)
    const ms = like.reduce((sum, c) => sum + c.ms, 0)
    return (like.length * rows * 1000) / ms
  } finally {
    carry.free()
    pages.free()
  }
}
