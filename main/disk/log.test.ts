import { mkdtempSync, readdirSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { Log, withoutNames } from './log'

test('a log never takes more than two files of a megabyte, and its tail is the newest', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'readonce-log-'))
  const log = new Log(() => folder)
  for (let i = 0; i < 2500; i++) log.write('test', { i, filler: 'x'.repeat(1000) })
  await log.written()
  const files = readdirSync(join(folder, 'logs')).sort()
  expect(files).toEqual(['log.1.jsonl', 'log.jsonl'])
  for (const file of files) expect(statSync(join(folder, 'logs', file)).size).toBeLessThanOrEqual(1_000_000)
  const tail = await log.tail(3)
  expect(tail.map(line => (JSON.parse(line) as { i: number }).i)).toEqual([2497, 2498, 2499])
  rmSync(folder, { recursive: true })
})

test('a log that cannot be written is no failure', async () => {
  const log = new Log(() => '/dev/null/nowhere')
  log.write('test')
  expect(await log.tail(5)).toEqual([])
})

test.each([
  ["ENOENT: no such file or directory, open '/home/ada/My diary.txt'", ['ada', 'diary']],
  ['cannot read /home/ada/My diary.txt now', ['ada']],
  ['cannot read C:\\Users\\ada\\diary\\x.txt', ['ada', 'diary']],
  ['The document "My diary" is gone', ['diary']]
])('%s names nobody', (text, names) => {
  const left = withoutNames(text)
  for (const name of names) expect(left).not.toContain(name)
  expect(left.length).toBeGreaterThan(10)
})
