import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterEach, beforeEach, expect, test } from 'vitest'
import { longModes, longPassed, longRuns, readRecord, writeRecord } from './long.mjs'

let root: string
const put = (path: string, text: string) => {
  mkdirSync(join(root, path, '..'), { recursive: true })
  writeFileSync(join(root, path), text)
}
const modes = {
  kernels: { test: 'gpu/a.test.ts', guards: ['gpu'] },
  disk: { test: 'main/b.test.ts', guards: ['main/**', 'one.ts'] }
}
const record = () => join(root, 'long.json')
const due = () => longRuns(readRecord(record()), root, modes).due

beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'readonce-long-'))
  for (const path of ['gpu/a.test.ts', 'gpu/k.wgsl', 'main/b.test.ts', 'main/deep/c.ts', 'one.ts'])
    put(path, path)
  writeRecord(record(), longRuns({}, root, modes).digests)
})
afterEach(() => rmSync(root, { recursive: true }))

test('a long mode is due where its test, or the code that it guards, is not what was recorded', () => {
  expect(due()).toEqual([])
  put('gpu/k.wgsl', 'another')
  expect(due()).toEqual(['kernels'])
  put('main/deep/c.ts', 'another')
  expect(due()).toEqual(['kernels', 'disk'])
  writeRecord(record(), longRuns({}, root, modes).digests)
  expect(due()).toEqual([])
  put('main/b.test.ts', 'another')
  put('gpu/new.ts', 'new')
  expect(due()).toEqual(['kernels', 'disk'])
})

test('other tests, other kinds of files and line ends are no change', () => {
  put('gpu/other.test.ts', 'new')
  put('gpu/README.md', 'new')
  put('gpu/deeper/not-asked-for.ts', 'new')
  put('one.ts', 'a\nb\n')
  writeRecord(record(), longRuns({}, root, modes).digests)
  put('one.ts', 'a\r\nb\r\n')
  expect(due()).toEqual([])
})

test('without a record, and with a broken one, all are due', () => {
  rmSync(record())
  expect(due()).toEqual(['kernels', 'disk'])
  writeFileSync(record(), '{')
  expect(due()).toEqual(['kernels', 'disk'])
})

test('what is named and not there is no guard', () => {
  const wrong = { kernels: { test: 'gpu/a.test.ts', guards: ['moved'] } }
  expect(() => longRuns({}, root, wrong)).toThrow('names moved, which is not there')
  expect(Object.keys(longRuns({}).digests)).toEqual(Object.keys(longModes))
})

test('recorded is what ran as a whole and passed', () => {
  const report = (status: string) => ({
    testResults: [{ name: '/x/gpu/a.test.ts', assertionResults: [{ status: 'passed' }, { status }] }]
  })
  expect(longPassed(['kernels', 'disk'], report('passed'), modes)).toEqual(['kernels'])
  expect(longPassed(['disk'], report('passed'), modes)).toEqual([])
  expect(longPassed(['kernels'], report('skipped'), modes)).toEqual([])
  expect(longPassed(['kernels'], report('failed'), modes)).toEqual([])
  expect(longPassed(['kernels'], undefined, modes)).toEqual([])
})
