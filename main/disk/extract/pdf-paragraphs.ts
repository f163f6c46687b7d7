/** Lines of print → paragraphs: the line ends of the page go where the words flowed on, and stay where they mean something. */
import { type Line, median } from './pdf-lines'

const letters = /[\p{L}\p{M}]+(?:-[\p{L}\p{M}]+)*/gu

/** The words of a document, which tell whether "exam-" and "ple" are one word and "well-" and "known" two. */
export class Words {
  private readonly known = new Set<string>()

  add(line: string): void {
    for (const [word] of line.matchAll(letters)) this.known.add(word.toLowerCase())
  }

  has(word: string): boolean {
    return this.known.has(word.toLowerCase())
  }
}

/** Paragraphs in order; `gap` is the number of line ends before each. */
export function paragraphsOf(
  lines: readonly Line[],
  words: Words
): { readonly text: string; readonly gap: 1 | 2 }[] {
  const rtl = lines.filter(line => line.rtl).length * 2 > lines.length
  // Start and end in the direction of reading.
  const start = (line: Line) => (rtl ? -line.x1 : line.x0)
  const end = (line: Line) => (rtl ? -line.x0 : line.x1)
  const margin = Math.max(...lines.map(end))
  const steps = lines.slice(1).map((line, i) => line.y - lines[i]!.y)
  const leading = median(steps.filter(step => step > 0))
  const paragraphs: { text: string; gap: 1 | 2 }[] = []
  lines.forEach((line, i) => {
    const before = lines[i - 1]
    const last = paragraphs.at(-1)
    if (!before || !last) return void paragraphs.push({ text: line.text.trim(), gap: 2 })
    const step = line.y - before.y
    const near = step > 0 && step < 1.35 * leading && step < 2.5 * line.size
    const sameSize = Math.abs(line.size - before.size) < 0.15 * line.size
    const indented = start(line) - start(before) > 0.8 * line.size
    // A line that had room for the next word was ended on purpose, unless in the middle of a word.
    const first = line.text.trimStart().split(/\s/, 1)[0]!.length + 1
    const full =
      /\p{L}[-\u2010\u00ad]$/u.test(before.text) ||
      end(before) + (first * (line.x1 - line.x0)) / Math.max(1, line.text.length) > margin - 0.1 * line.size
    if (near && sameSize && !indented && full && !line.isRow && !before.isRow && !startsItem(line.text))
      last.text = joinLines(last.text, line.text.trim(), words)
    else paragraphs.push({ text: line.text.trim(), gap: near && sameSize && !indented ? 1 : 2 })
  })
  return paragraphs
}

const startsItem = (text: string) => /^\s*([-•*–▪◦‣●○■]|\(?(\d{1,3}|[a-z]|[ivx]{1,5})[.)])\s/i.test(text)

const cjk = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u303f\uff00-\uffef]/u

/** A hyphen at a line's end goes only when the document itself shows that the word has none. */
function joinLines(before: string, next: string, words: Words): string {
  const [, left] = /([\p{L}\p{M}]+)[-\u2010\u00ad]$/u.exec(before) ?? []
  const [right] = /^[\p{Ll}\p{M}]+/u.exec(next) ?? []
  if (left !== undefined && right !== undefined) {
    const isOne =
      before.endsWith('\u00ad') ||
      words.has(left + right) ||
      (!words.has(`${left}-${right}`) && !(words.has(left) && words.has(right)))
    return (isOne ? before.slice(0, -1) : before) + next
  }
  if (/\p{L}[-\u2010]$/u.test(before) && /^[\p{L}\p{N}]/u.test(next)) return before + next
  const glue = cjk.test(before.at(-1) ?? '') && cjk.test(next.at(0) ?? '') ? '' : ' '
  return before + glue + next
}
