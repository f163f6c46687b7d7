/** Lines of print → paragraphs: the line ends of the page go where the words flowed on, and stay where they mean something. */
import { type Line, median } from './layout'
import { tableAt } from './tables'
import { keepsHyphen, type Words } from './words'

export interface Paragraph {
  text: string
  /** Line ends before it. */
  readonly gap: 1 | 2
  /** Prose whose last line may go on in the next block or on the next page; its size, 0 of what never does. */
  size: number
  /** Its last line reached the margin. */
  isFull: boolean
}

/** Paragraphs of one block in order. */
export function paragraphsOf(lines: readonly Line[], words: Words): Paragraph[] {
  const prose = lines.filter(line => line.cells.length === 1)
  const rtl = lines.filter(line => line.isRtl).length * 2 > lines.length
  // Start and end in the direction of reading.
  const start = (line: Line) => (rtl ? -line.x1 : line.x0)
  const end = (line: Line) => (rtl ? -line.x0 : line.x1)
  const margin = Math.max(...(prose.length > 0 ? prose : lines).map(end))
  const steps = lines.slice(1).map((line, i) => line.y - lines[i]!.y)
  const leading = median(steps.filter(step => step > 0))
  const isCoded = isCodeBlock(lines, Math.max(...lines.map(line => line.x1)))
  const isCode = (line: Line) => isCoded && line.grid !== undefined
  const codeMargin = Math.min(...lines.filter(isCode).map(line => line.x0))
  const paragraphs: Paragraph[] = []
  const isNear = (line: Line, before: Line) => {
    const step = line.y - before.y
    return step > 0 && step < 1.35 * leading && step < 2.5 * line.size
  }
  for (let i = 0; i < lines.length; i++) {
    const line = lines[i]!
    const before = lines[i - 1]
    const last = paragraphs.at(-1)
    const rows = line.cells.length > 1 && !isCode(line) ? tableAt(lines, i) : undefined
    if (rows) {
      rows.forEach(({ text }, k) => {
        const gap = k > 0 || (before && isNear(line, before)) ? 1 : 2
        paragraphs.push({ text, gap, size: 0, isFull: false })
      })
      i += rows.reduce((sum, row) => sum + row.lines, 0) - 1
      continue
    }
    const text = line.text.trim()
    if (text === '') continue
    if (isCode(line)) {
      const isNext = before !== undefined && isCode(before) && line.y > before.y
      const blank = isNext && line.y - before.y > 1.6 * leading
      paragraphs.push({
        text: codeText(line, codeMargin),
        gap: isNext && !blank ? 1 : 2,
        size: 0,
        isFull: false
      })
      continue
    }
    // A line that had room for the next word was ended on purpose, unless in the middle of a word.
    const room = (line.x1 - line.x0) / Math.max(1, line.text.length)
    const isFull = end(line) + 6 * room > margin - 0.1 * line.size
    const isProse = line.cells.length === 1
    if (!before || !last || last.size === 0) {
      paragraphs.push({
        text,
        gap: before && isNear(line, before) ? 1 : 2,
        size: isProse ? line.size : 0,
        isFull
      })
      continue
    }
    const near = isNear(line, before)
    const sameSize = Math.abs(line.size - before.size) < 0.15 * line.size
    const indented = start(line) - start(before) > 0.8 * line.size
    const first = text.split(/\s/, 1)[0]!.length + 1
    const full =
      brokenWord.test(before.text) ||
      end(before) + (first * (line.x1 - line.x0)) / Math.max(1, line.text.length) > margin - 0.1 * line.size
    if (near && sameSize && !indented && full && isProse && !startsItem(text)) {
      last.text = joinLines(last.text, text, words)
      last.isFull = isFull
    } else
      paragraphs.push({
        text,
        gap: near && sameSize && !indented ? 1 : 2,
        size: isProse ? line.size : 0,
        isFull
      })
  }
  return paragraphs
}

const brokenWord = /\p{L}\p{M}*[-\u2010\u00ad]$/u

const startsItem = (text: string) => /^\s*([-•*–▪◦‣●○■]|\(?(\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s/i.test(text)

/** By the width of its letters: where each stands is what it means. */
function codeText({ grid, x0, text }: Line, margin: number): string {
  if (!grid) return text
  const indent = Math.min(400, Math.max(0, Math.round((x0 - margin) / grid.width)))
  return ' '.repeat(indent) + grid.text.trimEnd()
}

/** Code, and other text whose letters are all of one width, keeps its lines; prose of a typewriter fills them. */
function isCodeBlock(lines: readonly Line[], margin: number): boolean {
  const mono = lines.filter(line => line.grid)
  if (mono.length === 0) return false
  let full = 0
  for (let i = 1; i < mono.length; i++) {
    const next = mono[i]!.text.trim().split(/\s/, 1)[0]!.length + 1
    if (mono[i - 1]!.x1 + next * mono[i - 1]!.grid!.width > margin) full++
  }
  return mono.length < 3 || full * 2 < mono.length
}

/** Whether `next`, in another block or on another page, goes on with the sentence of `last`. */
export function flowsOn(last: Paragraph, next: Paragraph): boolean {
  if (last.size === 0 || next.size === 0 || Math.abs(last.size - next.size) > 0.1 * last.size) return false
  if (startsItem(next.text)) return false
  if (brokenWord.test(last.text)) return /^\p{L}/u.test(next.text)
  if (/[.!?:;…]["'’”»)\]]*(\[\d+\])?$/.test(last.text) || !last.isFull) return false
  return (
    /^["'‘“(]?\p{Ll}/u.test(next.text) ||
    (/[,\p{Ll}]$/u.test(last.text) && /^["'‘“(]?[\p{Lu}\d]/u.test(next.text) && last.text.length > 120)
  )
}

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u

/** A hyphen at a line's end goes where the document itself, or what words look like, shows that the word has none. */
export function joinLines(before: string, next: string, words: Words): string {
  // A whole paragraph is long to look through for each of its lines.
  const end = before.slice(-120)
  const [, left] = /((?:[\p{L}\p{M}]+[-\u2010])*[\p{L}\p{M}]+)[-\u2010\u00ad]$/u.exec(end) ?? []
  const [right] = /^[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/u.exec(next) ?? []
  if (left !== undefined && right !== undefined) {
    const isWhole = end.endsWith('\u00ad') || !keepsHyphen(left, right, words)
    return (isWhole ? before.slice(0, -1) : before) + next
  }
  if (/\p{L}[-\u2010]$/u.test(end) && /^[\p{L}\p{N}]/u.test(next)) return before + next
  // A dash that stands close to its word stands close to the next one too.
  const isDashed = /\S[—/]$/.test(end)
  const isCjk = cjk.test(end.at(-1) ?? '') && cjk.test(next.at(0) ?? '')
  return before + (isCjk || isDashed ? '' : ' ') + next
}
