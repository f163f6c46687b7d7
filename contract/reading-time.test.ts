import { expect, test } from 'vitest'
import { likelyRatio, type ReadingSpeed, readingTime, timeBefore, timeElsewhere } from './reading-time'

let day = 0
const read = (tokensPerSecond: number, probed: number, seconds = 60): ReadingSpeed => ({
  modelKey: 'm',
  adapter: 'a',
  tokens: tokensPerSecond * seconds,
  seconds,
  probed,
  at: new Date(2026, 0, ++day).toISOString()
})

test('without readings the probe alone counts; one figure', () => {
  expect(readingTime(6000, 600, [])).toEqual({ seconds: 10, least: 10, most: 10 })
})

test('by what a probe means on this computer the next reading is told, one figure where both agree', () => {
  const { seconds, least, most } = readingTime(60_000, 640, [read(200, 640)])
  expect(seconds).toBeCloseTo(300)
  expect([least, most]).toEqual([seconds, seconds])
})

test('a range where the load of now differs from that of the readings before', () => {
  // As fast a computer as then would take 300 s; the probe says that it is half as fast now.
  const { seconds, least, most } = readingTime(60_000, 320, [read(200, 640), read(200, 640)])
  expect([least, most].map(Math.round)).toEqual([300, 600])
  expect(seconds).toBeGreaterThan(400)
  expect(seconds).toBeLessThan(450)
})

test('the newest and the longest readings weigh most, in whatever order they come', () => {
  const records = [read(100, 600), read(400, 600), read(400, 600)]
  const { seconds } = readingTime(40_000, 600, records)
  expect(seconds).toBeGreaterThan(100)
  expect(seconds).toBeLessThan(145)
  expect(readingTime(40_000, 600, records.toReversed())).toEqual(readingTime(40_000, 600, records))
  const short = readingTime(40_000, 600, [...records, read(20, 600, 0.6)]).seconds
  expect(short / seconds).toBeLessThan(1.35)
})

test('a reading without a probe counts for the experience', () => {
  const { least, most } = readingTime(60_000, 600, [{ ...read(200, 1), probed: undefined }])
  expect([least, most].map(Math.round)).toEqual([100, 300])
})

test('by earlier readings alone, where there are some', () => {
  expect(timeBefore(60_000, [])).toBeUndefined()
  expect(timeBefore(60_000, [read(200, 640)])).toBeCloseTo(300)
})

test('another model takes about as much longer as it has more work, and the other way round', () => {
  expect(likelyRatio(921_600, 28_532_736)).toBeCloseTo(25, 0)
  expect(likelyRatio(28_532_736, 921_600)).toBeCloseTo(1 / 25, 2)
  expect(likelyRatio(5, 5)).toBe(1)
})

test('with a model that is not loaded: its own readings tell, or else what the loaded one takes', async () => {
  const ratio = () => 25
  const never = () => expect.unreachable('its readings tell')
  expect(await timeElsewhere(60_000, [read(200, 640)], { tokens: 60_000, seconds: 12 }, never)).toBeCloseTo(
    300
  )
  // Half of it is read by the other one already.
  expect(await timeElsewhere(30_000, [], { tokens: 60_000, seconds: 12 }, ratio)).toBeCloseTo(150)
  // The loaded one has read all of it: `seconds` are those of a token.
  expect(await timeElsewhere(30_000, [], { tokens: 0, seconds: 0.0002 }, ratio)).toBeCloseTo(150)
})
