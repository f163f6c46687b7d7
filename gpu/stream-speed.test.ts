import { expect, it } from 'vitest'
import { StreamSpeed } from './stream-speed'

it('assumes a gigabyte a second, then goes by what was measured, the newest most', () => {
  const speed = new StreamSpeed()
  expect(speed.secondsFor(3e9)).toBe(3)
  speed.passed(0, 100)
  speed.passed(100, 0)
  expect(speed.secondsFor(3e9)).toBe(3)
  speed.passed(5e8, 2000)
  expect(speed.secondsFor(1e9)).toBeCloseTo(4, 9)
  for (let i = 0; i < 20; i++) speed.passed(2e9, 1000)
  expect(speed.secondsFor(1e9)).toBeCloseTo(0.5, 2)
})
