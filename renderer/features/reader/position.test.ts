import { describe, expect, test } from 'vitest'
import type { DocumentInfo } from '../../../contract/document'
import { excerptAround } from './excerpt'
import { levelsOf, partAt, sectionsOf } from './outline'
import { parsePlace, percentPosition, sheetPosition } from './position'
import { readShare } from './read-share'

describe('outline', () => {
  test('the part that an offset lies in', () => {
    expect([0, 4, 5, 6, 9, 10, 11].map(offset => partAt([5, 10], offset))).toEqual([-1, -1, 0, 0, 0, 1, 1])
  })
  test('levels begin with 1, headings know their page', () => {
    const headings = [
      { title: 'A', level: 2, start: 0 },
      { title: 'B', level: 3, start: 120 }
    ]
    expect(levelsOf(headings)).toEqual([1, 2])
    expect(sectionsOf({ headings, sheets: [10, 100] }, String)).toEqual([
      { title: 'A', level: 1, start: 0, sheet: 1 },
      { title: 'B', level: 2, start: 120, sheet: 2 }
    ])
  })
  test('pages stand in for headings', () => {
    expect(sectionsOf({ headings: [], sheets: [0, 7] }, sheet => `p. ${sheet}`)).toEqual([
      { title: 'p. 1', level: 1, start: 0 },
      { title: 'p. 2', level: 1, start: 7 }
    ])
  })
})

describe('position', () => {
  test('pages are counted from 1, and what comes before the first belongs to it', () => {
    expect([0, 3, 9, 10].map(offset => sheetPosition([3, 10], offset))).toEqual(
      [1, 1, 1, 2].map(sheet => ({ name: 'sheet', sheet, sheets: 2 }))
    )
  })
  test('percent is rounded: what was jumped to is a row, and its middle may lie a little before', () => {
    expect([0, 729_990, 730_010, 1_000_000].map(offset => percentPosition(offset, 1_000_000))).toEqual(
      [0, 73, 73, 100].map(percent => ({ name: 'percent', percent }))
    )
    expect(percentPosition(0, 0)).toEqual({ name: 'percent', percent: 0 })
  })
  test('pages by the names that the document gives them, and by their count where none is called so', () => {
    const names = ['i', 'ii', '1', '2']
    expect(['II', ' 1 ', '2', '4', '5'].map(typed => parsePlace(typed, 4, names))).toEqual([
      { count: 2 },
      { count: 3 },
      { count: 4 },
      { count: 4 },
      undefined
    ])
  })
  test('what people type', () => {
    expect(parsePlace('12', 300)).toEqual({ count: 12 })
    expect(parsePlace(' 1,204 ', 5000)).toEqual({ count: 1204 })
    expect(parsePlace('1.204', 5000)).toEqual({ count: 1204 })
    expect(parsePlace('1 204 567', 5_000_000)).toEqual({ count: 1_204_567 })
    expect(parsePlace('45%', 1)).toEqual({ share: 0.45 })
    expect(parsePlace('12,5 %', 1)).toEqual({ share: 0.125 })
    for (const typed of ['', '0', '301', '-1', '1.5', '101%', 'page 3', '%'])
      expect(parsePlace(typed, 300)).toBeUndefined()
  })
})

describe('how far the model has read', () => {
  const reading = (read: number, updatedAt = '2026-01-01T00:00:00Z') => ({
    modelKey: 'k',
    modelName: 'm',
    tokens: 1000,
    read,
    pageFileBytes: 1,
    state: read < 1000 ? ('partial' as const) : ('complete' as const),
    updatedAt
  })
  const document = (...readings: DocumentInfo['readings']) => ({ readings }) as DocumentInfo
  test('the newest reading counts, a running one before it', () => {
    expect(readShare(document(), undefined)).toBeUndefined()
    expect(readShare(document(reading(620)), undefined)).toBe(0.62)
    expect(readShare(document(reading(1000)), undefined)).toBeUndefined()
    expect(readShare(document(reading(1000), reading(500, '2026-02-01T00:00:00Z')), undefined)).toBe(0.5)
    const progress = { tokens: 700, total: 1000, reused: 0, seconds: 1, tokensPerSecond: 1, bytes: 1 }
    expect(readShare(document(reading(620)), { name: 'reading', progress })).toBe(0.7)
  })
})

test('an excerpt is one line of whole words', () => {
  const text = `${'x'.repeat(20)} lorem ipsum dolor sit\r\namet, consectetur needle adipiscing\nelit`
  const start = text.indexOf('needle')
  expect(excerptAround(text, start, start + 6)).toEqual({
    before: '…ipsum dolor sit amet, consectetur ',
    hit: 'needle',
    after: ' adipiscing elit'
  })
})
