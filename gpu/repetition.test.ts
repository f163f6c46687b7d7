import { describe, expect, it } from 'vitest'
import { RepetitionWatch } from './repetition'

/** How many tokens were said when the watch called it a loop. */
const calledAt = (ids: readonly number[]): number | undefined => {
  const watch = new RepetitionWatch()
  const at = ids.findIndex(id => watch.push(id))
  return at < 0 ? undefined : at + 1
}
const range = (from: number, count: number) => Array.from({ length: count }, (_, i) => from + i)
const times = (count: number, pattern: readonly number[]) =>
  Array.from({ length: count }, () => pattern).flat()

describe('an answer that repeats itself', () => {
  it.each([
    [1, 64],
    [2, 64],
    [3, 64],
    [21, 64],
    [22, 66],
    [32, 96]
  ])('a pattern of %i tokens is called after %i of them', (length, tokens) => {
    expect(calledAt(times(100, range(0, length)))).toBe(tokens)
    // What stands before it does not matter.
    expect(calledAt([...range(500, 70), ...times(100, range(0, length))])).toBe(70 + tokens)
  })

  it('one time less is none', () => {
    expect(calledAt(times(63, [5]))).toBeUndefined()
    expect(calledAt(times(2, range(0, 32)))).toBeUndefined()
    expect(calledAt([...times(63, [5]), 6, ...times(63, [5])])).toBeUndefined()
  })

  it('lines that differ in a number are none', () => {
    expect(calledAt(range(0, 50).flatMap(i => [7, 8, 100 + i, 9]))).toBeUndefined()
  })

  it('a pattern longer than a sentence is none', () => {
    expect(calledAt(times(20, range(0, 33)))).toBeUndefined()
  })
})
