/** A read document as others see it: questions in, text with its sources out. */
import { certaintyOf } from './certainty'
import type { DecodeOptions } from './answering'
import type { Stop } from './decode'
import { EngineFailure } from './failure'
import { passagesOf, type Span, strongestSpans } from './highlight'
import { greedy, type Sampling } from './kernels/choose-token'
import type { LoadedModel } from './loaded-model'
import { checkQuotations, type Quotation } from './quotations'
import { saysNothingNew, SignWatch, withoutSigns } from './repetition'
import type { ReadTimeline } from './timeline'
import type { ChatTurn } from './text/chat-template'
import type { TokenOffsets } from './text/token-offsets'

export interface Question {
  readonly text: string
  readonly history?: readonly ChatTurn[]
  readonly sampling?: Partial<Sampling>
  readonly mostTokens?: number
  readonly signal?: AbortSignal
}

/** A piece of a streaming answer. */
export type Part =
  | { readonly type: 'text'; readonly text: string }
  | {
      readonly type: 'end'
      readonly text: string
      readonly tokens: number
      readonly stop: Stop
      /**
       * For each token and, where the answer came to its own end, for the stop token behind them: its share of the softmax
       * over the logits as they were compared, before temperature and cuts, 0 to 1.
       */
      readonly probabilities: readonly number[]
      /** One number of these, 0 to 1: how sure the model was. Only a model's own measurements say what it is worth. */
      readonly certainty: number
      readonly firstTokenSeconds: number
      readonly tokensPerSecond: number
      /**
       * Tokens of the document that all of the answer had in view, of how many; those read when it began. answeredFrom: the question was looked up in
       * `tokens`, and the answer's words looked at so many of these.
       */
      readonly inView: { readonly tokens: number; readonly total: number; readonly answeredFrom?: number }
      readonly sources: readonly Span[]
      readonly quotations: readonly Quotation[]
    }

export interface Session {
  /**
   * Tokens of the document in view of every answer, the prompt's few before it included: all of them, or fewer where
   * reading ended earlier. Of a live session: read so far, growing.
   */
  readonly tokens: number
  /** Tokens of the whole document, counted alike. */
  readonly total: number
  readonly reused: number
  readonly computed: number
  readonly seconds: number
  readonly pageFileBytes: number
  /** The document is larger than the graphics memory: answers bring a part of it from the page store, and take longer. */
  readonly isStreamed: boolean
  /** Resolves when it was closed and its answers have ended: from then on it needs its page store no more. */
  readonly released: Promise<void>
  /**
   * Throws EngineFailure 'nothing-read' while no token of the document is in view, 'closed' after `close` and, of a
   * live session, after reading ended; answers under way go on to their end in either case. Throws 'unreadable-pages' where
   * a part of a streamed document cannot be brought back.
   */
  ask(question: Question): AsyncGenerator<Part, void>
  /** Frees the pages on the GPU (of a live session: nothing, reading goes on); what is on disk stays. */
  close(): void
}

/** What an answer needs of the model. */
type Answering = Pick<LoadedModel, 'text' | 'choose' | 'suppressed' | 'folder'>

/** Where the tokens of a document's own text lie; found once, when it is asked for first. */
export type TextOffsets = () => Promise<TokenOffsets>

/** A document that is read, or being read. */
export interface ReadDocument {
  readonly text: string
  readonly offsets: TextOffsets
  readonly timeline: ReadTimeline
}

export function openSession(model: Answering, document: ReadDocument, close: () => void): Session {
  const { timeline } = document
  let open = true
  return {
    get tokens() {
      return timeline.rows
    },
    total: timeline.ids.length,
    get reused() {
      return timeline.reused
    },
    get computed() {
      return timeline.rows - timeline.reused
    },
    get seconds() {
      return timeline.seconds
    },
    get pageFileBytes() {
      return timeline.pageFileBytes
    },
    isStreamed: timeline.isStreamed,
    released: timeline.released,
    async *ask(question) {
      if (!open) throw new EngineFailure('closed', 'This document is not open any more.')
      yield* answerTo(question, model, document)
    },
    close() {
      open = false
      close()
    }
  }
}

async function* answerTo(
  question: Question,
  model: Answering,
  { text, offsets, timeline }: ReadDocument
): AsyncGenerator<Part, void> {
  const begun = performance.now()
  const { chat, decoder } = model.text()
  // Needed at the end: a long text is gone through while the GPU answers.
  const placed = offsets()
  const ids = chat.documentSuffixAndTurns(question.history ?? [], question.text)
  const answer = timeline.answer(model.choose, ids, optionsOf(question, model))
  const stream = decoder()
  let [shown, tokens, first, atOnce] = ['', 0, 0, 0]
  try {
    for (;;) {
      const next = await answer.next()
      if (first === 0) first = performance.now()
      const piece = next.done ? stream.flush() : Array.from(next.value, id => stream.push(id)).join('')
      // Most templates leave a space between the turn's mark and its first word.
      const added = shown === '' ? piece.trimStart() : piece
      shown += added
      if (added !== '') yield { type: 'text', text: added }
      if (!next.done) {
        tokens += next.value.length
        atOnce ||= tokens
        continue
      }
      const { rows, mass, answeredFrom } = next.value
      const probabilities = Array.from(next.value.probabilities)
      const { stop, text: answered } = endOf(question.text, shown.trimEnd(), next.value.stop)
      yield {
        type: 'end',
        text: answered,
        tokens,
        stop,
        probabilities,
        certainty: certaintyOf(probabilities),
        ...speedOf(tokens - atOnce, begun, first),
        inView: {
          tokens: rows,
          total: timeline.ids.length,
          ...(answeredFrom !== undefined && { answeredFrom })
        },
        sources: passagesOf(text, strongestSpans(mass, rows, 3), timeline.prefix, await placed),
        quotations: await checkQuotations(answered, text)
      }
      return
    }
  } finally {
    // Whoever stops listening in the middle frees the answer's state with it.
    await answer.return(undefined as never)
  }
}

function optionsOf(question: Question, model: Answering): DecodeOptions {
  const { tokenizer, decoder } = model.text()
  const [signs, ahead] = [new SignWatch(), decoder()]
  return {
    mostTokens: question.mostTokens ?? 256,
    stopIds: tokenizer.stopIds,
    suppressed: model.suppressed(),
    sampling: samplingOf(question.sampling, model.folder.generation.sampling),
    refusal: refusalOf(model),
    endLoops: true,
    isLoop: id => signs.push(ahead.push(id)),
    signal: question.signal
  }
}

function refusalOf({ folder, text }: Answering): DecodeOptions['refusal'] {
  const { refusal } = folder.generation
  const ids = refusal ? text().tokenizer.encodeText(refusal.text).ids : []
  return refusal && ids.length > 0 ? { from: refusal.from, ids: Array.from(ids) } : undefined
}

/** Greedy, unless a temperature is asked for: then what is not asked for is as the model's makers have it. */
export function samplingOf(asked: Partial<Sampling> = {}, own: Partial<Sampling> = {}): Sampling {
  return (asked.temperature ?? 0) > 0 ? { ...greedy, ...own, ...asked } : { ...greedy, ...asked }
}

/** A loop is cut off; an answer that came to its end by itself and says nothing new is one. */
function endOf(question: string, answer: string, stop: Stop): { readonly stop: Stop; readonly text: string } {
  const isLoop = stop === 'loop' || (stop !== 'aborted' && saysNothingNew(question, answer))
  return isLoop ? { stop: 'loop', text: withoutSigns(answer) } : { stop, text: answer }
}

/** `tokens`: behind those that came first; `begun` and `first`: milliseconds, when the question was asked and when these came. A refusal comes at once, without a speed. */
function speedOf(
  tokens: number,
  begun: number,
  first: number
): { readonly firstTokenSeconds: number; readonly tokensPerSecond: number } {
  const seconds = (performance.now() - first) / 1000
  return {
    firstTokenSeconds: (first - begun) / 1000,
    tokensPerSecond: tokens > 0 && seconds > 0 ? tokens / seconds : 0
  }
}
