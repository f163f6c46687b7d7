/** Literal quotations of an answer, looked up in the document: a model's own word for it is not believed. */
import { pauses } from './pause'

export interface Quotation {
  /** As it stands in the answer, without the marks. */
  readonly text: string
  /** Found in the document word for word (spaces, line breaks and the shape of quotation marks aside). */
  readonly verified: boolean
  /** Where, in UTF-16 offsets of the document. */
  readonly start?: number
  readonly end?: number
}

/** An answer with more quotations than these is a list; each one costs a pass over the text. */
const most = 32
/** Characters compared between two looks at the clock: a millisecond at most. */
const stretch = 1 << 16

/** Quotations of two words or more between quotation marks, each of them once. Takes pauses in a long text. */
export async function checkQuotations(answer: string, text: string): Promise<Quotation[]> {
  const marked = answer.matchAll(/"([^"\n]+)"|“([^”\n]+)”|«([^»\n]+)»|„([^“”\n]+)[“”]/g)
  const quoted = Array.from(marked, match => (match[1] ?? match[2] ?? match[3] ?? match[4]).trim())
  const pause = pauses()
  const found: Quotation[] = []
  for (const quotation of new Set(quoted.filter(each => /\S\s+\S/.test(each)))) {
    if (found.length === most) break
    const place = await findFolded(text, quotation.replace(/[.…,;:]+$/, '').trim(), pause)
    found.push({ text: quotation, verified: place !== undefined, ...place })
  }
  return found
}

const space = 0x20

/** White space is a space, quotation marks and dashes have one shape each; everything else is itself. */
function folded(code: number): number {
  if (code <= 0x20) return code === space || (code >= 9 && code <= 13) ? space : code
  if (code < 0xa0) return code
  if (code === 0x2018 || code === 0x2019) return 0x27
  if (code === 0x201c || code === 0x201d) return 0x22
  if (code === 0x2013 || code === 0x2014) return 0x2d
  const white =
    code === 0xa0 ||
    code === 0x1680 ||
    (code >= 0x2000 && code <= 0x200a) ||
    code === 0x2028 ||
    code === 0x2029 ||
    code === 0x202f ||
    code === 0x205f ||
    code === 0x3000 ||
    code === 0xfeff
  return white ? space : code
}

/**
 * The first place of `phrase` in `text`, both folded and runs of white space taken as one space. Knuth, Morris and
 * Pratt: every character is looked at once, whatever the text; where nothing matches yet, the library's own search
 * for the first word skips ahead.
 */
async function findFolded(
  text: string,
  phrase: string,
  pause: () => Promise<void> | undefined
): Promise<{ start: number; end: number } | undefined> {
  const wanted = Array.from({ length: phrase.length }, (_, i) => folded(phrase.charCodeAt(i))).filter(
    (code, i, all) => code !== space || all[i - 1] !== space
  )
  if (wanted.length === 0) return undefined
  const fallback = fallbackOf(wanted)
  const [word] = /^[^\s'"‘’“”–—-]*/.exec(phrase) ?? ['']
  let matched = 0
  let afterSpace = false
  let due = stretch
  for (let at = 0; at < text.length; at++) {
    if (matched === 0 && word !== '') {
      at = text.indexOf(word, at)
      if (at < 0) return undefined
      afterSpace = false
    }
    if (--due === 0) {
      due = stretch
      await pause()
    }
    const code = folded(text.charCodeAt(at))
    if (code === space && afterSpace) continue
    afterSpace = code === space
    while (matched > 0 && wanted[matched] !== code) matched = fallback[matched - 1]
    if (wanted[matched] === code) matched++
    if (matched === wanted.length) return { start: startOf(text, wanted, at), end: at + 1 }
  }
  return undefined
}

/** Length of the longest beginning of `wanted` that also ends at each place. */
function fallbackOf(wanted: readonly number[]): Int32Array {
  const lengths = new Int32Array(wanted.length)
  for (let at = 1, length = 0; at < wanted.length; at++) {
    while (length > 0 && wanted[length] !== wanted[at]) length = lengths[length - 1]
    if (wanted[length] === wanted[at]) length++
    lengths[at] = length
  }
  return lengths
}

/** Where the match begins whose last character lies at `last`. */
function startOf(text: string, wanted: readonly number[], last: number): number {
  let at = last
  for (let i = wanted.length - 2; i >= 0; i--) {
    at--
    if (wanted[i] !== space) continue
    while (folded(text.charCodeAt(at - 1)) === space) at--
  }
  return at
}
