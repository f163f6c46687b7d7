/** What an answer is made of: the document that was read, the model that answers, and what is asked of it. */
import type { ChooseToken, Sampling } from './kernels/choose-token'
import type { Carry } from './kv/carry'
import type { Pages } from './kv/pages'
import type { Model } from './model/model'
import type { SerialQueue } from './serial-queue'
import type { StreamSpeed } from './stream-speed'

export interface Timeline {
  readonly pages: Pages
  /** Stands at a position up to which `pages` is whole, whenever it is nobody's turn. */
  readonly carry: Carry
  /** Rows at the beginning that are no text of the document. */
  readonly prefix: number
  /** It was read with fresh starts; the lower half starts fresh at questions too. */
  readonly apart?: boolean
  /** Learns from every token's pass over pages from disk. */
  readonly streamSpeed?: StreamSpeed
}

export interface DecodeOptions {
  readonly mostTokens: number
  readonly stopIds: ReadonlySet<number>
  /** Token ids that must never be chosen. */
  readonly suppressed: readonly number[]
  readonly sampling: Sampling
  /**
   * The answer is `ids` where it would begin with the first two of them with a probability of `from` or more, whichever token is likeliest, and begins
   * with another token elsewhere. Where the question is looked up, that is told with the passages of `toRefuse` in view.
   */
  readonly refusal?: { readonly ids: readonly number[]; readonly from: number }
  /** All of the document is looked at, also by a model that looks questions up first: the text is continued, not asked about. */
  readonly whole?: boolean
  /** An answer that says the same over and over is ended. */
  readonly endLoops?: boolean
  /** Told of each token in turn; true ends the answer behind it as a loop. */
  readonly isLoop?: (id: number) => boolean
  readonly signal?: AbortSignal
}

/** What answers are made with, one after another or in turns. */
export interface Answering {
  readonly model: Model
  readonly choose: ChooseToken
  readonly queue: SerialQueue
}
