/**
 * An answer that says the same over and over: small models fall into such loops where a text is unlike what they were
 * trained on, and nothing that follows helps anybody. (Holtzman et al. 2020, "The Curious Case of Neural Text Degeneration",
 * section 3: a greedy loop strengthens itself.)
 */

/** Tokens of the longest pattern that is looked for: a sentence. */
const longestPattern = 32
/** So many tokens at least, and so many times, must a pattern have been said: a table's rule or a refrain is no loop. */
const fewest = { tokens: 64, times: 3 }

/** Fed with the tokens of an answer one by one; tells whether it now ends in a pattern said over and over. */
export class RepetitionWatch {
  /** For each length of a pattern: how many tokens up to the last one equal the one so many before. */
  private readonly same = new Array<number>(longestPattern + 1).fill(0)
  private readonly last: number[] = []

  push(id: number): boolean {
    let repeats = false
    for (let length = 1; length <= Math.min(longestPattern, this.last.length); length++) {
      this.same[length] = this.last[this.last.length - length] === id ? this.same[length] + 1 : 0
      repeats ||= this.same[length] + length >= Math.max(fewest.tokens, fewest.times * length)
    }
    this.last.push(id)
    if (this.last.length > longestPattern) this.last.shift()
    return repeats
  }
}

/**
 * So many equal signs one after the other are no sentence's: behind words of the same line, and in a line without any, which
 * may be the rule of a table or of a comment. Dots and underscores lead to a page's number or wait to be filled in.
 */
const mostSigns = { behindWords: 16, alone: 80 }
const leaders = '._'
const word = /[\p{L}\p{N}]/u
const sixSigns = /([^\p{L}\p{N}\s])(?:[^\S\n]*\1){5,}\s*$/u

/** Fed with the text of an answer as it comes; tells whether it now ends in a row of one sign, "the large------". */
export class SignWatch {
  private sign = ''
  private count = 0
  private words = false

  push(text: string): boolean {
    let isRow = false
    for (const each of text) {
      if (each === '\n') this.words = false
      if (each === '\n' || word.test(each)) {
        this.words ||= each !== '\n'
        this.count = 0
      } else if (each.trim() !== '') {
        this.count = each === this.sign ? this.count + 1 : 1
        this.sign = each
        const most = this.words && !leaders.includes(each) ? mostSigns.behindWords : mostSigns.alone
        isRow ||= this.count >= most
      }
    }
    return isRow
  }
}

/** Without the row of one sign that it ends in. */
export const withoutSigns = (answer: string): string => answer.replace(sixSigns, '').trimEnd()

/** Over by itself, it still says nothing: only the question, or it ends in a row of signs that is no rule below a text. */
export function saysNothingNew(question: string, answer: string): boolean {
  const row = sixSigns.exec(answer)
  if (row && !leaders.includes(row[1]!)) {
    const before = answer.slice(0, row.index)
    if (before.trim() === '' || word.test(before.slice(before.lastIndexOf('\n') + 1))) return true
  }
  const [asked, said] = [wordsOf(question), wordsOf(answer)]
  const isWhole = asked.length > 0 && said.length > 0 && said.length % asked.length === 0
  return isWhole && said.every((each, i) => each === asked[i % asked.length])
}

const wordsOf = (text: string): string[] => text.toLowerCase().match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
