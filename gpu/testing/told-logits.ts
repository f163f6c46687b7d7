/** The tokens of a conversation read as such, in a family that looks in `read` (model/family.ts): their logits, which an answer asks for of the last one alone. */
import { Batch } from '../device/batch'
import { copyFromBuffer } from '../device/readback'
import { Pages } from '../kv/pages'
import { answerRows, type Model } from '../model/model'
import type { Reading } from './open-model'

/** Logits of all tokens of a question behind a reading, which is moved on: chunk by chunk, its open heads looking at all pages. */
export async function toldLogits(
  model: Model,
  { carry, pages: document }: Reading,
  question: readonly number[],
  chunk = model.longest
): Promise<Float64Array[]> {
  const { device } = model
  const pages = await Pages.allocate(device, question.length, model.layout.pageBytes)
  const start = carry.position
  const before = document.view(start, 0)
  const found: Float64Array[] = []
  for (let at = 0; at < question.length;) {
    const rows = Math.min(chunk, question.length - at, pages.roomAt(at))
    const tokens = Uint32Array.from(question.slice(at, at + rows))
    const batch = new Batch(device)
    model.read(batch, { start: start + at, rows, tokens, before, pages, row: at }, carry)
    batch.submit()
    for (let first = 0; first < rows; first += answerRows) {
      const count = Math.min(answerRows, rows - first)
      const answer = new Batch(device)
      await model.answer(answer, start + at + first, count, undefined as never)
      answer.submit()
      const width = model.logits.shape[1]
      const bytes = await copyFromBuffer(device, model.logits.buffer, 0, count * width * 4)
      for (let i = 0; i < count; i++)
        found.push(Float64Array.from(new Float32Array(bytes.buffer, i * width * 4, model.vocabSize)))
    }
    at += rows
  }
  pages.free()
  return found
}
