/** The counting on reports that both programs wrote of one flaky, one passed, one failed and one skipped test. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { closingLines, countOf } from './count.mjs'

const recorded = (name: string) =>
  JSON.parse(readFileSync(join(import.meta.dirname, 'recorded', `${name}.json`), 'utf8')) as object
const [vitest, playwright] = [recorded('vitest'), recorded('playwright')]

test('what passed only when tried again is told by name, and is neither passed nor failed', () => {
  expect(countOf(undefined, playwright)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 1,
    flaky: ['[browser] f.spec.ts:3: a group › passes the second time']
  })
  expect(countOf(vitest, undefined)).toEqual({
    passed: 1,
    failed: 1,
    skipped: 2,
    flaky: ['tools/f.test.ts: a group passes the second time']
  })
  expect(countOf(vitest, playwright)).toMatchObject({ passed: 2, failed: 2, skipped: 3 })
  expect(countOf(undefined, undefined)).toEqual({ passed: 0, failed: 0, skipped: 0, flaky: [] })
})

test('the closing line stands alone and last, whatever is told before it', () => {
  const lines = closingLines(countOf(vitest, playwright), ['vitest', 'playwright'])
  expect(lines.at(-1)).toBe('2 passed, 2 failed, 3 skipped')
  expect(lines).toContain('2 flaky tests passed only when tried again, and are not among the passed:')
  expect(lines).toContain('  flaky: [browser] f.spec.ts:3: a group › passes the second time')
  expect(lines.filter(line => /^\d+ passed, \d+ failed, \d+ skipped$/.test(line))).toHaveLength(1)
  expect(closingLines({ passed: 3, failed: 0, skipped: 0, flaky: [] }, [])).toEqual([
    '3 passed, 0 failed, 0 skipped'
  ])
  // A step that failed without a report (types, lint) is a failure too.
  expect(closingLines({ passed: 3, failed: 0, skipped: 0, flaky: [] }, ['types']).at(-1)).toBe(
    '3 passed, 1 failed, 0 skipped'
  )
  // So is what Vitest does not count: a hook, a file that does not load. It is named right before the count.
  const told = closingLines(
    { passed: 3, failed: 0, skipped: 0, flaky: [] },
    ['vitest'],
    ['a: hook', 'b: not run']
  )
  expect(told).toEqual([
    '  failed: a: hook',
    '  failed: b: not run',
    '',
    'Failed: vitest',
    '',
    '3 passed, 2 failed, 0 skipped'
  ])
})
