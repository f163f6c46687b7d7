/**
 * Refuses splitting patterns that can take for ever. A tokenizer.json brings regular expressions that run over
 * whole documents, and JavaScript cannot interrupt one that backtracks. Three checks: a repeated group that itself
 * holds a repetition or a choice (exponential by construction; no published tokenizer has one); the compiled pattern's
 * structure (pattern-cost.ts); and, should both be wrong, a trial on growing runs of characters, stopped when one is
 * slow. Up to 1024 characters that tells quadratic patterns, of which there are honest ones ("\\s+$"), from worse ones.
 */
import { broken, shown } from './json'
import { costOf, type PatternCost } from './pattern-cost'

/** The longest published pattern (o200k) has about 400 characters. */
const lengthLimit = 4096
/** A sane pattern needs about a millisecond for the longest trial. */
const trialMs = 25
/** On a busy computer any trial can be slow, and now and then two in a row; a slow pattern is slow every time. */
const trials = 8
/** Steps of at most half as much again: the first slow one is then not yet a hang, whatever the growth. */
const trialLengths = [
  3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19, 20, 21, 22, 23, 24, 26, 28, 32, 40, 56, 80,
  112, 160, 224, 320, 448, 640, 1024
]
/** Backtracking shows when the run ends in a character that the pattern refuses. */
const trialEnd = '\u0001'
const trialCharacters = ['a', 'A', '0', ' ', '\n', '.', '_', 'é', '中', 'a ', 'aA', ' \n']

/** Static part, on the source as written. Throws broken-model. */
export function checkPatternSource(source: string, what: string): void {
  if (source.length > lengthLimit) {
    throw broken(`${what} has a pattern of ${source.length} characters, expected at most ${lengthLimit}.`)
  }
  const groups: boolean[] = []
  let inClass = 0
  for (let at = 0; at < source.length; at++) {
    const character = source[at]!
    if (character === '\\') at++
    else if (character === '[') inClass++
    else if (character === ']') inClass = Math.max(0, inClass - 1)
    else if (inClass > 0) continue
    else if (character === '(') groups.push(false)
    else if (character === ')') {
      const risky = groups.pop() ?? false
      const repeated = /^(?:[*+]|\{\d*,?\d*\})/.test(source.slice(at + 1, at + 16))
      if (risky && repeated) {
        throw broken(`${what} has the pattern ${shown(source)}, whose nested repetition could run for ever.`)
      }
      if (risky && groups.length > 0) groups[groups.length - 1] = true
    } else if (groups.length > 0 && isRisky(source, at)) groups[groups.length - 1] = true
  }
}

/** A repetition or a choice; the `?` of `(?:` and of lazy marks is neither. */
function isRisky(source: string, at: number): boolean {
  const character = source[at]!
  if (character === '?') return source[at - 1] !== '('
  return character === '|' || character === '*' || character === '+' || character === '{'
}

/** By its structure. Throws broken-model; else says whether a run can take the square of its length. */
export function checkPatternCost(pattern: RegExp, what: string): PatternCost {
  const cost = costOf(pattern)
  if (cost.refused === undefined) return cost
  throw broken(
    `${what} has the pattern ${shown(pattern.source)}, which ${cost.refused}. It could run for ever, and no known tokenizer needs it.`
  )
}

/**
 * Trial part: `split` runs the compiled patterns over a text, `characters` are those that they tell apart. Throws
 * broken-model when it is too slow.
 */
export function tryPattern(
  split: (text: string) => unknown,
  source: string,
  characters: readonly string[],
  what: string
): void {
  const literals = [...new Set(source.replace(/[\\[\](){}^$.|?*+]/g, ''))].slice(0, 24)
  for (const unit of new Set([...trialCharacters, ...characters.slice(0, 64), ...literals])) {
    for (const length of trialLengths) {
      const text = unit.repeat(length).slice(0, length) + trialEnd
      let tried = 0
      while (tried < trials && timeOf(split, text) > trialMs) tried++
      if (tried < trials) continue
      throw broken(
        `${what} has the pattern ${shown(source)}, which is too slow on ${length} equal characters.`
      )
    }
  }
}

function timeOf(split: (text: string) => unknown, text: string): number {
  const begin = performance.now()
  split(text)
  return performance.now() - begin
}
