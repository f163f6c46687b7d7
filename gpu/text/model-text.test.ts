/** Long texts become tokens without stopping the thread they share with messages and answers. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, it } from 'vitest'
import { openModelFolder } from '../model-folder'
import { deafFor } from '../testing/beats'
import { memoryFiles } from '../testing/memory-files'
import { countTokens, documentIds, documentIdsInPieces, openModelText } from './model-text'

const assets = join(import.meta.dirname, '..', '..', 'assets')
const names = ['model.safetensors', 'params.json', 'tokenizer.json', 'tokenizer_config.json']
const files = new Map(names.map(name => [name, readFileSync(join(assets, 'models', 'small', name))]))
const modelText = (await openModelText(await openModelFolder(memoryFiles('embedded', files))))!
const book = readFileSync(join(assets, 'samples', 'the-adventures-of-sherlock-holmes.txt'), 'utf8')

it('the ids are those of the whole; progress rises to 1; others get their turn all the time', async () => {
  const whole = documentIds(modelText, book)
  const told: number[] = []
  let ids: Uint32Array | undefined
  const { median } = await deafFor(async () => {
    ids = await documentIdsInPieces(modelText, book, { onTokenizing: done => void told.push(done) })
  })
  expect(ids).toEqual(whole)
  expect(told).toEqual([...told].sort((a, b) => a - b))
  expect([told[0], told.at(-1)]).toEqual([0, 1])
  expect(told.length).toBeGreaterThan(20)
  // 15 to 25 ms where nobody else works; the longest may hold a garbage collection.
  expect(median).toBeLessThan(50)
})

it('stops between two pieces when told so', async () => {
  const stop = new AbortController()
  const told: number[] = []
  const onTokenizing = (done: number) => {
    told.push(done)
    if (done > 0.2) stop.abort()
  }
  await expect(
    documentIdsInPieces(modelText, book, { signal: stop.signal, onTokenizing })
  ).rejects.toMatchObject({ code: 'cancelled' })
  expect(told.at(-1)).toBeLessThan(0.3)
})

it('an estimate is off by some percent at most, wherever the bound lies', async () => {
  for (const text of [
    book,
    book.slice(0, 200_000),
    book.slice(100_000, 140_000),
    book.replace(/\s+/g, ' '),
    // Half a book, a table of numbers, another alphabet: no piece is like the whole.
    book.slice(0, 150_000) + '17;0.0391;Ab-3\n'.repeat(4000) + 'Далеко за горами '.repeat(2000)
  ]) {
    const counted = documentIds(modelText, text).length
    const { tokens, exact } = await countTokens(modelText, text, 1000)
    expect(exact).toBe(false)
    expect(Math.abs(tokens / counted - 1)).toBeLessThan(0.03)
    expect(await countTokens(modelText, text, text.length)).toEqual({ tokens: counted, exact: true })
  }
})
