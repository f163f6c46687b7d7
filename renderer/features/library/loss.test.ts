import { expect, test } from 'vitest'
import type { ReadingProgress } from '../../../gpu/index'
import { lossOf } from './reading-progress'

const progress = (some: Partial<ReadingProgress>): ReadingProgress =>
  ({
    tokens: 0,
    total: 90_000,
    reused: 0,
    seconds: 0,
    tokensPerSecond: 0,
    bytes: 0,
    ...some
  }) as ReadingProgress

test('a cancel just after Resume is asked for by all that was read, not by the seconds of this run', () => {
  const loss = lossOf(progress({ tokens: 34_600, reused: 34_496, seconds: 2, tokensPerSecond: 300 }))
  expect(loss).toMatchObject({ tokens: 34_600, earlier: 34_496 })
  expect(Math.round(loss.seconds)).toBe(115)
})

test('before the speed is known, it is what this run came to', () => {
  expect(lossOf(progress({ tokens: 1100, reused: 1000, seconds: 2 })).seconds).toBe(22)
  expect(lossOf(progress({ tokens: 0 }))).toEqual({ tokens: 0, earlier: 0, seconds: 0 })
  expect(lossOf(undefined)).toEqual({ tokens: 0, earlier: 0, seconds: 0 })
})
