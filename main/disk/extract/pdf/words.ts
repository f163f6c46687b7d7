/** The words of a document, which tell whether "exam-" and "ple" are one word and "well-" and "known" two. */

const words = /[\p{L}\p{M}]+(?:[-\u2010][\p{L}\p{M}]+)*/gu
const hyphenAtEnd = /\p{L}\p{M}*[-\u2010\u00ad]$/u

export class Words {
  private readonly counts = new Map<string, number>()
  private isBroken = false

  /** Lines in the order of reading: the fragments at a broken line's end and at the next one's start are no words. */
  add(line: string): void {
    const text = line.trim()
    const isBroken = hyphenAtEnd.test(text)
    const all = [...text.matchAll(words)].map(([word]) => word.toLowerCase().replaceAll('\u2010', '-'))
    if (isBroken) all.pop()
    if (this.isBroken) all.shift()
    this.isBroken = isBroken
    for (const word of all) {
      this.counts.set(word, (this.counts.get(word) ?? 0) + 1)
      if (word.includes('-'))
        for (let at = word.indexOf('-'); at !== -1; at = word.indexOf('-', at + 1)) {
          const head = word.slice(0, at + 1)
          this.counts.set(head, (this.counts.get(head) ?? 0) + 1)
        }
    }
  }

  count(word: string): number {
    return this.counts.get(word.toLowerCase()) ?? 0
  }
}

/** Words that make words with a hyphen, in English and German, and nothing else stands before one. */
const prefixes =
  /(^|-)(self|well|half|quasi|non|cross|vice|all|ever|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety|two|three|four|five|six|seven|eight|nine|ten|one|so|mother|father|brother|sister|son|daughter|long|short|full|high|low|old|new|e|x|t)$/i

const isOneWord = (left: string, right: string, known: Words) =>
  known.count(left + right) > 0 || known.count(left) === 0

/** Whether the hyphen at the end of `left`, a line's last word without it, belongs to the word that goes on with `right`. */
export function keepsHyphen(left: string, right: string, known: Words): boolean {
  // A name, a number, a code: "Saint-Simon".
  if (!/^\p{Ll}/u.test(right)) return true
  const tail = left.slice(left.lastIndexOf('-') + 1)
  const joined = known.count(left + right)
  const parted = known.count(`${left}-${right}`)
  if (joined !== parted) return parted > joined
  if (joined > 0) return false
  // "state-of-the-" + "art": the word has hyphens already; but "self-re-" + "straint" is broken in its second part.
  if (tail !== left) return !isOneWord(tail, right, known)
  if (prefixes.test(left) && known.count(right) > 0) return true
  if (/^(self|well|half|twenty|thirty|forty|fifty|sixty|seventy|eighty|ninety)$/i.test(left)) return true
  // The document makes words of this kind with a hyphen, and both parts are words of their own.
  return known.count(`${left}-`) >= 2 && known.count(left) > 0 && known.count(right) > 0
}
