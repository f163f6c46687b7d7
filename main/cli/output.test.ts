import { afterEach, expect, test, vi } from 'vitest'
import { Output } from './output'

afterEach(() => vi.restoreAllMocks())

/** What reading a million tokens tells: 3,400 chunks, one every 20 milliseconds. */
function told(json: boolean): string[] {
  let clock = 0
  const lines: string[] = []
  const stream = json ? process.stdout : process.stderr
  vi.spyOn(stream, 'write').mockImplementation(text => lines.push(String(text)) > 0)
  vi.spyOn(performance, 'now').mockImplementation(() => clock)
  const output = new Output(json)
  const chunks = 3400
  for (let i = 1; i <= chunks; i++) {
    clock = i * 20
    const news = { total: chunks * 300, reused: 0, seconds: clock / 1000, tokensPerSecond: 15000, bytes: 0 }
    output.progress({ ...news, tokens: i * 300 })
    // The end is told twice: by the last chunk, and when all is saved.
    if (i === chunks) output.progress({ ...news, tokens: i * 300 })
  }
  return lines
}

test('with --json progress comes at most ten times a second, and its end once', () => {
  const lines = told(true)
  const seconds = (3400 * 20) / 1000
  expect(lines.length).toBeGreaterThan(5 * seconds)
  expect(lines.length).toBeLessThanOrEqual(10 * seconds + 1)
  const records = lines.map(line => JSON.parse(line) as { type: string; tokens: number; percent: number })
  expect(records.every(({ type }) => type === 'progress')).toBe(true)
  expect(records.filter(({ percent }) => percent === 100)).toHaveLength(1)
  expect(records.at(-1)!.tokens).toBe(3400 * 300)
})

test('a file of what is told to people gets a line every two seconds', () => {
  const before = process.stderr.isTTY
  process.stderr.isTTY = false
  try {
    expect(told(false).length).toBeLessThanOrEqual(68 / 2 + 2)
  } finally {
    process.stderr.isTTY = before
  }
})
