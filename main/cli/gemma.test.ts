/** A folder of Gemma 4 as it is published, given to --model: read, asked, interrupted, gone on with, reopened, cited, forgotten. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { gemmaFolder } from '../../gpu/testing/gemma-folder'
import { gemmaMarks } from '../../gpu/testing/gemma-tokenizer'
import { cli, type Record, temporary } from './testing/cli'

const folder = temporary()
const model = join(folder, 'gemma-4-tiny-it')
const library = join(folder, 'library')
const document = join(folder, 'story.txt')
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
  mkdirSync(model)
  for (const [name, bytes] of gemmaFolder()) writeFileSync(join(model, name), bytes)
  writeFileSync(document, text)
})

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
