/**
 * What a family of models offers, and all that the loops know of it. Two questions: `read` takes a chunk through the
 * layers that reading needs, `answer` takes rows of that chunk on to logits. What passes from the one to the other is
 * the family's own secret. What it keeps of a text is declared in `plan`; allocating, saving and restoring it is not
 * the family's business.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { Tensor } from '../device/tensor'
import type { AttentionScratch, BankRows } from '../kernels/page-attention'
import type { PageLayout } from '../kernels/page-layout'
import { Carry } from '../kv/carry'
import type { Pages } from '../kv/pages'
import type { RowSource } from '../weights/row-source'
import type { ReadingPlan } from './family'

/** Rows that `answer` takes at once when the logits of many positions are asked for. */
export const answerRows = 8

/** Tokens that are read in one go. */
export interface Chunk {
  /** Position in the text of the first row: what the carry and the rotations go by. */
  readonly start: number
  readonly rows: number
  /** Their ids, or where they lie on the GPU when they were chosen there. */
  readonly tokens: Uint32Array | { readonly buffer: GPUBuffer; readonly first: number }
  /** Keys and values go into `pages` from `row` on; all rows into one bank. */
  readonly pages: Pages
  readonly row: number
  /** Rows before those of `pages`: of the document, where an answer reads on. What reading attends to, where it does. */
  readonly before?: readonly BankRows[]
  /** The ids' rows of the model's `tokenRows`, where it has some: those of `answering` where that is said below. */
  readonly tokenRows?: Float32Array<ArrayBuffer>
  /**
   * The one row of an answer, which may take kernels of its own. Reading never does: a text gives the same bits however it
   * is cut into chunks.
   */
  readonly answering?: boolean
  /** Of an answer: working memory of attention over all pages. */
  readonly scratch?: AttentionScratch
  /** Where the attention of its row is summed by span, in a family that `looksInRead`. */
  readonly mass?: GPUBuffer
  /**
   * Of a question, not answered yet: its rows from this one on are looked up where the model has steps `toFind`, and what they
   * pay attention to is added to `mass`.
   */
  readonly findingFrom?: number
}

/** What the rows that are answered look at. */
export interface View {
  /** As the chunk read last left it. */
  readonly carry: Carry
  readonly banks: readonly BankRows[]
  /** Rows of all banks that the first row sees, its own included; each further row sees one more. */
  readonly visible: number
  readonly scratch: AttentionScratch
  /** Where the attention of a single row is summed by span. */
  readonly mass?: GPUBuffer
}

/** Rows of a token: what reading takes of them, and whole, of which the row of an answer brings what `answer` takes as well. */
export interface TokenRows {
  readonly reading: RowSource
  readonly answering: RowSource
}

export interface Model {
  readonly device: Device
  readonly vocabSize: number
  readonly plan: ReadingPlan
  /** How a page of `plan.kept` lies in memory. */
  readonly layout: PageLayout
  /** Rows of the longest chunk. */
  readonly longest: number
  /**
   * What every token brings besides its id: rows of a table, fetched for a chunk before it is read. A model that has some
   * must be told the ids on the CPU, so a chosen token comes back before it is read.
   */
  readonly tokenRows?: TokenRows
  /** Steps of equal weight that reading a chunk takes; the loop may spread them over several submits. */
  readonly readingSteps: number
  /** Steps of reading within which a question's tokens find the passages that it is about; absent: all of a text is looked at. */
  readonly toFind?: number
  /**
   * Encodes steps `from` to `to` of reading a chunk; the last one moves `carry` on and writes keys and values. No more than
   * `longest` rows may be encoded between two submits.
   */
  read(batch: Batch, chunk: Chunk, carry: Carry, from?: number, to?: number): void
  /**
   * Rows at the positions first ... first + count of the chunk read last, at most `answerRows`, on to `logits`. Waits only
   * where a bank of the view does: such a batch may have been flushed.
   */
  answer(batch: Batch, first: number, count: number, view: View): Promise<void>
  /** [answerRows, vocabulary padded to 4]. */
  readonly logits: Tensor
  /** Rows that attention takes at once; pieces of a bank that is brought in turn hold whole splits of these. */
  readonly tileRows: number
  /** Working memory of `answer` for so many rows at once over banks with room for these rows. */
  allocateScratch(rows: number, bankRows: readonly number[]): AttentionScratch
  /** Spans that `answer` fills in `mass` for banks of these row counts; each bank starts at a tile. */
  spanCount(bankRows: readonly number[]): number
}

/** Room for what the model carries from chunk to chunk, as at the beginning of a text. */
export const newCarry = ({ device, plan, longest }: Model): Carry => new Carry(device, plan.carry, longest)
