/** Attention mass by span of tokens -> passages of the text: where an answer came from. */
import { spanTokens } from './kernels/page-attention'
import { charOffsets, type TokenOffsets } from './text/token-offsets'

/** A stretch of the source text. */
export interface Span {
  /** UTF-16 offsets into the text, end exclusive. */
  readonly start: number
  readonly end: number
  /** Bytes of the text as UTF-8, end exclusive. */
  readonly startByte: number
  readonly endByte: number
  /** Share of the attention that the answer paid to the document, 0 to 1. */
  readonly score: number
  readonly text: string
}

interface TokenSpan {
  /** Rows of the document, end exclusive. */
  readonly first: number
  readonly end: number
  readonly score: number
}

/**
 * The spans that carried an answer, best first: the most attended runs of `spanTokens` tokens, neighbours joined.
 * `mass` is attention by span in order of the text; the spans of a row count are aligned to row 0.
 */
export function strongestSpans(mass: Float32Array, rows: number, most: number): TokenSpan[] {
  const total = mass.reduce((sum, value) => sum + value, 0)
  if (!(total > 0)) return []
  const order = Array.from(mass.keys()).sort((a, b) => mass[b] - mass[a] || a - b)
  const taken = new Set<number>()
  const groups: number[][] = []
  for (const span of order) {
    if (mass[span] <= 0) break
    const neighbour = groups.find(group => group.some(other => Math.abs(other - span) === 1))
    // A neighbour joins its passage when it carries at least a quarter of the passage's best; three spans are a passage.
    if (neighbour) {
      if (mass[span] < mass[neighbour[0]] / 4 || neighbour.length >= 3) continue
      neighbour.push(span)
    } else {
      if (groups.length >= most) break
      groups.push([span])
    }
    taken.add(span)
  }
  return groups.map(group => ({
    first: Math.min(...group) * spanTokens,
    end: Math.min(rows, (Math.max(...group) + 1) * spanTokens),
    score: group.reduce((sum, span) => sum + mass[span], 0) / total
  }))
}

/**
 * A passage reads better whole: grows [start, end) to the sentence or line it lies in, at most `reach` characters a
 * side. The text's own beginning and end count as those of a sentence.
 */
export function wholeSentences(text: string, start: number, end: number, reach = 160): [number, number] {
  const from = characterStart(text, start - reach)
  const to = characterStart(text, end + reach)
  const before = text.slice(from, start)
  const after = text.slice(end, to)
  const mark = [...before.matchAll(/[.!?]["”’)]*\s+|\n+/g)]
    .filter(({ index }) => !isNumbering(text, from + index))
    .at(-1)
  const word = from === 0 ? 0 : before.search(/\S*$/)
  const opening = mark ? mark.index + mark[0].length : word
  const tail = Math.max(0, end - 4)
  const closed = /[.!?]["”’)]*$/.exec(text.slice(tail, end).trimEnd())
  if (closed && !isNumbering(text, tail + closed.index)) return [from + opening, end]
  const closing = [...after.matchAll(/[.!?]["”’)]*(?=\s|$)|(?=\n)/g)].find(
    ({ index }) => !isNumbering(text, end + index)
  )
  const otherwise = to === text.length ? after.trimEnd().length : after.search(/\s|$/)
  return [from + opening, end + (closing ? closing.index + closing[0].length : otherwise)]
}

/** "3", "2.1" or "a": what stands before the stop of a line's numbering. */
const numbering = String.raw`(\d{1,3}(\.\d{1,3})*|\p{L})`
const beforeStop = new RegExp(String.raw`(^|\n)[^\S\n]*${numbering}$`, 'u')
const intoNextLine = new RegExp(String.raw`\s*\n\s*(${numbering}[.)]?\s*)?$`, 'u')

/** Whether the stop at `at` is that of a numbering at a line's beginning: it ends no sentence. */
const isNumbering = (text: string, at: number): boolean =>
  text[at] === '.' && beforeStop.test(text.slice(Math.max(0, at - 16), at))

/** The end of a span of tokens that has only reached a line's numbering: where the line before ends. */
export function withoutNumbering(text: string, start: number, end: number): number {
  const reached = intoNextLine.exec(text.slice(start, end))
  return reached && reached.index > 0 ? start + reached.index : end
}

/** `at` inside the text, and not between the two halves of a character. */
function characterStart(text: string, at: number): number {
  const inside = Math.max(0, Math.min(text.length, at))
  const isLow = (unit: number): boolean => unit >= 0xdc00 && unit <= 0xdfff
  return inside > 0 && isLow(text.charCodeAt(inside)) ? inside - 1 : inside
}

/** Passages of the text for spans of its rows, `prefix` of which come before the text. */
export function passagesOf(
  text: string,
  spans: readonly TokenSpan[],
  prefix: number,
  { starts: offsets, marks }: TokenOffsets
): Span[] {
  const bytes = spans.map(span => [
    offsets[Math.max(0, span.first - prefix)],
    offsets[Math.max(0, span.end - prefix)]
  ])
  const order = Array.from(spans.keys()).sort((a, b) => bytes[a][0] - bytes[b][0])
  const starts = charOffsets(
    text,
    order.map(i => bytes[i][0]),
    'down',
    marks
  )
  const ends = charOffsets(
    text,
    order.map(i => bytes[i][1]),
    'up',
    marks
  )
  const found: Span[] = []
  for (const [at, i] of order.entries()) {
    const [start, end] = wholeSentences(text, starts[at], withoutNumbering(text, starts[at], ends[at]))
    const encoder = new TextEncoder()
    const startByte = bytes[i][0] - encoder.encode(text.slice(start, starts[at])).length
    const passage = text.slice(start, end)
    found[i] = {
      start,
      end,
      startByte,
      endByte: startByte + encoder.encode(passage).length,
      score: spans[i].score,
      text: passage
    }
  }
  return found
}
