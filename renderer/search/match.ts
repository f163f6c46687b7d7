/**
 * Literal matching. Offsets are UTF-16 units of the text. Where case is ignored, letters are equal by Unicode's
 * simple case folding, which replaces a character by one of the same length: a hit is exactly as long as the words
 * that were asked for, and no offset moves, as it would after `toLowerCase` ("İ" becomes two units).
 */
export interface Question {
  readonly words: string
  readonly matchCase: boolean
  readonly wholeWords: boolean
}

/** What was found since the last slice, in order, and how far the text was searched. */
interface Slice {
  readonly starts: Uint32Array<ArrayBuffer>
  readonly searched: number
}

/** Asking a clock for each hit would cost more than finding it. */
const hitsBetweenLooks = 4096
/** A search cannot be stopped within a stretch; 4 million units take 5 to 10 ms. */
const stretch = 1 << 22

/** Start offsets of hits that do not overlap; a slice is yielded each time `enough()` says so, and at the end. */
export function* matches(text: string, question: Question, enough: () => boolean): Generator<Slice, void> {
  const { words, wholeWords } = question
  if (words === '') return
  const isWhole = wholeWords ? wholeWordTest(text, words) : () => true
  const search = searchFor(question)
  let found: number[] = []
  let from = 0
  const slice = (): Slice => {
    const starts = Uint32Array.from(found)
    found = []
    return { starts, searched: Math.min(from, text.length) }
  }
  let sinceLook = 0
  for (let partStart = 0; partStart < text.length; partStart += stretch) {
    // Shares its memory with the text.
    const part = text.substring(partStart, partStart + stretch + words.length - 1)
    from = Math.max(from, partStart)
    for (;;) {
      const at = search(part, from - partStart)
      if (at < 0) break
      const start = partStart + at
      if (isWhole(start)) {
        found.push(start)
        from = start + words.length
      } else from = start + lengthAt(text, start)
      if (++sinceLook < hitsBetweenLooks) continue
      sinceLook = 0
      if (enough()) yield slice()
    }
    from = Math.max(from, partStart + stretch)
    if (enough()) yield slice()
  }
  yield slice()
}

/** How often the words stand in the text, as the Reader's search finds them: case ignored, also within words. */
export function countPlaces(text: string, words: string): number {
  let places = 0
  for (const { starts } of matches(text, { words, matchCase: false, wholeWords: false }, () => false))
    places += starts.length
  return places
}

/** `indexOf`, or what is as fast as it and ignores case: an escaped expression needs no lower-case copy of the text. */
function searchFor({ words, matchCase }: Question): (part: string, from: number) => number {
  if (matchCase) return (part, from) => part.indexOf(words, from)
  const expression = new RegExp(words.replace(/[\\^$.*+?()[\]{}|/]/g, '\\$&'), 'giu')
  return (part, from) => {
    expression.lastIndex = from
    return expression.test(part) ? expression.lastIndex - words.length : -1
  }
}

/** Whether a hit at an offset is a whole word. An edge of `words` that is no letter or digit needs no border. */
function wholeWordTest(text: string, words: string): (start: number) => boolean {
  const checkBefore = isWordAt(words, 0)
  const checkAfter = isWordBefore(words, words.length)
  return start =>
    !(checkBefore && isWordBefore(text, start)) && !(checkAfter && isWordAt(text, start + words.length))
}

const wordCharacter = /^[\p{L}\p{M}\p{N}_]$/u

function isWordAt(text: string, offset: number): boolean {
  const code = text.codePointAt(offset)
  return code !== undefined && wordCharacter.test(String.fromCodePoint(code))
}

function isWordBefore(text: string, offset: number): boolean {
  if (offset <= 0) return false
  const isPair = offset > 1 && lengthAt(text, offset - 2) === 2
  return isWordAt(text, offset - (isPair ? 2 : 1))
}

/** UTF-16 units of the character at an offset. */
const lengthAt = (text: string, offset: number): number => ((text.codePointAt(offset) ?? 0) > 0xffff ? 2 : 1)
