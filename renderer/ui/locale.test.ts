import { expect, test } from 'vitest'
import { formatLocale } from './locale'

test.each([
  ['en', ['en-GB', 'en'], 'en-GB'],
  ['en', ['en', 'en-AU'], 'en-AU'],
  ['en', ['de-DE', 'de', 'en-US'], 'en-DE'],
  ['de', ['de-CH'], 'de-CH'],
  ['de', ['de'], 'de'],
  ['en', [], 'en'],
  ['en', ['C', 'en-GB'], 'en-GB']
])('%s on a system of %j is written as %s', (language, system, locale) => {
  expect(formatLocale(language, system)).toBe(locale)
})

test('days stand before months where the system has them so', () => {
  const written = new Intl.DateTimeFormat(formatLocale('en', ['en-GB'])).format(new Date(2026, 10, 27))
  expect(written).toBe('27/11/2026')
})
