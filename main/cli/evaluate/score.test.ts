import { expect, test } from 'vitest'
import { exact, f1, mean, normalized, refused } from './score'

test('case, punctuation and articles do not count', () => {
  expect(normalized(' The  "Red-Cross", a ship! ')).toBe('redcross ship')
  expect(exact('the Ship.', ['boat', 'ship'])).toBe(true)
  expect(exact('ships', ['ship'])).toBe(false)
})

test('F1 counts common words once each, the best expected answer wins', () => {
  expect(f1('a cat', ['the cat'])).toBe(1)
  expect(f1('big cat', ['cat'])).toBeCloseTo(2 / 3)
  expect(f1('cat cat', ['cat'])).toBeCloseTo(2 / 3)
  expect(f1('dog', ['cat', 'dog'])).toBe(1)
  expect(f1('', ['cat'])).toBe(0)
  expect(f1('dog', [])).toBe(0)
})

test('only the whole sentence is a refusal', () => {
  expect(refused('The document does not say.')).toBe(true)
  expect(refused('The document does not say who.')).toBe(false)
})

test('a mean with its interval', () => {
  const { mean: average, within } = mean([1, 0, 1, 0])
  expect(average).toBe(0.5)
  expect(within).toBeCloseTo(1.96 * Math.sqrt(1 / 3 / 4))
  expect(mean([]).mean).toBe(0)
})
