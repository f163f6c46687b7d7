/** How much of a text arrived, by words and by letters. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * NFKC and lower case; a hyphen at the end of a line joins, soft hyphens and invisible signs are none, every other sign parts. Of
 * scripts whose lines end inside of words (Chinese, Japanese, Korean) each letter is a word.
 *
 * @param {string} text
 * @returns {string[]}
 */
export function wordsOf(text) {
  return (
    text
      .normalize('NFKC')
      .toLowerCase()
      .replace(/[\u00ad\u200b-\u200f\u2060\ufeff]/gu, '')
      .replace(/(?<=\p{L})[-\u2010]\s*\n\s*(?=\p{L})/gu, '')
      .replace(/(?<=\p{L})[-\u2010](?=\p{L})/gu, '')
      .match(
        /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}]|((?![\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\p{Script=Hangul}])[\p{L}\p{M}\p{N}])+/gu
      ) ?? []
  )
}

/**
 * The words of what Readonce read, and once more those with its marks of raised and lowered signs and of notes as a peer has them that
 * glues them: "x_i", "10^6" and "word[3]" are also "xi", "106" and "word3".
 *
 * @param {string} text
 * @returns {string[]}
 */
export function wordsRead(text) {
  const marked = text.match(/\S*(?:[_^]|\S\[[\d\p{L},–-]{1,9}\])\S*/gu) ?? []
  const glued = marked
    .map(piece => piece.replace(/[_^]\(([^()]*)\)/g, '$1').replace(/[_^[\]]/g, ''))
    .join(' ')
  return [...wordsOf(text), ...wordsOf(glued)]
}

/**
 * How many of `expected` are in `read`, as multisets, and which are not.
 *
 * @param {Iterable<string>} expected
 * @param {Iterable<string>} read
 */
export function recall(expected, read) {
  return withMissing(expected, read).result
}

/**
 * The same where only blanks differ, as far as the document itself tells who is right: words that the peer parts ("para meter") count
 * where the text has the whole and the peer has it elsewhere; words that it glues ("truewith"), where the text has both and the peer has
 * each elsewhere; and short ones in a row ("h e l l o", letters that are set apart), where the text has the same letters in a row.
 *
 * @param {readonly string[]} expected
 * @param {readonly string[]} read
 */
export function recallBesidesBlanks(expected, read) {
  const { result, places } = withMissing(expected, read)
  const [known, own] = [new Set(expected), new Set(read)]
  const pairs = new Set(read.slice(1).map((word, i) => `${read[i]} ${word}`))
  const letters = read.join('')
  /** @param {number} place */
  const isParted = place => {
    for (let length = 2; length <= 4; length++)
      for (let from = Math.max(0, place - length + 1); from <= place; from++) {
        const whole = expected.slice(from, from + length).join('')
        if (own.has(whole) && known.has(whole)) return true
      }
    return false
  }
  /** @param {string} word */
  const isGlued = word => {
    for (let at = 1; at < word.length; at++) {
      const [left, right] = [word.slice(0, at), word.slice(at)]
      if (known.has(left) && known.has(right) && pairs.has(`${left} ${right}`)) return true
    }
    return false
  }
  const isShort = (/** @type {string | undefined} */ word) => word !== undefined && word.length <= 3
  /** @param {number} place */
  const isSetApart = place => {
    let [from, to] = [place, place + 1]
    while (isShort(expected[from - 1])) from--
    while (isShort(expected[to])) to++
    return isShort(expected[place]) && to - from >= 3 && letters.includes(expected.slice(from, to).join(''))
  }
  const missing = places.filter(place => !isParted(place) && !isGlued(expected[place]) && !isSetApart(place))
  const found = result.all - missing.length
  return {
    all: result.all,
    found,
    missing: missing.map(place => expected[place]),
    share: result.all === 0 ? 1 : found / result.all
  }
}

/** @param {Iterable<string>} expected @param {Iterable<string>} read */
function withMissing(expected, read) {
  /** @type {Map<string, number>} */
  const left = new Map()
  for (const word of read) left.set(word, (left.get(word) ?? 0) + 1)
  let [all, found] = [0, 0]
  /** @type {string[]} */
  const missing = []
  /** @type {number[]} */
  const places = []
  for (const word of expected) {
    const count = left.get(word) ?? 0
    if (count > 0) {
      found++
      left.set(word, count - 1)
    } else {
      missing.push(word)
      places.push(all)
    }
    all++
  }
  return { result: { all, found, missing, share: all === 0 ? 1 : found / all }, places }
}

/**
 * How many of `expected` stand in `read` in the same order, by `diff` (a lower bound of the longest common sequence), and the places
 * at which they differ.
 *
 * @param {readonly string[]} expected
 * @param {readonly string[]} read
 */
export function inOrder(expected, read) {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-words-'))
  try {
    const [a, b] = [join(folder, 'expected'), join(folder, 'read')]
    writeFileSync(a, `${expected.join('\n')}\n`)
    writeFileSync(b, `${read.join('\n')}\n`)
    const { stdout, error } = spawnSync('diff', ['--speed-large-files', a, b], {
      encoding: 'utf8',
      maxBuffer: 1 << 30
    })
    if (error) throw error
    const lost = stdout.split('\n').filter(line => line.startsWith('< ')).length
    return { found: expected.length - lost, share: 1 - lost / Math.max(1, expected.length), diff: stdout }
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}

/** @param {number} share */
export const percent = share => `${(100 * share).toFixed(share > 0.99 ? 3 : 1)}%`

/**
 * A table of Markdown.
 *
 * @param {readonly (readonly (string | number)[])[]} rows the first is the head
 */
export const table = rows =>
  rows
    .map(row => `| ${row.join(' | ')} |`)
    .toSpliced(1, 0, `| ${rows[0].map(() => '---').join(' | ')} |`)
    .join('\n')
