import { describe, expect, test } from 'vitest'
import { below, damaged, nastyValues, outcome, pick, seeded, twisted } from '../testing/hostile'
import { watchedSource } from '../testing/memory-files'
import { safetensorsBytes, withHeader } from '../testing/safetensors-writer'
import { readSafetensorsHeader } from './safetensors'

const tensor = (dtype: string, shape: number[], bytes: number) => ({
  dtype,
  shape,
  bytes: new Uint8Array(bytes).fill(7)
})
const good = safetensorsBytes({
  'embed_tokens.weight': tensor('F16', [8, 4], 64),
  'layer_norm.weight': tensor('F32', [4], 16),
  empty: tensor('BF16', [0, 4], 0),
  scalar: tensor('I64', [], 8)
})
const read = (bytes: Uint8Array, size?: number) =>
  readSafetensorsHeader(watchedSource(bytes, size), 'w.safetensors')
const readHeader = (header: string, dataBytes: number) => read(withHeader(header, dataBytes))
const entry = (begin: number, end: number, dtype = 'U8', shape: unknown = [end - begin]) =>
  JSON.stringify({ dtype, shape, data_offsets: [begin, end] })

test('gives every tensor with absolute offsets', async () => {
  const file = await read(good)
  const data = good.length - 88
  expect([...file.tensors.keys()].sort()).toEqual([
    'embed_tokens.weight',
    'empty',
    'layer_norm.weight',
    'scalar'
  ])
  expect(file.tensors.get('layer_norm.weight')).toEqual({
    dtype: 'F32',
    shape: [4],
    start: data + 64,
    end: data + 80,
    elements: 4
  })
  expect(file.tensors.get('scalar')?.elements).toBe(1)
  expect(file.tensors.get('empty')?.elements).toBe(0)
})

test('keeps metadata, an unknown dtype and a name that JavaScript treats specially', async () => {
  const file = await readHeader(
    `{"__metadata__":{"format":"pt"},"__proto__":${entry(0, 4)},"odd":${entry(4, 7, 'Q3_K', [9])}}   `,
    7
  )
  expect(file.metadata.get('format')).toBe('pt')
  expect(file.tensors.get('__proto__')?.elements).toBe(4)
  expect(file.tensors.get('odd')?.dtype).toBe('Q3_K')
})

describe('refuses, saying what was found', () => {
  const cases: [string, () => Promise<unknown>, RegExp][] = [
    ['an empty file', () => read(new Uint8Array(0)), /w\.safetensors has 0 bytes, expected .* at least 8/],
    [
      'a header longer than the file',
      () => read(good.slice(0, 60)),
      /declares a header of \d+ bytes, expected 2 to 52/
    ],
    [
      'a header above 100 MB',
      () => read(withHeader('{}', 0).fill(255, 0, 4), 2 ** 40),
      /4294967295 bytes, expected 2 to 100000000/
    ],
    ['text that is not UTF-8', () => read(withHeader('{"aaaa":1}', 0).fill(0xff, 12, 13)), /not UTF-8/],
    ['something else than JSON', () => readHeader('{"a":}', 0), /not valid JSON/],
    ['a list', () => readHeader('[1]', 0), /starts with "\[1\]", expected "\{"/],
    ['a name twice', () => readHeader(`{"a":${entry(0, 4)},"a":${entry(0, 4)}}`, 4), /names "a" twice/],
    [
      'a name twice, once escaped',
      () => readHeader(`{"a":${entry(0, 4)},"\\u0061":${entry(4, 8)}}`, 8),
      /names "a" twice/
    ],
    [
      'a field twice',
      () => readHeader('{"a":{"dtype":"U8","dtype":"U8","shape":[1],"data_offsets":[0,1]}}', 1),
      /"dtype" twice/
    ],
    [
      'deep nesting',
      () => readHeader(`{"a":${'['.repeat(5000)}${']'.repeat(5000)}}`, 0),
      /nests deeper than 4/
    ],
    [
      'an overlap',
      () => readHeader(`{"a":${entry(0, 4)},"b":${entry(3, 8)}}`, 8),
      /"b" overlaps the tensor before it/
    ],
    [
      'a hole',
      () => readHeader(`{"a":${entry(0, 4)},"b":${entry(6, 8)}}`, 8),
      /"b" leaves a hole of 2 bytes/
    ],
    ['trailing bytes', () => readHeader(`{"a":${entry(0, 4)}}`, 9), /5 bytes after its last tensor/],
    [
      'a range outside',
      () => readHeader(`{"a":${entry(0, 44)}}`, 9),
      /w.safetensors has \d+ of \d+ bytes: it was not downloaded to its end/
    ],
    [
      'a range backwards',
      () => readHeader('{"a":{"dtype":"U8","shape":[0],"data_offsets":[4,0]}}', 4),
      /lies at 4 to 0/
    ],
    [
      'a wrong length',
      () => readHeader(`{"a":${entry(0, 4, 'F32', [2])}}`, 4),
      /\(F32 \[2\]\) has 4 bytes, expected 8/
    ],
    [
      'a shape that overflows',
      () => readHeader(`{"a":${entry(0, 4, 'F32', [2 ** 40, 2 ** 40])}}`, 4),
      /more elements than any file/
    ],
    ['a negative size', () => readHeader(`{"a":${entry(0, 4, 'U8', [-4])}}`, 4), /shape \[-4\]/],
    ['metadata that is no text', () => readHeader('{"__metadata__":{"a":1}}', 0), /__metadata__/]
  ]
  test.each(cases)('%s', async (_, run, message) => {
    await expect(run()).rejects.toMatchObject({
      name: 'EngineFailure',
      code: 'broken-model',
      message: expect.stringMatching(message)
    })
  })
})

describe('hostile headers end in a failure or a valid file, quickly and in bounded memory', () => {
  const header = JSON.parse(new TextDecoder().decode(good.subarray(8, good.length - 88))) as unknown
  const run = async (bytes: Uint8Array) => {
    const source = watchedSource(bytes)
    const result = await outcome(() => readSafetensorsHeader(source, 'w.safetensors'))
    expect(source.largestRead).toBeLessThanOrEqual(Math.max(8, Math.min(bytes.length, 1 << 20)))
    return result
  }

  test('400 damaged files', async () => {
    const random = seeded(1)
    const results: string[] = []
    for (let index = 0; index < 400; index++) results.push(await run(damaged(random, good)))
    // Damage to the data or to a name leaves a valid file; most damage must be seen.
    expect(results.filter(result => result === 'broken-model').length).toBeGreaterThan(200)
  })

  test('300 twisted headers', async () => {
    const random = seeded(2)
    const results: string[] = []
    for (let index = 0; index < 300; index++)
      results.push(await run(withHeader(JSON.stringify(twisted(random, header) ?? 0), 88)))
    expect(results.filter(result => result === 'broken-model').length).toBeGreaterThan(200)
  })

  test('100 random lengths, ranges and shapes', async () => {
    const random = seeded(3)
    for (let index = 0; index < 100; index++) {
      const size = () =>
        pick(random, [0, 1, 4, 88, 2 ** 31, 2 ** 32, 2 ** 53 - 1, 2 ** 53, 1e300, below(random, 200)])
      const shape = Array.from({ length: below(random, 20) }, size)
      const offsets = pick(random, [[size(), size()], [size()], nastyValues])
      const text = JSON.stringify({
        a: { dtype: pick(random, ['F32', 'F4', 'X', '']), shape, data_offsets: offsets }
      })
      const bytes = withHeader(text, 88)
      if (index % 4 === 0)
        new DataView(bytes.buffer).setBigUint64(
          0,
          BigInt(below(random, 2 ** 32)) * BigInt(below(random, 2 ** 32)),
          true
        )
      expect(await run(bytes)).toBe('broken-model')
    }
  })

  test('a large header full of names, of brackets, of quotes', async () => {
    for (const filler of ['{', '[', '"', '\\', ',', '{"a":', '"a":1,', '\u00e9']) {
      await run(withHeader(`{${filler.repeat(2_000_000 / filler.length)}`, 0))
    }
  })
})
