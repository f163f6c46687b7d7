/**
 * Cuts Markdown into pieces that render the same apart as together, so that a growing answer renders only its last one
 * anew. Cuts lie at blank lines outside of fences, before a line that can neither continue a list nor be indented code.
 * A text with link definitions or footnotes stays whole: they reach across blocks.
 */
export function markdownBlocks(text: string): string[] {
  if (/^ {0,3}\[[^\]\n]+\]:/m.test(text)) return [text]
  const blocks: string[] = []
  let from = 0
  let at = 0
  let fence = ''
  let blank = false
  for (const line of text.split('\n')) {
    const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
    if (!fence && blank && at > from && /^[^\s]/.test(line) && !listItem.test(line)) {
      blocks.push(text.slice(from, at))
      from = at
    }
    if (!fence && mark) fence = mark
    else if (fence && mark?.startsWith(fence) && line.trim() === mark) fence = ''
    blank = line.trim() === ''
    at += line.length + 1
  }
  blocks.push(text.slice(from))
  return blocks
}

/** A list goes on over blank lines, and its numbers with it; a number may still become one. */
const listItem = /^([-*+]|\d{1,9}[.)])(\s|$)|^\d{1,9}$/
