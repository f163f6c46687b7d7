/**
 * Where a long text may be cut so that its pieces, tokenised one by one, give the same tokens as the whole: after a
 * single line end between a character that is no space and a letter or digit, or else before a single space there, and
 * only if the tokenizer's own splitting falls there too. Without pieces, the library would hold several objects per
 * character of a book, and a worker that tokenizes would be deaf for seconds.
 */

/** Characters of a piece: 8 to 30 ms of tokenizing, so that a worker can answer messages in between. */
const pieceLength = 1 << 13
/** How much text around a cut decides whether the splitting falls there; patterns look a few characters ahead. */
const windowLength = 256
/** A tokenizer that does not split at this many places in a row does not split at such places. */
const patience = 16

/** Line ends first; a text without any (JSON in one line) is cut before words. */
const places = [/[^\s]\n(?=[\p{L}\p{N}])/gu, /[^\s](?= [\p{L}\p{N}])/gu]

/** The splitting of a text, which is the `first` of its piece or goes on after a cut. */
export type Words = (part: { text: string; first: boolean }) => string[]

/** Beyond `most` characters it is anywhere, between two characters: the tokens there may differ from those of the whole. */
export function nextCut(text: string, from: number, words: Words, most = Infinity): number {
  // Stretch by stretch: to look for a line end in all of a text that has none would take time squared.
  for (let at = from + pieceLength; at < text.length; at += pieceLength) {
    if (at - from >= most) return at + Number(/[\uDC00-\uDFFF]/.test(text[at]!))
    const stretch = text.slice(at, at + pieceLength + 2)
    for (const place of places) {
      let tries = 0
      for (const match of stretch.matchAll(place)) {
        const cut = at + match.index + match[0].length
        if (splitsAt(text, from, cut, words)) return cut
        if (++tries === patience) break
      }
    }
  }
  return text.length
}

function splitsAt(text: string, from: number, cut: number, words: Words): boolean {
  const before = text.slice(Math.max(from, cut - windowLength), cut)
  const after = text.slice(cut, cut + windowLength)
  const parted = [...words({ text: before, first: true }), ...words({ text: after, first: false })]
  const whole = words({ text: before + after, first: true })
  return whole.length === parted.length && whole.every((word, index) => word === parted[index])
}
