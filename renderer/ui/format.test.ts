import i18next from 'i18next'
import { beforeEach, describe, expect, it } from 'vitest'
import { bytes, duration, durations, grouped, listed, percent, relativeDate } from './format'

beforeEach(async () => {
  await i18next.init({ lng: 'en' })
})

const speak = (language: string) => i18next.changeLanguage(language)

describe('numbers for people', () => {
  it('groups thousands as the language does', async () => {
    expect(grouped(312480.4)).toBe('312,480')
    await speak('de')
    expect(grouped(312480)).toBe('312.480')
    expect(bytes(1_234_567)).toBe('1,2 MB')
    expect(percent(62, 100)).toBe('62\u00a0%')
  })

  it('lists names as the language does', async () => {
    expect(listed(['A'])).toBe('A')
    expect(listed(['A', 'B'])).toBe('A and B')
    await speak('de')
    expect(listed(['A', 'B', 'C'])).toBe('A, B und C')
  })

  it.each([
    [0, '0 bytes'],
    [999, '999 bytes'],
    [1000, '1.0 kB'],
    [9_949, '9.9 kB'],
    [9_960, '10 kB'],
    [999_400, '999 kB'],
    [999_600, '1.0 MB'],
    [80_000_000, '80 MB'],
    [1_200_000_000, '1.2 GB'],
    [20_000_000_000_000, '20 TB']
  ])('%i bytes are %s', (value, words) => expect(bytes(value)).toBe(words))

  it.each([
    [0.84, '0.8 s'],
    [9.96, '10 s'],
    [59.4, '59 s'],
    [59.6, '1 min'],
    [190, '3 min 10 s'],
    [599.6, '10 min'],
    [3599, '1 h'],
    [7500, '2 h 5 min']
  ])('%f seconds are %s', (value, words) => expect(duration(value)).toBe(words))

  it('says 100% of nothing less', () => {
    expect(percent(312_479, 312_480)).toBe('99%')
    expect(percent(312_479, 312_480, true)).toBe('99.9%')
    expect(percent(312_480, 312_480, true)).toBe('100.0%')
    expect(percent(29, 100)).toBe('29%')
    expect(percent(0, 0)).toBe('0%')
  })

  it.each([
    [5, 'now'],
    [90, '2 minutes ago'],
    [3600, '1 hour ago'],
    [86_400, 'yesterday'],
    [3 * 86_400, '3 days ago'],
    [30 * 86_400, 'May 2, 2026']
  ])('%i seconds ago is "%s"', (seconds, words) => {
    // Noon where the test runs: a date is that of the person's own clock.
    const now = new Date(2026, 5, 1, 12).getTime()
    expect(relativeDate(new Date(now - seconds * 1000).toISOString(), now)).toBe(words)
  })
})

it('writes a range of durations with one unit where one will do', () => {
  const to = (from: string, until: string): string => `${from} to ${until}`
  expect(durations(300, 610, to)).toBe('5 to 10 min')
  expect(durations(40, 170, to)).toBe('40 s to 3 min')
  expect(durations(3000, 9000, to)).toBe('50 min to 2.5 h')
  expect(durations(100, 110, to)).toBe('2 min')
})
