/** How an answer is compared with the expected ones: SQuAD 1.1's evaluation (evaluate-v1.1.py). */

/** Lower case, without punctuation and articles, single spaces. */
export function normalized(text: string): string {
  return text
    .toLowerCase()
    .replace(/[!-/:-@[-`{-~]/g, '')
    .replace(/\b(a|an|the)\b/g, ' ')
    .split(/\s+/)
    .filter(Boolean)
    .join(' ')
}

export const exact = (answer: string, expected: readonly string[]): boolean =>
  expected.some(one => normalized(one) === normalized(answer))

/** Overlap of words as the harmonic mean of precision and recall, the best over the expected answers; 0 to 1. */
export function f1(answer: string, expected: readonly string[]): number {
  return Math.max(
    0,
    ...expected.map(one => overlap(normalized(answer).split(' '), normalized(one).split(' ')))
  )
}

function overlap(said: readonly string[], wanted: readonly string[]): number {
  const left = new Map<string, number>()
  for (const word of wanted) left.set(word, (left.get(word) ?? 0) + 1)
  let common = 0
  for (const word of said) {
    const n = left.get(word) ?? 0
    if (n > 0) {
      common++
      left.set(word, n - 1)
    }
  }
  return common === 0 ? 0 : (2 * common) / (said.length + wanted.length)
}

/** What the embedded model was taught to say when the document does not answer. */
export const refused = (answer: string): boolean => normalized(answer) === 'document does not say'

/** Mean of 0-or-1 and fractional results, with the half width of its 95% interval (normal approximation). */
export function mean(results: readonly number[]): { mean: number; within: number } {
  const n = results.length
  const average = results.reduce((sum, each) => sum + each, 0) / Math.max(1, n)
  const variance = results.reduce((sum, each) => sum + (each - average) ** 2, 0) / Math.max(1, n - 1)
  return { mean: average, within: 1.96 * Math.sqrt(variance / Math.max(1, n)) }
}
