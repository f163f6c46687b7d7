/**
 * Literal matching. Everything is counted in UTF-16 units of the original text, and a hit is exactly as long
 * as the words that were asked for, also where case is ignored: see `foldCase`.
 */
export interface Question {
  readonly words: string
  readonly matchCase: boolean
  readonly wholeWords: boolean
}

/**
 * The text with case ignored, unit for unit as long as the text. "İ" is the one character that grows in lower
 * case (to "i" and a combining dot), so it stays as it is; a "ς" at the end of a word equals "σ" within one.
 */
export function foldCase(text: string): string {
  // Without "İ" and "Σ" nothing depends on the neighbours and nothing grows: the usual case, one call.
  const lower = text.includes('İ') ? text.split('İ').map(foldCase).join('İ') : text.toLowerCase()
  return lower.includes('ς') ? lower.replaceAll('ς', 'σ') : lower
}

const wordCharacter = /^[\p{L}\p{M}\p{N}_]$/u

function isWordAt(text: string, offset: number): boolean {
  const code = text.codePointAt(offset)
  return code !== undefined && wordCharacter.test(String.fromCodePoint(code))
}

function isWordBefore(text: string, offset: number): boolean {
  if (offset <= 0) return false
  const code = text.charCodeAt(offset - 1)
  const isLowSurrogate = code >= 0xdc00 && code <= 0xdfff
  return isWordAt(text, offset - (isLowSurrogate && offset > 1 ? 2 : 1))
}

/**
 * Start offsets of hits that do not overlap, in order, in slices: each time `enough()` says so, what was found
 * since the last time is yielded with how far the text was searched. `text` and `words` are both folded or both not.
 */
export function* matches(
  text: string,
  words: string,
  wholeWords: boolean,
  enough: () => boolean
): Generator<{ starts: Uint32Array<ArrayBuffer>; searched: number }, void> {
  if (words === '') return
  // Asking a clock for each hit would cost more than finding it.
  const hitsBetweenLooks = 4096
  // Long stretches without a hit have to be interrupted, too: 4 million units are searched in about 1 ms.
  const stretch = 1 << 22
  const checkBefore = wholeWords && isWordAt(words, 0)
  const checkAfter = wholeWords && isWordBefore(words, words.length)
  let found: number[] = []
  let from = 0
  let stretchEnd = stretch
  const slice = () => {
    const starts = Uint32Array.from(found)
    found = []
    return { starts, searched: Math.min(from, text.length) }
  }
  // `indexOf` on the whole text cannot be stopped, so it gets a window of it: a substring shares memory with the text.
  let part = text.substring(0, stretchEnd + words.length - 1)
  let partStart = 0
  let sinceLook = 0
  while (partStart < text.length) {
    const at = part.indexOf(words, from - partStart)
    if (at >= 0) {
      const start = partStart + at
      const end = start + words.length
      const whole = !(checkBefore && isWordBefore(text, start)) && !(checkAfter && isWordAt(text, end))
      if (whole) found.push(start)
      from = whole ? end : start + 1
      if (++sinceLook < hitsBetweenLooks) continue
    } else {
      partStart = stretchEnd
      stretchEnd += stretch
      from = Math.max(from, partStart)
      part = text.substring(partStart, stretchEnd + words.length - 1)
    }
    sinceLook = 0
    if (enough()) yield slice()
  }
  yield slice()
}
