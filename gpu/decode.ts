/**
 * The answering loop: question -> the answer's state -> one token at a time. The chosen token feeds the next step without the
 * CPU; ids come back in small batches, so stop tokens and an abort cost at most one batch.
 */
import { mostPerBatch } from './answer-memory'
import { AnswerState } from './answer-state'
import type { Answering, DecodeOptions, Timeline } from './answering'
import { EngineFailure } from './failure'
import { RepetitionWatch } from './repetition'

const batchTime = { low: 40, high: 100 }

/** Why an answer is over: it came to its end, is as long as allowed, was aborted, or only repeats itself. */
export type Stop = 'end' | 'length' | 'aborted' | 'loop'

export interface DecodeEnd {
  readonly stop: Stop
  /** Rows of the document that the answer had in view, or that its question was looked up in: those read when it began. */
  readonly rows: number
  /** Of these, the rows that its words looked at, where the question was looked up first. */
  readonly answeredFrom?: number
  /** Of each token said and, after an end of its own, of the stop token: its share of the softmax, 0 to 1. */
  readonly probabilities: Float32Array
  /** Attention by span of `spanTokens` rows of the document, summed over heads, layers and answer tokens; where it was not looked at, 0. */
  readonly mass: Float32Array
}

/**
 * Continues a read document by `question` (at least one id) and yields the answer's ids in batches, stop token
 * excluded. The document's pages are only read and its carry is copied, so answers cannot disturb one another, nor a
 * reading that goes on. Throws EngineFailure 'nothing-read' where no row of the text is there yet, and
 * 'unreadable-pages' where pages that lie on disk cannot be brought back.
 */
export async function* decode(
  by: Answering,
  document: Timeline,
  question: Uint32Array,
  options: DecodeOptions
): AsyncGenerator<Uint32Array, DecodeEnd> {
  const { model, queue } = by
  const room = question.length + options.mostTokens
  const answer = await queue.run(() => AnswerState.open(by, document, room, options))
  const probabilities: number[] = []
  const end = async (stop: DecodeEnd['stop'], step?: number): Promise<DecodeEnd> => ({
    stop,
    rows: answer.documentRows,
    ...(answer.answeredFrom !== undefined && { answeredFrom: answer.answeredFrom }),
    probabilities: Float32Array.from(probabilities),
    mass: await answer.mass(step)
  })
  try {
    await queue.run(() => answer.ask(question, options))
    if (options.refusal && answer.refused !== undefined && !options.signal?.aborted) {
      const { ids } = options.refusal
      const text = Uint32Array.from(ids.slice(0, options.mostTokens))
      // The rest follows from its beginning, and so does its end.
      probabilities.push(answer.refused, ...Array<number>(ids.length).fill(1))
      yield text
      return await end(text.length < ids.length ? 'length' : 'end')
    }
    let perBatch = 1
    const inTurn = model.tokenRows !== undefined || document.pages.isStreamed
    let said = 0
    const loops = options.endLoops ? new RepetitionWatch() : undefined
    for (;;) {
      if (options.signal?.aborted) return await end('aborted')
      const count = Math.min(perBatch, options.mostTokens - said)
      const begun = performance.now()
      const { ids, shares } = await queue.run(() =>
        inTurn ? answer.nextInTurn() : answer.next(count, said + count >= options.mostTokens)
      )
      const took = performance.now() - begun
      if (inTurn || took > batchTime.high) perBatch = Math.max(1, perBatch >> 1)
      else if (took < batchTime.low) perBatch = Math.min(mostPerBatch, perBatch * 2)
      const step = ids.findIndex(id => options.stopIds.has(id))
      const text = step < 0 ? ids : ids.slice(0, step)
      // Token by token, so that where an answer ends does not depend on how many were computed at once.
      const looped = text.findIndex(id => loops?.push(id) === true || options.isLoop?.(id) === true) + 1
      probabilities.push(...shares.subarray(0, looped || (step < 0 ? ids.length : step + 1)))
      if (looped > 0) {
        yield text.slice(0, looped)
        return await end('loop', looped - 1)
      }
      said += text.length
      if (text.length > 0) yield text
      if (step >= 0) return await end('end', step)
      if (said >= options.mostTokens) return await end('length')
    }
  } catch (error) {
    // In the middle of a step: nothing of it counts.
    if (options.signal?.aborted && error instanceof EngineFailure && error.code === 'cancelled')
      return await end('aborted', 0)
    throw error
  } finally {
    answer.free()
  }
}
