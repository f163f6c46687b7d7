/** How much of a text arrived, by words and by letters. */
import { spawnSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/**
 * NFKC and lower case; a hyphen at the end of a line joins, soft hyphens and invisible signs are none, every other sign parts.
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
      .match(/[\p{L}\p{M}\p{N}]+/gu) ?? []
  )
}

/**
 * How many of `expected` are in `read`, as multisets, and which are not.
 *
 * @param {Iterable<string>} expected
 * @param {Iterable<string>} read
 */
export function recall(expected, read) {
  /** @type {Map<string, number>} */
  const left = new Map()
  for (const word of read) left.set(word, (left.get(word) ?? 0) + 1)
  let [all, found] = [0, 0]
  /** @type {string[]} */
  const missing = []
  for (const word of expected) {
    all++
    const count = left.get(word) ?? 0
    if (count > 0) {
      found++
      left.set(word, count - 1)
    } else missing.push(word)
  }
  return { all, found, missing, share: all === 0 ? 1 : found / all }
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
