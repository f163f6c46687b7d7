/**
 * A text that arrives in slices, cut into lines so that every offset stays right: one line break is one character.
 * "\n" and a lone "\r" break a line; of "\r\n" the "\r" stays, invisible, at the end of its line.
 */
import { Text } from '@codemirror/state'

/** Longest line that is laid out at once. A single line of 200 KB took 520 ms to paint; 10,000 units take 15 ms. */
export const longestLine = 10_000

export class LineSplitter {
  /** Offsets in the text before which a long line was broken; see SoftBreaks. */
  readonly breaks: number[] = []
  /** The beginning of a line whose end has not come yet, and its offset in the text. */
  #rest = ''
  #offset = 0

  /** What of the view is certain with this slice. Appended one to the other these make up the whole. */
  push(slice: string): Text {
    let text = this.#rest + slice
    // Whether this "\r" is a line break will be known when its neighbour comes.
    const heldBack = text.endsWith('\r') ? '\r' : ''
    if (heldBack) text = text.slice(0, -1)
    const lines = text.includes('\r') && /\r(?!\n)/.test(text) ? text.split(/\r(?!\n)|\n/) : text.split('\n')
    const last = this.#broken(lines)
    this.#rest = last + heldBack
    lines.push('')
    return Text.of(lines)
  }

  end(): Text {
    const rest = this.push('\n')
    return rest.slice(0, rest.length - 1)
  }

  /** Breaks the long ones among `lines` in place and takes the last, unfinished one away. */
  #broken(lines: string[]): string {
    for (let index = 0; index < lines.length; index++) {
      const line = lines[index]!
      const isLast = index === lines.length - 1
      if (line.length > longestLine) {
        const end = breakBefore(line)
        lines.splice(index, 1, line.slice(0, end), line.slice(end))
        this.#offset += end
        this.breaks.push(this.#offset)
      } else if (!isLast) this.#offset += line.length + 1
    }
    return lines.pop()!
  }
}

/** Where a long line is best broken: after the last space in its last fifth, never within a character. */
function breakBefore(line: string): number {
  const space = line.lastIndexOf(' ', longestLine - 1)
  if (space > longestLine * 0.8) return space + 1
  const code = line.charCodeAt(longestLine)
  return code >= 0xdc00 && code <= 0xdfff ? longestLine - 1 : longestLine
}
