/** The other commands, and what the command line says when it is used wrongly or cannot do what it was asked. */
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync
} from 'node:fs'
import { join } from 'node:path'
import { describe, expect, test } from 'vitest'
import { writeTinyModel } from '../../gpu/testing/tiny-model'
import { cli, samples, temporary } from './testing/cli'

const folder = temporary()
const library = join(folder, 'library')
const at = (name: string) => join(folder, name)
const novel = at('novel.txt')
// Decoded and encoded again: a byte count would cut a character in two.
const prose = readFileSync(join(samples, 'the-adventures-of-sherlock-holmes.txt'), 'utf8').slice(0, 12_000)
writeFileSync(novel, prose)

const bytesIn = (path: string): number =>
  readdirSync(path, { withFileTypes: true, recursive: true })
    .filter(entry => entry.isFile())
    .reduce((sum, entry) => sum + statSync(join(entry.parentPath, entry.name)).size, 0)

describe('a document, from read to forget', () => {
  test('read: a shortened novel, and the page file weighs what it should', async () => {
    const run = await cli(['read', novel, '--json', '--library', library])
    expect([run.code, run.stderr]).toEqual([0, ''])
    const { tokens, computed, pageFileBytes, document } = run.last('read')
    expect([computed, tokens > 3000]).toEqual([tokens, true])
    const stored = join(library, 'documents', document)
    const pages = readdirSync(stored).find(name => name.endsWith('.pages'))!
    expect(statSync(join(stored, pages)).size).toBe(pageFileBytes)
    // Two heads of 48 values, keys and values, in half precision; a carry of 63 rows in three layers near the end and at it; ids.
    const carry = 3 * 2 * 63 * 192 * 4
    expect(pageFileBytes).toBeLessThanOrEqual(1.02 * (tokens * 384 + 2 * carry + tokens * 4))
    expect(statSync(join(stored, pages)).mode & 0o777).toBe(0o600)
  })

  test('documents: what was read, with which model, as JSON and for people', async () => {
    const run = await cli(['documents', '--json', '--library', library])
    expect(run.records).toHaveLength(1)
    const [{ name, readings, size }] = run.records
    expect([name, size]).toEqual(['novel.txt', Buffer.byteLength(prose)])
    expect(Object.values(readings)).toMatchObject([{ state: 'complete', modelName: 'readonce-small' }])
    const plain = await cli(['documents', '--library', library])
    expect(plain.stdout).toMatch(
      /novel\.txt {2}12\.\d kB\n {4}read with readonce-small: [\d,]+ tokens, [\d.]+ MB on disk/
    )
  })

  test('forget: all of it is gone, the file itself stays, and the bytes are told', async () => {
    const before = bytesIn(join(library, 'documents'))
    const run = await cli(['forget', novel, '--json', '--library', library])
    expect(run.code).toBe(0)
    expect(run.last('forgotten')).toMatchObject({ bytesFreed: before, documents: [{ name: 'novel.txt' }] })
    expect(readdirSync(join(library, 'documents'))).toEqual([])
    expect(existsSync(novel)).toBe(true)
    for (const entry of readdirSync(library, { withFileTypes: true, recursive: true }))
      if (entry.isFile())
        expect(readFileSync(join(entry.parentPath, entry.name), 'utf8')).not.toContain('Holmes')
    const again = await cli(['forget', novel, '--library', library])
    expect([again.code, again.stdout]).toEqual([1, ''])
    expect((await cli(['documents', '--library', library])).stdout).toContain('Nothing has been read yet')
  })
})

test('models: the embedded ones, the better first, and those in the library', async () => {
  await writeTinyModel(join(library, 'models', 'little'), 'fla-window', { seed: 1 })
  const run = await cli(['models', '--json', '--library', library])
  expect(run.records).toMatchObject([
    { name: 'readonce-base', embedded: true },
    { name: 'readonce-small', embedded: true },
    { name: 'little', embedded: false }
  ])
  expect((await cli(['models', '--library', library])).stdout).toMatch(
    /^readonce-base \(embedded, .*\n {4}It answers .*\nreadonce-small \(embedded, .* MB .*\n {4}It finds single facts .*\nlittle /
  )
})

test('needle: one line a depth and one in all', async () => {
  const run = await cli([
    ...'needle --length 300 --depths 2 --repeats 1 --json'.split(' '),
    '--library',
    library
  ])
  expect([run.code, run.stderr]).toEqual([0, ''])
  expect(run.records).toMatchObject([
    { type: 'needle', length: 300, depth: 0, of: 1 },
    { type: 'needle', length: 300, depth: 1, of: 1 },
    { type: 'needles', of: 2 }
  ])
  expect(run.records[2].correct).toBe(run.records[0].correct + run.records[1].correct)
  const several = await cli([...'needle --length 400 --depths 1 --repeats 1 --needles 3 --json'.split(' ')])
  expect(several.last('needles')).toMatchObject({ needles: 3, of: 1 })
})

test.each([['--help'], ['help'], ['-h'], [], ['ask', '--help'], ['logits', '--help']].map(args => [args]))(
  '%j prints how it is used',
  async args => {
    const run = await cli(args)
    expect([run.code, run.stderr]).toEqual([0, ''])
    for (const name of 'ask read documents forget models logits needle bench'.split(' '))
      expect(run.stdout).toMatch(new RegExp(`^ {2}${name}\\b`, 'm'))
  }
)

test.each([
  [['summarise'], /There is no command "summarise"/],
  [['__proto__'], /There is no command/],
  [['read'], /takes 1 arguments, 0 given/],
  [['read', 'a', 'b'], /takes 1 arguments, 2 given/],
  [['ask', 'a', 'b', 'c'], /takes 0 to 2 arguments/],
  [['read', novel, '--speed', '9'], /--speed/],
  [['read', novel, '--chunk', '0'], /--chunk is "0"; it takes a whole number of at least 1/],
  [['read', novel, '--chunk', 'many'], /--chunk is "many"/],
  [['ask', novel, 'x', '--temperature', '-1'], /--temperature/],
  [['ask', novel, ' '], /The question is empty/],
  [['ask', novel, 'x', '--tokens', '1.5'], /--tokens is "1\.5"/],
  [['logits'], /needs --tokens/],
  [['logits', '--tokens', 'x.json', '--kv', 'f8'], /--kv is "f8"; it takes f32 or f16 or int8/],
  [['read', novel, '--weights', 'int3'], /--weights is "int3"; it takes f16 or int8 or int4/],
  [['bench', '--weights', 'q4'], /--weights is "q4"/],
  [['ask', novel, 'x', '--kv', 'int4'], /--kv is "int4"/],
  [['documents', '--weights', 'int4'], /--weights/],
  [['needle', '--length', '10'], /at least 200/],
  [['documents', '--model'], /--model/]
])(
  'wrong use %j: exit code 2, the reason and the usage on standard error, nothing else',
  async (args, reason) => {
    const run = await cli([...args, '--library', library])
    expect([run.code, run.stdout]).toEqual([2, ''])
    expect(run.stderr.split('\n')[0]).toMatch(reason)
    expect(run.stderr).toContain('usage: readonce COMMAND')
  }
)

describe('what cannot be done: exit code 1, one sentence, nothing on standard output', () => {
  const llama = at('llama')
  mkdirSync(llama)
  mkdirSync(at('hollow'))
  writeFileSync(join(llama, 'config.json'), '{"model_type":"llama","architectures":["LlamaForCausalLM"]}')
  copyFileSync(join(samples, '..', 'models', 'small', 'model.safetensors'), join(llama, 'model.safetensors'))
  writeFileSync(at('picture.png'), Buffer.from('89504e470d0a1a0a0000000d49484452', 'hex'))
  writeFileSync(at('noise'), Buffer.from(Array.from({ length: 3000 }, (_, i) => (i * 7919) & 255)))
  writeFileSync(at('empty.txt'), '')
  writeFileSync(at('broken.json'), '[1, 2')
  writeFileSync(at('words.json'), '["a"]')
  writeFileSync(at('large.json'), '[1, 8192]')
  writeFileSync(at('none.json'), '[]')

  test.each<[string[], RegExp]>([
    [['ask', at('gone.txt'), 'x'], /There is no file .*gone\.txt/],
    [['read', at('hollow')], /hollow/],
    [['read', at('picture.png')], /PNG|picture/i],
    [['read', at('noise')], /noise/],
    [['read', at('empty.txt')], /empty|nothing/i],
    [['read', novel, '--model', at('nowhere')], /There is no model folder .*nowhere/],
    [['read', novel, '--model', novel], /is a file/],
    [['read', novel, '--model', llama], /Llama/],
    [['read', novel, '--adapter', 'voodoo'], /voodoo|adapter/i],
    [['forget', 'nothing-like-it'], /no document/],
    [['logits', '--tokens', at('gone.json')], /Cannot read .*gone\.json/],
    [['logits', '--tokens', at('broken.json')], /is not JSON; expected an array of token ids/],
    [['logits', '--tokens', at('words.json')], /words\.json: entry 0/],
    [['logits', '--tokens', at('large.json')], /entry 1: .*token ids from 0 to 8191/],
    [['logits', '--tokens', at('none.json')], /none\.json/],
    [['needle', '--haystack', at('gone.txt')], /Cannot read the haystack/]
  ])('%j', async (args, reason) => {
    const run = await cli([...args, '--json', '--library', library])
    expect([run.code, run.stdout]).toEqual([1, ''])
    expect(run.stderr).toMatch(reason)
    expect(run.stderr.trimEnd().split('\n')).toHaveLength(1)
    expect(run.stderr).not.toMatch(/ at .*\(|Readonce failed|undefined|\[object/)
  })
})
