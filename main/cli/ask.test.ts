/** `ask`: what stands on standard output with --json, what a person sees, what the second run reuses, how a chat goes on. */
import { cpSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, type Run, samples, temporary, terminal } from './testing/cli'

const folder = temporary()
const library = join(folder, 'library')
const embeddedModel = join(samples, '..', 'models', 'small')
const sample = join(samples, 'the-keeper-of-skerry-light.txt')
const text = readFileSync(sample, 'utf8')
const number = expect.any(Number)

let first: Run

test('the sample with --json: JSON lines alone, in the promised shapes, and the right answer', async () => {
  first = await cli(['ask', '--json', '--library', library])
  expect([first.code, first.stderr]).toEqual([0, ''])
  const types = first.records.map(({ type }) => type)
  expect([...new Set(types)]).toEqual(['plan', 'progress', 'read', 'answer'])
  const progress = first.records.filter(({ type }) => type === 'progress')
  for (const record of progress)
    expect(record).toMatchObject({
      tokens: number,
      total: number,
      reused: 0,
      percent: number,
      pageFileBytes: number
    })
  const tokens = progress.map(record => record.tokens)
  expect(tokens).toEqual([...tokens].sort((a, b) => a - b))
  const read = first.last('read')
  expect(read).toMatchObject({ reused: 0, computed: read.tokens, seconds: number, pageFileBytes: number })
  expect(read.tokens).toBe(progress[0].total)
  const answer = first.last('answer')
  expect(answer).toMatchObject({ tokens: number, firstTokenSeconds: number, tokensPerSecond: number })
  expect(answer.text).toContain('4821')
  expect(answer).toMatchObject({ trust: 'sure', border: 0.75, certainty: number })
  // Every token and the end.
  expect(answer.probabilities).toHaveLength(answer.tokens + 1)
  for (const share of answer.probabilities) expect(share > 0 && share <= 1.000001).toBe(true)
  expect(answer.sources.length).toBeGreaterThan(0)
  for (const { start, end, score, text: passage } of answer.sources) {
    expect(text.slice(start, end)).toBe(passage)
    expect(score).toBeGreaterThan(0)
  }
  expect(answer.sources[0].text).toContain('4821')
})

test('a second run, with the file named: everything is reused, nothing computed, the same answer', async () => {
  const run = await cli([
    'ask',
    sample,
    'What is the special magic Lisbon number?',
    '--json',
    '--library',
    library
  ])
  const { tokens, document, pageFileBytes } = first.last('read')
  expect(run.last('read')).toMatchObject({ tokens, reused: tokens, computed: 0, document, pageFileBytes })
  const { firstTokenSeconds: a, tokensPerSecond: b, ...answer } = first.last('answer')
  expect([typeof a, typeof b]).toEqual(['number', 'number'])
  expect(run.last('answer')).toMatchObject(answer)
})

test('for people: the answer and its passages on standard output, all remarks on standard error', async () => {
  const run = await cli(['ask', '--library', library])
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^\nQuestion: What is the special magic Lisbon number\?\n\n4821\n/)
  expect(run.stdout).toMatch(
    /\[1\] characters [\d,]+ to [\d,]+, \d+% of the attention\n {4}.*The special magic Lisbon/
  )
  expect(run.stderr).toMatch(
    /Reopened the-keeper-of-skerry-light\.txt: (\d+) of \1 tokens from disk in .* none read again/
  )
  expect(run.stderr).toMatch(/First token after .*; all 558 tokens of the document were in view/)
  expect(run.stderr).not.toMatch(/Warning|artificially/)
})

test('as sure as was measured: an unsure answer says so, a count is searched, without a card nothing is claimed', async () => {
  const trusting = join(folder, 'trusting')
  const silver = ['ask', sample, 'Who gave the keeper his silver watch?', '--library', trusting]
  const unsure = (await cli([...silver, '--json'])).last('answer')
  expect(unsure).toMatchObject({ trust: 'unsure', border: 0.75 })
  expect((await cli(silver)).stdout).toMatch(
    /\nNot sure \(0\.\d\d; below 0\.75 this model is more often wrong than right\)\. These passages looked closest:\n/
  )

  const often = ['ask', sample, 'How often is the keeper mentioned?', '--library', trusting]
  const places = text.match(/keeper/gi)!.length
  expect((await cli([...often, '--json'])).last('answer').counted).toEqual({ words: 'keeper', places })
  expect((await cli(often)).stdout).toContain(
    `Exact search: “keeper” stands at ${places} places of the text.`
  )

  const [bare, broken] = ['bare', 'broken'].map(name => join(folder, name))
  for (const model of [bare, broken]) cpSync(embeddedModel, model, { recursive: true })
  rmSync(join(bare, 'readonce.json'))
  writeFileSync(join(broken, 'readonce.json'), '{"border": 7}')
  const claimed = [
    'ask',
    sample,
    '--json',
    '--library',
    trusting,
    'When was the lighthouse built?',
    '--model'
  ]
  expect((await cli([...claimed, bare])).last('answer')).toMatchObject({ trust: 'unmeasured', border: null })
  const people = await cli([
    'ask',
    sample,
    'When was the lighthouse built?',
    '--library',
    trusting,
    '--model',
    broken
  ])
  expect(people.code).toBe(0)
  expect(people.stdout).toContain('How far this model can be trusted was not measured.')
  expect(people.stderr).toMatch(/readonce\.json of this model is not used: .*border/)
})

test('a first reading for people shows progress on standard error', async () => {
  const run = await cli(['ask', '--library', join(folder, 'fresh')])
  expect(run.stderr).toMatch(/558 tokens to read, about [\d.]+ .B on disk/)
  expect(run.stderr).toMatch(/Reading: 558 of 558 tokens \(100\.0%\), [\d,]+ tokens\/s, [\d.]+ .B on disk/)
  expect(run.stderr).toMatch(/Read .*: 558 tokens \(0 reused, 558 read\)/)
})

test('a chat by --json: one answer a line, an empty line ends it, the conversation is kept', async () => {
  const input = 'What is the special magic Lisbon number?\nWho was Agnes Moore?\n\nNever asked?\n'
  const run = await cli(['ask', sample, '--json', '--library', library, '--tokens', '12'], { input })
  expect([run.code, run.stderr]).toEqual([0, ''])
  const answers = run.records.filter(({ type }) => type === 'answer')
  expect(answers).toHaveLength(2)
  expect(answers[0].text).toContain('4821')
  expect(answers[1].tokens).toBeLessThanOrEqual(12)
  expect(run.last('read').computed).toBe(0)
  const chats = join(library, 'documents', run.last('read').document, 'chats')
  const kept = readdirSync(chats).map(name => JSON.parse(readFileSync(join(chats, name), 'utf8')).messages)
  expect(kept.map(messages => messages.length).sort()).toEqual([2, 2, 2, 4])
  const stateOf = { end: 'answered', length: 'cut' } as const
  expect(kept.find(messages => messages.length === 4)).toMatchObject([
    { content: 'What is the special magic Lisbon number?' },
    { content: answers[0].text, state: stateOf[answers[0].stop as 'end'] },
    { content: 'Who was Agnes Moore?' },
    { content: answers[1].text, state: stateOf[answers[1].stop as 'end'] }
  ])
})

test('a chat for people: a prompt on standard error, answers alone on standard output', async () => {
  const run = await cli(['ask', sample, '--library', library], {
    input: 'What is the special magic Lisbon number?'
  })
  expect(run.code).toBe(0)
  expect(run.stdout).toMatch(/^\n4821\n/)
  expect(run.stderr).toContain('Ask about the text; an empty line ends.')
  expect(run.stderr).toContain('> ')
})

test.skipIf(process.platform !== 'linux')(
  'Ctrl-C at a terminal stops the answer and not the chat; where there is no answer, it ends the chat',
  async () => {
    const own = join(folder, 'terminal')
    const endless = ['--temperature', '10', '--tokens', '3000', '--seed', '1']
    const typed = terminal(['ask', sample, '--library', own, ...endless])
    await typed.shows('> ')
    typed.types('Who was Agnes Moore?\r')
    // Its words, and not the question's echo.
    await typed.shows(/Moore\?[\s\S]*\n\S+ \S+ \S+/)
    typed.types('\x03')
    await typed.shows(/\(stopped\)[\s\S]*First token after[\s\S]*> /)
    typed.types('\x03')
    expect(await typed.ended).toBe(0)
    const [document] = readdirSync(join(own, 'documents'))
    const chats = join(own, 'documents', document, 'chats')
    const [kept] = readdirSync(chats).map(name => JSON.parse(readFileSync(join(chats, name), 'utf8')))
    expect(kept.messages.map(({ state }: { state?: string }) => state)).toEqual([undefined, 'stopped'])
  }
)

test('options of sampling reach the sampler: a seed repeats, a limit cuts and says so', async () => {
  const question = ['ask', sample, 'What did the keeper count every morning?', '--library', library]
  const drawn = [...question, '--json', '--temperature', '1.5', '--top-k', '40', '--tokens', '16']
  const [one, same, other] = await Promise.all([
    cli([...drawn, '--seed', '3', '--library', library]),
    cli([...drawn, '--seed', '3', '--library', join(folder, 'second')]),
    cli([...drawn, '--seed', '4', '--library', join(folder, 'third')])
  ])
  expect(same.last('answer').text).toBe(one.last('answer').text)
  expect(other.last('answer').text).not.toBe(one.last('answer').text)
  const cut = await cli([...question, '--tokens', '1'])
  expect(cut.stdout).toContain('--tokens allows more')
})
