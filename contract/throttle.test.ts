import { expect, test } from 'vitest'
import { throttle } from './throttle'

test('the first at once, then the latest at most once in a while; flush sends what waits, and only that', () => {
  let clock = 0
  const sent: string[] = []
  const news = throttle<string>(
    100,
    each => sent.push(each),
    () => clock
  )
  for (const [at, each] of [
    [0, 'a'],
    [50, 'b'],
    [99, 'c'],
    [100, 'd'],
    [150, 'e']
  ] as const) {
    clock = at
    news.push(each)
  }
  expect(sent).toEqual(['a', 'd'])
  news.flush()
  news.flush()
  expect(sent).toEqual(['a', 'd', 'e'])
  clock = 249
  news.push('f')
  expect(sent).toHaveLength(3)
  clock = 250
  news.push('g')
  expect(sent.at(-1)).toBe('g')
})
