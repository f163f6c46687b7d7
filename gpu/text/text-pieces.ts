/**
 * Where a long text may be cut so that its pieces, tokenised one by one, give the same tokens as the whole: after a
 * single line end between a character that is no space and a letter or digit, or else before a single space there, and
 * only if the tokenizer's own splitting falls there too. Without pieces, the library would hold several objects per
 * character of a book, and a worker that tokenizes would be deaf for seconds. A text without such a place (base64, Chinese in one
 * line, a letter a million times) is cut between two tokens (`tokenCut`).
 */

/** Characters of a piece: 8 to 30 ms of tokenizing, so that a worker can answer messages in between. */
const pieceLength = 1 << 13
/** The same where a cut lies between two tokens: merging goes on over all of it, and takes up to 20 ms. */
const tokenPieceLength = 1 << 12
/** How much text around a cut decides whether the splitting falls there; patterns look a few characters ahead. */
const windowLength = 256
/** A tokenizer that does not split at this many places in a row does not split at such places. */
const patience = 16

/** Line ends first; a text without any is cut before words, or (Chinese, JSON) behind a punctuation mark. */
const places = [
  /[^\s]\r?\n(?=[\p{L}\p{N}])/gu,
  /[^\s](?= [\p{L}\p{N}])/gu,
  /[\p{L}\p{N}]\p{P}+(?=[\p{L}\p{N}])/gu
]
/** Places that are tried for a cut between two tokens, 0.2 to 0.5 ms each; the longest tokens have some 30 characters. */
const tokenPatience = 48
/** No place within so many characters: there will be none further on either, and a piece has to end. */
const longestSearch = pieceLength

/** The splitting of a text, which is the `first` of its piece or goes on after a cut. */
export type Words = (part: { text: string; first: boolean }) => string[]

/** The end of the piece that begins at `from`; undefined where none of the places comes soon enough. */
export function nextCut(text: string, from: number, words: Words): number | undefined {
  // Stretch by stretch: to look for a line end in all of a text that has none would take time squared.
  for (let at = from + pieceLength; at < text.length; at += pieceLength) {
    if (at - from > longestSearch) return undefined
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

/**
 * A piece that ends between two tokens. They are made of the piece and `windowLength` characters after it; the cut is a place from
 * which those characters alone give the same tokens again, so that what follows does not know of the cut. Where there is none among
 * `tokenPatience` places (a word that is one token, however long), it is between two characters, and the tokens there differ from
 * those of the whole.
 */
export function tokenCut(
  text: string,
  from: number,
  tokens: (part: string, first: boolean) => Uint32Array
): { ids: Uint32Array; end: number } {
  const part = text.slice(from, betweenCharacters(text, from + tokenPieceLength + windowLength))
  const ids = tokens(part, true)
  if (part.length <= tokenPieceLength) return { ids, end: from + part.length }
  for (let at = tokenPieceLength; at > tokenPieceLength - tokenPatience; at--) {
    if (betweenCharacters(part, at) !== at) continue
    const after = tokens(part.slice(at), false)
    const kept = ids.length - after.length
    if (kept > 0 && after.every((id, index) => id === ids[kept + index]))
      return { ids: ids.slice(0, kept), end: from + at }
  }
  const end = betweenCharacters(part, tokenPieceLength)
  return { ids: tokens(part.slice(0, end), true), end: from + end }
}

/** `at`, or the next place that is not within a pair of surrogates. */
const betweenCharacters = (text: string, at: number) =>
  at + Number(at > 0 && /[\uDC00-\uDFFF]/.test(text[at] ?? '') && /[\uD800-\uDBFF]/.test(text[at - 1]!))

function splitsAt(text: string, from: number, cut: number, words: Words): boolean {
  const before = text.slice(Math.max(from, cut - windowLength), cut)
  const after = text.slice(cut, cut + windowLength)
  const parted = [...words({ text: before, first: true }), ...words({ text: after, first: false })]
  const whole = words({ text: before + after, first: true })
  return whole.length === parted.length && whole.every((word, index) => word === parted[index])
}
