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
