/**
 * The passages of a document that a question is about, and nothing else of it: what its tokens paid attention to, row blocks with their
 * surroundings, copied into pages of their own. Few rows are told apart better than thousands, and every token of an answer looks
 * at them alone, however long the document is.
 */
import { Batch } from './device/batch'
import type { Device } from './device/device'
import { type BankRows, spanTokens } from './kernels/page-attention'
import { copyRows, type PageLayout, pageRows } from './kernels/page-layout'
import { Pages } from './kv/pages'

/** Tokens at the end of a prompt that passages are looked for by: the question, of a short one what was said before it as well. */
export const askingTokens = 64
/** Rows that are chosen together, how many blocks before and behind a chosen one are seen with it, and how many are chosen at most. */
const blockRows = 2 * spanTokens
const around = 2
const most = 12

/** Which blocks of rows are chosen: the best `least`, and further ones where they have the share `enough` of the best one's attention. */
export interface Choice {
  readonly least: number
  readonly enough: number
}
/** For an answer: what else is seen draws it away (F1 of five paragraphs 38 instead of 34, of twenty 43 instead of 38). */
export const toAnswer: Choice = { least: 1, enough: 0.7 }
/** For whether the document answers at all, which more of it tells better (AUC 0.77 instead of 0.72). */
export const toRefuse: Choice = { least: 3, enough: 0.5 }

/** The beginning of a text is always seen, to the end of what is said before it: its first rows are no text, and attention rests on them. */
const beginning = spanTokens

/** Documents up to so many rows are seen whole. */
export const seenWhole = 8 * spanTokens

/** Rows, end exclusive, in order; both ends at a span, the end of the document excepted. */
export interface RowRange {
  readonly first: number
  readonly end: number
}

/** `mass`: attention of a question's tokens by span of `spanTokens` rows, of a document of `rows` rows, of which the first `prefix` are no text. */
export function passagesToSee(
  mass: Float32Array,
  rows: number,
  prefix: number,
  { least, enough }: Choice
): RowRange[] {
  const count = Math.ceil(rows / blockRows)
  const scores = Float64Array.from({ length: count }, (_, i) => mass[2 * i] + (mass[2 * i + 1] ?? 0))
  const order = Array.from(scores.keys()).sort((a, b) => scores[b] - scores[a] || a - b)
  const chosen = order
    .slice(0, most)
    .filter((block, i) => i < least || scores[block] >= enough * scores[order[0]])
  const seen = new Set<number>()
  for (const block of chosen)
    for (let one = Math.max(0, block - around); one <= Math.min(count - 1, block + around); one++)
      seen.add(one)
  const found: { first: number; end: number }[] = [
    { first: 0, end: Math.min(rows, Math.max(beginning, Math.ceil(prefix / spanTokens) * spanTokens)) }
  ]
  for (const block of [...seen].sort((a, b) => a - b)) {
    const [first, end] = [block * blockRows, Math.min(rows, (block + 1) * blockRows)]
    const last = found.at(-1)!
    if (first <= last.end) last.end = Math.max(last.end, end)
    else found.push({ first, end })
  }
  return found
}

/** Copies of some rows of a document, one range behind the other. */
export class Focus {
  private constructor(
    private readonly pages: Pages,
    private readonly ranges: readonly RowRange[],
    /** Rows of the document that are copied. */
    readonly rows: number,
    readonly banks: readonly BankRows[]
  ) {}

  /** Rows before `prefix` are no text. Throws EngineFailure 'too-long' where there is no memory for them. */
  static async on(
    device: Device,
    layout: PageLayout,
    document: Pages,
    ranges: readonly RowRange[],
    prefix: number
  ): Promise<Focus> {
    const rows = ranges.reduce((sum, { first, end }) => sum + end - first, 0)
    const pages = await Pages.allocate(device, rows, layout.pageBytes)
    const batch = new Batch(device)
    let to = 0
    for (const { first, end } of ranges)
      for (let row = first; row < end;) {
        const [from, into] = [document.locate(row), pages.locate(to)]
        const count = Math.min(end - row, pageRows - (from.row % pageRows), pageRows - (into.row % pageRows))
        copyRows(
          batch,
          layout,
          { buffer: from.bank.buffer, row: from.row },
          { buffer: into.bank.buffer, row: into.row },
          count
        )
        row += count
        to += count
      }
    batch.submit()
    return new Focus(pages, ranges, rows, pages.view(rows, prefix))
  }

  /** `mass` by span of the copies -> by span of the document of `rows` rows. */
  spread(mass: Float32Array, rows: number): Float32Array {
    const all = new Float32Array(Math.ceil(rows / spanTokens))
    let at = 0
    for (const { first, end } of this.ranges)
      for (let span = first / spanTokens; span < end / spanTokens; span++) all[span] = mass[at++]
    return all
  }

  free(): void {
    this.pages.free()
  }
}
