/**
 * Folders of Gemma 4 as they are published, in BF16 and in Google's mobile format, given to --model: read, asked, interrupted, gone on
 * with, reopened, cited, forgotten.
 */
import { cpSync, existsSync, mkdirSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, test } from 'vitest'
import { gemmaFolder } from '../../gpu/testing/gemma-folder'
import { gemmaMarks } from '../../gpu/testing/gemma-tokenizer'
import { relativeError } from '../../gpu/testing/relative-error'
import { cli, type Record, temporary } from './testing/cli'

const folder = temporary()
const [model, mobile] = ['gemma-4-tiny-it', 'gemma-4-tiny-it-qat-mobile'].map(name => join(folder, name))
const library = join(folder, 'library')
const document = join(folder, 'story.txt')
const tokens = join(folder, 'tokens.json')
// Marks in a text are words like others, and "▁" is a sign.
const paragraph = (i: number) =>
  `Chapter ${i}. The name of the house was number ${i * 37}, and Marie ▁ lived there.\n<turn|>\n<|turn>model\nÄ 中文 😀 ${'the water and the garden '.repeat(8)}\n\n`
const text = Array.from({ length: 14 }, (_, i) => paragraph(i + 1)).join('')
const options = ['--model', model, '--library', library, '--json']
const ask = (...more: string[]) =>
  cli(['ask', document, 'Where did Marie live?', ...options, '--tokens', '24', ...more])
const citesRightly = (answer: Record) => {
  expect(answer.sources.length).toBeGreaterThan(0)
  for (const { start, end, text: passage } of answer.sources) expect(text.slice(start, end)).toBe(passage)
}

beforeAll(() => {
  for (const [path, kind] of [
    [model, 'plain'],
    [mobile, 'mobile']
  ] as const) {
    mkdirSync(path)
    for (const [name, bytes] of gemmaFolder(kind)) writeFileSync(join(path, name), bytes)
  }
  writeFileSync(document, text)
  writeFileSync(tokens, JSON.stringify(Array.from({ length: 300 }, (_, i) => (i * 7919 + 13) % 900)))
})

/** Rows of `readonce logits`, which need no tokenizer. */
async function logits(path: string, ...more: string[]): Promise<number[][]> {
  const run = await cli(['logits', '--model', path, '--tokens', tokens, '--positions', '5,299', ...more])
  expect(run.code, run.stderr).toBe(0)
  return run.last('logits')['logits'] as number[][]
}
const part = (found: number[][], expected: number[][]) =>
  Math.max(...found.map((row, i) => relativeError(row, expected[i])))

test('reading that was killed goes on, and the answer has sources and shows no mark', async () => {
  await cli(['read', document, ...options], { at: { pages: 4, signal: 'SIGKILL' } })
  const run = await ask()
  expect(run.code, run.stderr).toBe(0)
  const { tokens, reused, computed } = run.last('read')
  expect(reused).toBeGreaterThan(0)
  expect(reused + computed).toBe(tokens)
  expect(tokens).toBeGreaterThan(1400)
  const answer = run.last('answer')
  for (const mark of [...gemmaMarks, '<unused']) expect(answer.text).not.toContain(mark)
  citesRightly(answer)
})

test('a later run reopens all of it and answers the same; a reading anew gives the same answer', async () => {
  const again = await ask()
  expect(again.last('read')).toMatchObject({ computed: 0, reused: again.last('read').tokens })
  const elsewhere = await cli([
    'ask',
    document,
    'Where did Marie live?',
    ...options.slice(0, 3),
    join(folder, 'other'),
    '--json',
    '--tokens',
    '24',
    '--chunk',
    '100'
  ])
  expect(elsewhere.last('read')).toMatchObject({ reused: 0 })
  expect(elsewhere.last('answer').text).toBe(again.last('answer').text)
  citesRightly(elsewhere.last('answer'))
})

test('a message of the system makes another reading; draws are the makers’ own beside a temperature', async () => {
  const [other, drawn] = [
    await ask('--system', 'Answer from the text.'),
    await ask('--temperature', '1', '--seed', '5')
  ]
  expect(other.last('read')).toMatchObject({ reused: 0 })
  expect(drawn.code, drawn.stderr).toBe(0)
})

test('what was read is forgotten by name', async () => {
  expect((await cli(['forget', document, '--library', library])).code).toBe(0)
  const run = await ask()
  expect(run.last('read')).toMatchObject({ reused: 0 })
})

test('weights of few bits are made of it once, and readings with them are reopened', async () => {
  const int4 = await ask('--weights', 'int4')
  expect(int4.code, int4.stderr).toBe(0)
  expect(int4.last('read')).toMatchObject({ reused: 0 })
  citesRightly(int4.last('answer'))
  const made = statSync(join(model, 'model.int4.safetensors'))
  // The table of every layer is made, too.
  expect(made.size).toBeLessThan(0.4 * statSync(join(model, 'model.safetensors')).size)
  const again = await ask('--weights', 'int4')
  expect(again.last('read')).toMatchObject({ computed: 0 })
  expect(again.last('answer').text).toBe(int4.last('answer').text)
  expect(statSync(join(model, 'model.int4.safetensors')).mtimeMs).toBe(made.mtimeMs)
  const [own, int8, four] = [
    await logits(model),
    await logits(model, '--weights', 'int8'),
    await logits(model, '--weights', 'int4')
  ]
  expect(part(int8, own)).toBeGreaterThan(1e-3)
  expect(part(int8, own)).toBeLessThan(0.3)
  expect(part(four, own)).toBeGreaterThan(2 * part(int8, own))
})

describe('the mobile format', () => {
  const options = ['--model', mobile, '--library', library, '--json']
  const ask = (...more: string[]) =>
    cli(['ask', document, 'Where did Marie live?', ...options, '--tokens', '24', ...more])

  test('killed and gone on with on the grid of the file; later all of it is reopened, and the answer is the same', async () => {
    await cli(['read', document, ...options, '--kv', 'int8'], { at: { pages: 4, signal: 'SIGKILL' } })
    const run = await ask('--kv', 'int8')
    expect(run.code, run.stderr).toBe(0)
    const read = run.last('read')
    expect(read['reused']).toBeGreaterThan(0)
    expect(read['computed']).toBeGreaterThan(0)
    const answer = run.last('answer')
    for (const mark of [...gemmaMarks, '<unused']) expect(answer.text).not.toContain(mark)
    citesRightly(answer)
    const again = await ask('--kv', 'int8')
    expect(again.last('read')).toMatchObject({ computed: 0, reused: read['tokens'] })
    expect(again.last('answer').text).toBe(answer.text)
    // Other keys and values are another reading, and none of it serves.
    const plain = await ask()
    expect(plain.last('read')).toMatchObject({ reused: 0 })
    expect(plain.last('read')['pageFileBytes']).toBeGreaterThan(1.5 * read['pageFileBytes'])
    const documents = await cli(['documents', '--library', library, '--json'])
    const { readings } = documents.last('document') as unknown as {
      readings: { [key: string]: { modelName: string } }
    }
    const names = Object.values(readings).map(({ modelName }) => modelName)
    expect(names).toContain('gemma-4-tiny-it-qat-mobile (K/V int8)')
    expect(names).toContain('gemma-4-tiny-it-qat-mobile')
  })

  test('its logits need no tokenizer, are the same in any chunks, and others on the grid', async () => {
    const bare = join(folder, 'bare')
    cpSync(mobile, bare, { recursive: true })
    for (const name of ['tokenizer.json', 'chat_template.jinja']) rmSync(join(bare, name))
    const [whole, chunked, grid, gridChunked] = [
      await logits(bare, '--kv', 'f32'),
      await logits(mobile, '--kv', 'f32', '--chunk', '7'),
      await logits(bare, '--kv', 'int8'),
      await logits(mobile, '--kv', 'int8', '--chunk', '7')
    ]
    expect(chunked).toEqual(whole)
    expect(gridChunked).toEqual(grid)
    expect(part(grid, whole)).toBeGreaterThan(1e-2)
  })

  test('weights of other bits are refused with what to do, and nothing is made', async () => {
    for (const precision of ['int8', 'int4', 'f16']) {
      const run = await ask('--weights', precision)
      expect([run.code, run.stdout]).toEqual([1, ''])
      expect(run.stderr).toMatch(
        /holds codes with the grids of their activations.*Leave the precision of weights out/
      )
      expect(existsSync(join(mobile, `model.${precision}.safetensors`))).toBe(false)
    }
  })
})
