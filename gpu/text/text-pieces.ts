/**
 * Where a long text may be cut so that its pieces, tokenised one by one, give the same tokens as the whole: after a
 * single line end between a character that is no space and a letter or digit, and only if the tokenizer's own
 * splitting falls there too. Without pieces, the library would hold several objects per character of a book.
 */

/** Characters; large enough that cutting costs nothing, small enough that a piece stays in the processor's cache. */
const pieceLength = 1 << 16
/** How much text around a cut decides whether the splitting falls there; patterns look a few characters ahead. */
const windowLength = 256
/** A tokenizer that does not split at this many line ends in a row does not split at line ends. */
const patience = 32

const lineEnd = /[^\s]\n(?=[\p{L}\p{N}])/gu

/** `words` gives the splitting of a text, which is the `first` of its piece or goes on after a cut. */
export function nextCut(
  text: string,
  from: number,
  words: (part: { text: string; first: boolean }) => string[]
): number {
  lineEnd.lastIndex = from + pieceLength
  if (lineEnd.lastIndex >= text.length) return text.length
  for (let tries = 0; tries < patience; tries++) {
    const match = lineEnd.exec(text)
    if (match === null) return text.length
    const cut = match.index + match[0].length
    const before = text.slice(Math.max(from, cut - windowLength), cut)
    const after = text.slice(cut, cut + windowLength)
    const parted = [...words({ text: before, first: true }), ...words({ text: after, first: false })]
    const whole = words({ text: before + after, first: true })
    if (whole.length === parted.length && whole.every((word, index) => word === parted[index])) return cut
  }
  return text.length
}
