/** `--gpu-memory`: a document that is larger is read, asked, and opened again as one that fits. */
import { writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { beforeAll, expect, test } from 'vitest'
import { writeTinyModel } from '../../gpu/testing/tiny-model'
import { cli, temporary } from './testing/cli'

const folder = temporary()
const [text, model] = ['text.txt', 'tiny'].map(name => join(folder, name))

beforeAll(async () => {
  await writeTinyModel(model, 'official-window', { seed: 21, dtype: 'F16' })
  const lines = Array.from(
    { length: 500 },
    (_, i) => `On day ${i} the keeper counted ${(i * 37) % 101} ships that passed.`
  )
  writeFileSync(text, lines.join('\n'))
})

const ask = async (library: string, ...args: string[]) => {
  const common = [
    '--model',
    model,
    '--library',
    join(folder, library),
    '--json',
    '--tokens',
    '12',
    '--profile'
  ]
  const run = await cli(['ask', text, 'How many ships passed?', ...common, ...args])
  expect(run.code, run.stderr).toBe(0)
  const { text: said, sources, probabilities } = run.last('answer')
  return {
    run,
    read: run.last('read'),
    answer: { said, sources, probabilities },
    memory: run.last('profile').memory
  }
}

test('the same answer and a page file of the same size, within the limit, and the cost is told before', async () => {
  const whole = await ask('whole')
  const { memory } = whole
  const limit = Math.floor(memory.peak - 0.2 * memory.peaks.pages)
  const limited = await ask('limited', '--gpu-memory', `${limit}`)
  expect(limited.answer).toEqual(whole.answer)
  expect(limited.read.pageFileBytes).toBe(whole.read.pageFileBytes)
  expect(limited.memory.peaks.pages).toBeLessThan(memory.peaks.pages)
  expect(limited.memory.peak).toBeLessThanOrEqual(limit)
  expect(whole.run.last('plan').streamingSecondsPerWord).toBeUndefined()
  expect(limited.run.last('plan').streamingSecondsPerWord).toBeGreaterThan(0)

  const again = await ask('limited', '--gpu-memory', `${limit}`)
  expect(again.read).toMatchObject({ computed: 0, reused: whole.read.tokens })
  expect(again.answer).toEqual(whole.answer)
  const forPeople = await cli([
    ...['read', text, '--model', model, '--library', join(folder, 'limited'), '--gpu-memory', `${limit}`]
  ])
  expect(forPeople.stderr).toMatch(
    /text.txt is larger than the graphics memory: a part of it stays on disk, and answers/
  )
})

test('less than the model takes is refused with both numbers, and what is no size by the usage', async () => {
  const common = ['--model', model, '--library', join(folder, 'none')]
  const tight = await cli(['read', text, ...common, '--gpu-memory', '100K'])
  expect(tight.code).toBe(1)
  expect(tight.stderr).toMatch(/tiny takes \d+ MiB of graphics memory .* and 1 MiB may be used/)
  const wrong = await cli(['read', text, ...common, '--gpu-memory', 'much'])
  expect([wrong.code, wrong.stderr]).toEqual([
    2,
    expect.stringContaining('it takes a size such as 512M or 6G')
  ])
})
