/** `readonce text`: what would be read, before it is read. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { expect, test } from 'vitest'
import { cli, temporary } from './testing/cli'

const folder = temporary()
const put = (name: string, content: string | Uint8Array) => {
  writeFileSync(join(folder, name), content)
  return join(folder, name)
}
const plain = put('plain.txt', 'Zoë said:\r\n“naïve”')
const markdown = put('a.md', '# One\n\nWords.\n\n## Two\n\nMore.\n')
const broken = put('b.pdf', '%PDF-1.7 broken')

test('the text and nothing else on standard output, to the letter', async () => {
  const run = await cli(['text', plain])
  expect([run.code, run.stdout, run.stderr]).toEqual([0, 'Zoë said:\r\n“naïve”', ''])
})

test('--json: one line a file with format, encoding, notes and outline', async () => {
  const cut = put(
    'cut.txt',
    Buffer.from('Zoë, naïve, café, crème, brûlée, Ærø, Åse\xc3', 'utf8').subarray(0, -1)
  )
  const run = await cli(['text', markdown, cut, '--json'])
  expect([run.code, run.stderr]).toEqual([0, ''])
  expect(run.records).toEqual([
    {
      type: 'text',
      name: 'a.md',
      format: 'markdown',
      encoding: 'utf-8',
      text: '# One\n\nWords.\n\n## Two\n\nMore.\n',
      notes: [],
      outline: [
        { title: 'One', level: 1, start: 0 },
        { title: 'Two', level: 2, start: 15 }
      ]
    },
    expect.objectContaining({
      name: 'cut.txt',
      notes: [expect.objectContaining({ kind: 'undecoded', message: expect.stringMatching(/^1 character/) })]
    })
  ])
})

test('what is refused says so on standard error and ends with 1; the other files are printed', async () => {
  const run = await cli(['text', broken, plain, '--json'])
  expect([run.code, run.records.map(record => record['name'])]).toEqual([1, ['plain.txt']])
  expect(run.stderr).toMatch(/^b\.pdf is a damaged PDF.*\n$/)
  expect((await cli(['text', join(folder, 'none.txt')])).stderr).toMatch(/none\.txt/)
})

test('a folder: each of its files', async () => {
  mkdirSync(join(folder, 'two'))
  put('two/x.txt', 'X')
  put('two/y.txt', 'Y')
  const run = await cli(['text', join(folder, 'two')])
  expect(run.stdout).toBe('==== x.txt ====\n\nX\n==== y.txt ====\n\nY\n')
})
