import { expect, it } from 'vitest'
import { certaintyOf } from './certainty'

it('is the probability of one token', () => expect(certaintyOf([0.3])).toBeCloseTo(0.3))

it('lies between the probability of the whole and the geometric mean', () => {
  const [a, b, c, d] = [0.9, 0.5, 0.8, 1]
  const whole = a * b * c * d
  expect(certaintyOf([a, b, c, d])).toBeCloseTo(Math.sqrt(whole))
  expect(certaintyOf([a, b, c, d])).toBeGreaterThan(whole)
  expect(certaintyOf([a, b, c, d])).toBeLessThan(whole ** 0.25)
})

it('is 0 where nothing was chosen or something impossible was, and never above 1', () => {
  expect(certaintyOf([])).toBe(0)
  expect(certaintyOf([1, 0, 1])).toBe(0)
  expect(certaintyOf([1.0000001, 1.0000001])).toBe(1)
})
