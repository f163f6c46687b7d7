import { expect, it } from 'vitest'
import { placeLabels, sheetOf } from './place-labels'

const words = {
  page: (page: number, name?: string) => `p. ${name ?? page}`,
  alone: (share: string) => `at ${share}`,
  share: (share: number, digits: number) => `${(share * 100).toFixed(digits)}%`
}
const headings = [
  { title: 'Chapter I', level: 1, start: 10 },
  { title: 'Chapter II', level: 1, start: 500 }
]
const labels = (starts: number[], outline: Parameters<typeof placeLabels>[1]) =>
  placeLabels(starts, outline, 1000, words)

it('page, heading or position, whichever there is', () => {
  expect(labels([30, 505, 5], { headings, sheets: [] })).toEqual([
    'Chapter I, 3%',
    'Chapter II, 51%',
    'at 1%'
  ])
  expect(labels([30, 505], { headings: [], sheets: [0, 400] })).toEqual(['p. 1', 'p. 2'])
  expect(labels([30, 505], { headings, sheets: [0, 400] })).toEqual(['Chapter I, p. 1', 'Chapter II, p. 2'])
  expect(labels([30], { headings: [], sheets: [] })).toEqual(['at 3%'])
})

it('pages are called what the document calls them', () => {
  const sheetNames = ['ii', '2', '1']
  expect(labels([30, 450, 900], { headings: [], sheets: [0, 400, 800], sheetNames })).toEqual([
    'p. ii',
    'p. 2',
    'p. 1'
  ])
})

it('the same line never stands twice', () => {
  expect(labels([30, 34, 700], { headings, sheets: [] })).toEqual([
    'Chapter I, 3.0%',
    'Chapter I, 3.4%',
    'Chapter II, 70%'
  ])
  expect(labels([30, 80], { headings: [], sheets: [0] })).toEqual(['p. 1, 3.0%', 'p. 1, 8.0%'])
})

it('a long heading leaves room for the page, and an empty text has a beginning', () => {
  const long = [{ title: 'Of the manner in which the light was kept in winter', level: 1, start: 0 }]
  expect(labels([0], { headings: long, sheets: [0] })[0]).toMatch(/^Of the manner.{10,30} …, p\. 1$/)
  expect(placeLabels([0], { headings: [], sheets: [] }, 0, words)).toEqual(['at 0%'])
})

it('pages count from 1; there is none before the first', () => {
  expect([0, 99, 100, 250, 9999].map(offset => sheetOf([0, 100, 200], offset))).toEqual([1, 1, 2, 3, 3])
  expect(sheetOf([], 5)).toBeUndefined()
  expect(sheetOf([10], 5)).toBeUndefined()
})
