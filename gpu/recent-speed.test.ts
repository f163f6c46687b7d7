import { expect, it } from 'vitest'
import { RecentSpeed } from './recent-speed'

/** Steps of 100 ms at so many tokens a second; returns where it came to. */
function run(speed: RecentSpeed, from: { done: number; at: number }, perSecond: number, seconds: number) {
  let { done, at } = from
  for (let i = 0; i < seconds * 10; i++) speed.reached((done += perSecond / 10), (at += 100))
  return { done, at }
}

it('follows the load down and up within a quarter of a minute, whatever was before', () => {
  const speed = new RecentSpeed()
  speed.reached(5000, 0)
  expect(speed.perSecond).toBe(0)
  let place = run(speed, { done: 5000, at: 0 }, 600, 120)
  expect(speed.perSecond).toBeCloseTo(600)
  place = run(speed, place, 150, 16)
  expect(speed.perSecond).toBeCloseTo(150, 0)
  place = run(speed, place, 600, 5)
  expect(speed.perSecond).toBeGreaterThan(250)
  expect(speed.perSecond).toBeLessThan(400)
  run(speed, place, 600, 12)
  expect(speed.perSecond).toBeCloseTo(600, 0)
})

it('keeps few places where chunks are short, and the last step where they are long', () => {
  const speed = new RecentSpeed()
  for (let at = 0; at < 60_000; at += 5) speed.reached(at * 4, at)
  expect(speed.perSecond).toBeCloseTo(4000)
  expect((speed as unknown as { places: unknown[] }).places.length).toBeLessThan(130)
  const slow = new RecentSpeed()
  slow.reached(0, 0)
  slow.reached(1000, 40_000)
  slow.reached(3000, 80_000)
  expect(slow.perSecond).toBeCloseTo(50)
})
