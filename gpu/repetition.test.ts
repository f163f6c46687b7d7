import { describe, expect, it } from 'vitest'
import { RepetitionWatch, saysNothingNew, SignWatch, withoutSigns } from './repetition'

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

describe('an answer that is a row of signs', () => {
  const endsAt = (answer: string): number => {
    const watch = new SignWatch()
    return [...answer].findIndex(each => watch.push(each)) + 1
  }

  it('is called behind words after 16, also with blanks between them, and however it is cut into tokens', () => {
    expect(endsAt(`the large${'-'.repeat(100)}`)).toBe('the large'.length + 16)
    expect(endsAt(`the large${' -'.repeat(100)}`)).toBe('the large'.length + 32)
    expect(new SignWatch().push(`the large${'-'.repeat(16)}`)).toBe(true)
    expect(endsAt('-'.repeat(100))).toBe(80)
  })

  it.each([
    `| Name | Year |\n|${'-'.repeat(30)}|${'-'.repeat(30)}|\n| Ada | 1815 |`,
    `Words\n${'-'.repeat(79)}\nmore words`,
    `The Storm ${'.'.repeat(60)} 7`,
    `Name: ${'_'.repeat(40)}`,
    'a-b-c-d-e-f-g-h-i-j-k-l-m-n-o-p-q-r-s'
  ])('%j is none', answer => {
    expect(endsAt(answer)).toBe(0)
    expect(saysNothingNew('Who?', answer)).toBe(false)
  })

  it('is one that ended by itself, too, and loses the row', () => {
    expect(saysNothingNew('How large?', 'the large-------')).toBe(true)
    expect(saysNothingNew('How large?', '--------')).toBe(true)
    expect(withoutSigns('the large-------\n')).toBe('the large')
    expect(withoutSigns('--------')).toBe('')
    expect(withoutSigns('The captain.')).toBe('The captain.')
  })
})

describe('an answer that is the question', () => {
  const question = 'What was the name of the captain?'
  it.each([question, 'what was the name of the captain', `${question} ${question}`])('%j', answer =>
    expect(saysNothingNew(question, answer)).toBe(true)
  )
  it.each(['', 'Ada Vane', 'The name of the captain was Ada Vane.', `${question} Ada Vane.`])(
    'is not %j',
    answer => expect(saysNothingNew(question, answer)).toBe(false)
  )
})
