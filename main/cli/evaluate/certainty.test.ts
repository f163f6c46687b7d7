import { expect, test } from 'vitest'
import { auc, binsOf, borderOf, type Judged, judged } from './certainty'

const at = (certainty: number, right: boolean): Judged => ({ probabilities: [certainty], certainty, right })

test('AUC: all pairs in order, none, ties by half', () => {
  expect(
    auc([
      [0.9, true],
      [0.2, false],
      [0.8, true]
    ])
  ).toBe(1)
  expect(
    auc([
      [0.1, true],
      [0.2, false]
    ])
  ).toBe(0)
  expect(
    auc([
      [0.2, true],
      [0.2, false]
    ])
  ).toBe(0.5)
  expect(auc([[0.2, true]])).toBeNaN()
})

test('a bin holds its lower end and not its upper one', () => {
  const bins = binsOf([at(0, false), at(0.1, true), at(0.19, false), at(1, true)])
  expect(bins.filter(({ of }) => of > 0)).toEqual([
    { right: 0, of: 1 },
    { right: 1, of: 2 },
    { right: 1, of: 1 }
  ])
})

test('the border is where right becomes as frequent as wrong, and noise does not move it', () => {
  const wrong = Array.from({ length: 50 }, (_, i) => at(i / 100, i % 10 === 0))
  const right = Array.from({ length: 50 }, (_, i) => at(0.5 + i / 100, i % 10 !== 5))
  expect(borderOf([...right, ...wrong])).toBeCloseTo(0.5)
  expect(borderOf(wrong)).toBeUndefined()
  expect(borderOf([])).toBeUndefined()
  expect(borderOf(right)).toBeCloseTo(0.5)
})

test('what is refused is not judged; of a question without an answer everything said is wrong', () => {
  const answered = (answer: string, expected: string[]) => ({
    asked: { text: '?', expected },
    answer,
    stop: 'end' as const,
    probabilities: [1],
    certainty: 1,
    sources: []
  })
  const all = [
    answered('The document does not say.', ['41']),
    answered('41', ['41']),
    // Half of the words: another Dorothy.
    answered('Dorothy Bren', ['Dorothy Kel']),
    answered('41', [])
  ]
  expect(judged(all).map(({ right }) => right)).toEqual([true, false, false])
})
