/** A page file cut or flipped anywhere, its checkpoint too: the program works, and says what it says of a whole one. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { long } from '../../gpu/testing/long'
import { Random } from '../../gpu/testing/random'
import { cli, type Record, samples, temporary } from './testing/cli'

const folder = temporary()
const [complete, stopped] = [join(folder, 'complete'), join(folder, 'stopped')]
const sample = join(samples, 'the-keeper-of-skerry-light.txt')
const ask = (library: string) => [
  ...['ask', sample, 'What is the special magic Lisbon number?', '--json', '--chunk', '64'],
  ...['--library', library]
]
let expected: Record
let tokens: number
let stoppedAt: number
let count = 0

beforeAll(async () => {
  const run = await cli(ask(complete))
  tokens = run.last('read').tokens
  const { text, sources } = run.last('answer')
  expected = { type: 'answer', text, tokens: run.last('answer').tokens, sources }
  const halfway = await cli(ask(stopped), { at: { pages: 1, signal: 'SIGINT' } })
  expect([halfway.code, halfway.stderr]).toEqual([1, expect.stringMatching(/^Stopped at /)])
  stoppedAt = halfway.last('stopped').tokens
})

const files = (library: string) => {
  const documents = join(library, 'documents')
  const document = join(documents, readdirSync(documents)[0])
  return (end: string) =>
    join(
      document,
      readdirSync(document).find(name => name.endsWith(end))!
    )
}

/** Asks a library whose file was spoiled, twice: the answer is the one expected, the second time nothing is computed. */
async function spoiled(from: string, end: string, spoil: (bytes: Buffer) => Buffer): Promise<number> {
  const library = join(folder, `case ${count++}`)
  cpSync(from, library, { recursive: true })
  const file = files(library)(end)
  writeFileSync(file, spoil(readFileSync(file)))
  const run = await cli(ask(library))
  expect([run.code, run.stderr]).toEqual([0, ''])
  expect(run.last('answer')).toMatchObject(expected)
  const { reused, computed } = run.last('read')
  expect(reused + computed).toBe(tokens)
  if (count % 5 === 0) expect((await cli(ask(library))).last('read').computed).toBe(0)
  rmSync(library, { recursive: true })
  return reused
}

const flip = (at: number) => (bytes: Buffer) => {
  bytes[at] ^= 1 << (at % 8)
  return bytes
}

// Header and identity, the first records' headers, then anywhere; from the end as well.
const random = new Random(77)
const anywhere = Array.from({ length: 5 }, () => random.integer(2 ** 31))
const places = long('damage') ? [0, 60, 300, 760, ...anywhere] : [60, 300, anywhere[0]]

describe('a page file', () => {
  test.each(places)('of a whole reading, cut at %i', async at => {
    await spoiled(complete, '.pages', bytes => bytes.subarray(0, at % bytes.length))
  })

  test.each(places)('of a whole reading, flipped at %i', async at => {
    await spoiled(complete, '.pages', bytes => flip(at % bytes.length)(bytes))
  })

  test.each(places.slice(-2))('of a stopped reading, cut at %i', async at => {
    await spoiled(stopped, '.pages', bytes => bytes.subarray(0, at % bytes.length))
  })

  test('that lacks its last byte, or has bytes of another file behind it', async () => {
    await spoiled(complete, '.pages', bytes => bytes.subarray(0, -1))
    expect(await spoiled(complete, '.pages', bytes => Buffer.concat([bytes, bytes.subarray(0, 999)]))).toBe(
      tokens
    )
  })
})

describe('a checkpoint', () => {
  test('undamaged: it serves', async () => {
    expect(await spoiled(stopped, '.checkpoint', bytes => bytes)).toBe(stoppedAt)
  })

  test.each([...(long('damage') ? [0, 62] : []), 70, ...places.slice(-2)])(
    'flipped at %i: no use, no harm',
    async at => {
      expect(await spoiled(stopped, '.checkpoint', bytes => flip(at % bytes.length)(bytes))).toBeLessThan(
        stoppedAt
      )
    }
  )

  test('cut, or replaced by something else', async () => {
    await spoiled(stopped, '.checkpoint', bytes => bytes.subarray(0, 1000))
    await spoiled(stopped, '.checkpoint', () => Buffer.from('nothing of the kind'))
  })
})
