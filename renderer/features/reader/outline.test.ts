import { expect, test } from 'vitest'
import { sectionsOf } from './outline'

const files = [
  { title: 'app/README.md', level: 1, start: 0 },
  { title: 'Setup', level: 2, start: 20 },
  { title: 'app/src/disk/file.ts', level: 1, start: 40 },
  { title: 'app/src/main.ts', level: 1, start: 60 },
  { title: 'notes.txt', level: 1, start: 80 }
]
const drawn = (isFiles: boolean): string[] =>
  sectionsOf({ headings: files, sheets: [] }, String, isFiles).map(
    ({ title, level, start }) => `${' '.repeat(level - 1)}${title} ${start}`
  )

test('the files of a folder are a tree, with the headings of each below it', () => {
  expect(drawn(true)).toEqual([
    'app/ 0',
    ' README.md 0',
    '  Setup 20',
    ' src/ 40',
    '  disk/ 40',
    '   file.ts 40',
    '  main.ts 60',
    'notes.txt 80'
  ])
})

test('elsewhere a title is a title, whatever signs it has', () => {
  expect(drawn(false)[2]).toBe('app/src/disk/file.ts 40')
})
