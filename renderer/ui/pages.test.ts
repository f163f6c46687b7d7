import { beforeEach, expect, test } from 'vitest'
import i18next from '../words/index'
import { pagesOf, pageWords, partWords } from './pages'

beforeEach(async () => {
  await i18next.changeLanguage('en')
})

test.each([
  [0, 1],
  [2_000, 1],
  [31_000, 17],
  [572_000, 320],
  [3_227_000, 1_800],
  [50_000_000, 28_000]
])('%i characters are about %i pages', (characters, pages) => {
  expect(pagesOf({ characters })).toBe(pages)
})

test('what was printed is counted, not estimated', () => {
  expect(pageWords({ characters: 244_000, sheets: 60 })).toBe('60 pages')
  expect(pageWords({ characters: 3_227_000 })).toBe('about 1,800 pages')
  expect(pageWords({ characters: 100 })).toBe('about 1 page')
})

test('a part is told in pages of the whole, and never more of them than there are', () => {
  expect(partWords({ characters: 1, sheets: 60 }, 34_496, 89_374)).toBe('about 23 of 60 pages')
  expect(partWords({ characters: 31_000 }, 8_086, 8_086)).toBe('about 17 of 17 pages')
  expect(partWords({ characters: 10 }, 0, 0)).toBe('about 0 of 1 page')
  expect(partWords({ characters: 1, sheets: 60 }, 300, 89_374)).toBe('less than 1 of 60 pages')
  expect(partWords({ characters: 10 }, 300, 700)).toBe('less than 1 of 1 page')
})
