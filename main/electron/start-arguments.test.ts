import { resolve } from 'node:path'
import { describe, expect, test } from 'vitest'
import { readArguments } from './start-arguments'

const read = (line: string, packaged = true) => readArguments(['readonce', ...line.split(' ')], packaged)

describe('the library', () => {
  test.each([
    ['--library /data a.txt', '/data', ['a.txt']],
    ['--library=/data a.txt', '/data', ['a.txt']],
    ['a.txt --library /data', '/data', ['a.txt']],
    ['a.txt', undefined, ['a.txt']],
    ['a.txt --library', '', ['a.txt']],
    ['--library --in-process-gpu a.txt', '', ['a.txt']],
    ['--library= a.txt', '', ['a.txt']]
  ])('of %j is %j, and is no document', (line, library, files) => {
    expect(read(line)).toMatchObject({ library, files: files.map(each => resolve(each)) })
  })
})

describe('files', () => {
  test.runIf(process.platform !== 'win32')('may come as addresses, as file managers give them', () => {
    expect(read('file:///home/a/My%20book.txt FILE:///b.md /c.md').files).toEqual([
      '/home/a/My book.txt',
      '/b.md',
      '/c.md'
    ])
  })
  test('an address of another computer is a file that is not there, not the end of the program', () => {
    expect(read('file://server/a.txt').files).toHaveLength(1)
    expect(read('file://%').files).toHaveLength(1)
  })
  test('of a checkout begin behind its folder', () => {
    expect(read('/checkout --ozone-platform=x11 a.txt', false)).toMatchObject({
      files: [resolve('a.txt')],
      again: ['/checkout', '--ozone-platform=x11']
    })
  })
})

test('another start gets the switches and the library, and not the files again', () => {
  expect(read('--ozone-platform=x11 a.txt --library /data b.txt').again).toEqual([
    '--ozone-platform=x11',
    `--library=${resolve('/data')}`
  ])
})
