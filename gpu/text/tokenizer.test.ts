import { existsSync, readFileSync } from 'node:fs'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { describe, expect, test, vi } from 'vitest'
import { below, outcome, seeded } from '../testing/hostile'
import { cl100k, controlTokens, sampleText, sampleTokenizers } from '../testing/sample-tokenizers'
import { charOffsets } from './token-offsets'
import { checkVocabulary, openTokenizer, type Tokenizer } from './tokenizer'

const encoder = new TextEncoder()
const config = JSON.stringify({
  bos_token: '<|bos|>',
  eos_token: { content: '<|end|>' },
  clean_up_tokenization_spaces: false
})
const open = (json: object, more = config) => openTokenizer(JSON.stringify(json), more)
const samples = Object.entries(sampleTokenizers)
/** The library alone, on a description that knows no added token and no control token. */
function plainLibrary(json: object) {
  const copy = JSON.parse(JSON.stringify(json)) as { added_tokens: unknown[]; post_processor: null }
  return new Library({ ...copy, added_tokens: [] }, {})
}
const decodeAll = (tokenizer: Tokenizer, ids: Iterable<number>) => {
  const stream = tokenizer.decoder()
  let text = ''
  for (const id of ids) text += stream.push(id)
  return text + stream.flush()
}

describe.each(samples)('%s', (name, { json, exact }) => {
  const tokenizer = open(json)
  const random = seeded(5)
  const long = sampleText(random, 150_000)

  test('a long text cut into pieces gives the tokens of the whole', () => {
    // Control tokens are words of this text; the library alone would make them, so they are taken out.
    const text = controlTokens.reduce((rest, token) => rest.replaceAll(token, 'x'), long)
    const whole = plainLibrary(json).encode(text, { add_special_tokens: false }).ids
    const ids = tokenizer.encodeText(text, { atStart: true }).ids
    expect(ids.length).toBe(whole.length)
    expect(ids.every((id, index) => id === whole[index])).toBe(true)
  })

  test('text never produces a control token', () => {
    const control = new Set(controlTokens.map(token => tokenizer.specialId(token)))
    expect(control.has(undefined)).toBe(false)
    const attempts = [
      long,
      ...controlTokens,
      ...controlTokens.map(token => ` ${token}\n`),
      controlTokens.join(''),
      '\ud800',
      ''
    ]
    for (const text of attempts) {
      for (const id of tokenizer.encodeText(text).ids)
        if (control.has(id)) throw new Error(`${name}: ${text.slice(0, 20)} gave ${id}`)
    }
  })

  test('offsets are monotone, end at the end and, where bytes are kept, are exact', () => {
    // Where "\u2581" stands for a space, one in the text cannot be told from a space afterwards.
    const text = long
      .slice(0, 20_000)
      .replace(/[\uD800-\uDFFF]/gu, '')
      .replaceAll('\u2581', '_')
    const { ids } = tokenizer.encodeText(text, { atStart: true })
    const offsets = tokenizer.byteOffsets(ids, text)
    expect(offsets.exact).toBe(exact)
    expect(offsets.starts.length).toBe(ids.length + 1)
    expect(offsets.starts.at(-1)).toBe(encoder.encode(text).length)
    for (let index = 1; index < offsets.starts.length; index++) {
      if (offsets.starts[index]! < offsets.starts[index - 1]!) throw new Error(`descends at ${index}`)
    }
    const foreign = tokenizer.byteOffsets(ids, 'another text')
    expect(foreign.exact).toBe(false)
    expect(foreign.starts.at(-1)).toBe(12)
  })

  test('the stream of pieces is the decoding of the whole', () => {
    const text = long.slice(0, 3000)
    const ids = [...tokenizer.encodeText(text, { atStart: true }).ids]
    expect(decodeAll(tokenizer, ids)).toBe(
      plainLibrary(json).decode(ids, { clean_up_tokenization_spaces: false })
    )
  })
})

test('pieces are really cut, and only where the splitting falls', async () => {
  const { nextCut } = await import('./text-pieces')
  const split = ({ text }: { text: string }) => text.match(/\w+|\s+/g) ?? []
  const text = 'word\n'.repeat(40_000)
  const unbroken = 'word '.repeat(40_000)
  // Line ends are preferred: one that comes late is still taken before a space.
  const late = `${'word '.repeat(2000)}word\n${unbroken}`
  expect(nextCut(text, 0, split)).toBeGreaterThan(8_000)
  expect(nextCut(text, 0, split)).toBeLessThan(9_000)
  expect(nextCut(unbroken, 0, split)).toBe(8_194)
  expect(nextCut(late, 0, split)).toBe(10_005)
  expect(nextCut(text, text.length - 8000, split)).toBe(text.length)
  for (const whole of [text, unbroken]) expect(nextCut(whole, 0, ({ text }) => [text])).toBeUndefined()
})

test('a text of one line is cut before words, without a change of its tokens', () => {
  const cuts = new Map<object, number>()
  for (const { json } of Object.values(sampleTokenizers)) {
    const spaced = sampleText(seeded(3), 40_000).replace(/\s+/g, ' ')
    const line = controlTokens.reduce((rest, token) => rest.replaceAll(token, 'x'), spaced)
    const whole = plainLibrary(json).encode(line, { add_special_tokens: false }).ids
    const pieces = [...open(json).encodePieces(line, { atStart: true })]
    expect(pieces.at(-1)?.end).toBe(line.length)
    cuts.set(json, pieces.length)
    expect(pieces.flatMap(({ ids }) => [...ids])).toEqual(whole)
  }
  // Some do not split before words; those that do are cut.
  expect(cuts.get(sampleTokenizers['GPT-2']!.json)).toBeGreaterThan(2)
  expect([...cuts.values()].filter(count => count > 2).length).toBeGreaterThan(cuts.size / 2)
})

const noBlank: Record<string, (length: number) => string> = {
  letters: length => {
    const random = seeded(11)
    return Array.from({ length }, () => String.fromCharCode(97 + below(random, 26))).join('')
  },
  base64: length => {
    const random = seeded(12)
    return Array.from(
      { length },
      () => 'ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/'[below(random, 64)]
    ).join('')
  },
  Chinese: length => {
    const random = seeded(13)
    return Array.from({ length }, () => String.fromCharCode(0x4e00 + below(random, 3000))).join('')
  },
  'Chinese with marks': length => '他走了出去，天很冷。\u3000\u3000想起了很多事情！\r\n'.repeat(length / 24),
  'one letter': length => 'a'.repeat(length),
  emoji: length => '👨‍👩‍👧‍👦👍🏽é'.repeat(length / 17),
  JSON: length => '{"key":[1,22,333],"name":"x"},'.repeat(length / 30)
}

describe.each(Object.entries(noBlank))('%s without a blank', (_, make) => {
  test.each(samples)('become the tokens of the whole in short pieces: %s', (name, { json }) => {
    const text = make(20_000)
    const whole = plainLibrary(json).encode(text, { add_special_tokens: false }).ids
    const pieces = [...open(json).encodePieces(text, { atStart: true })]
    expect(pieces.at(-1)!.end).toBe(text.length)
    let from = 0
    for (const { end } of pieces) {
      expect(end - from).toBeLessThan(17_000)
      expect(text.slice(end - 1, end + 1)).not.toMatch(/^[\ud800-\udbff][\udc00-\udfff]$/)
      from = end
    }
    // One "unknown" token for a word of any length cannot be cut.
    if (name === 'WordPiece') return
    const ids = pieces.flatMap(({ ids }) => [...ids])
    expect(ids.length).toBe(whole.length)
    expect(ids.findIndex((id, index) => id !== whole[index])).toBe(-1)
  })
})

test.each(Object.entries(noBlank))(
  'the work for each character of %s is the same however long the text is, and no step is handed more than a piece',
  (_, make) => {
    const encode = vi.spyOn(Library.prototype, 'encode')
    const tokenizer = open(sampleTokenizers['GPT-2']!.json)
    const worked = (length: number): number => {
      const text = make(length)
      encode.mockClear()
      let calls = 0
      for (const { end } of tokenizer.encodePieces(text, { atStart: true })) {
        // What the library had to do for this step: the piece, and the tails that are tried for a cut.
        const parts = encode.mock.calls.slice(calls).map(([part]) => part.length)
        calls = encode.mock.calls.length
        expect(Math.max(...parts)).toBeLessThanOrEqual(16_400)
        expect(parts.reduce((sum, part) => sum + part, 0)).toBeLessThan(36_000)
        expect(end).toBeLessThanOrEqual(text.length)
      }
      return encode.mock.calls.reduce((sum, [part]) => sum + part.length, 0) / text.length
    }
    expect(worked(90_000)).toBeLessThan(worked(30_000) * 1.2 + 0.1)
    encode.mockRestore()
  }
)

describe('decoding', () => {
  const tokenizer = open(sampleTokenizers['GPT-2']!.json)
  const bytes = (text: string) => [...tokenizer.encodeText(text).ids]

  test('holds a character back until its last byte is there', () => {
    const ids = bytes('a😀é')
    const stream = tokenizer.decoder()
    const parts = ids.map(id => stream.push(id))
    expect(parts.join('')).toBe('a😀é')
    expect(parts.every(part => !part.includes('\uFFFD'))).toBe(true)
    expect(parts.filter(part => part !== '').length).toBe(3)
  })

  test('a character that is never finished comes out as U+FFFD at the end only', () => {
    const stream = tokenizer.decoder()
    expect(
      bytes('😀')
        .slice(0, 3)
        .map(id => stream.push(id))
        .join('')
    ).toBe('')
    expect(stream.flush()).toBe('\uFFFD')
    expect(stream.flush()).toBe('')
  })

  test('hides special tokens, shows other added tokens', () => {
    const ids = [
      ...bytes('Hi'),
      tokenizer.specialId('<|end|>')!,
      tokenizer.specialId('<think>')!,
      ...bytes('!')
    ]
    expect(decodeAll(tokenizer, ids)).toBe('Hi<think>!')
  })

  test('random sequences equal the library, token ids of all kinds', () => {
    const random = seeded(8)
    for (const [name, { json }] of samples.filter(([, sample]) => sample.exact)) {
      const one = open(json)
      const library = new Library(json, { clean_up_tokenization_spaces: false })
      for (let index = 0; index < 70; index++) {
        const ids = Array.from({ length: 1 + below(random, 40) }, () => below(random, one.size))
        const kept = ids.filter(id => !one.isSpecial(id))
        if (kept.length === 0 || !name.match(/GPT|cl100k|bytes/)) continue
        expect(decodeAll(one, ids)).toBe(library.decode(ids, { skip_special_tokens: true }))
      }
    }
  })
})

describe('names', () => {
  const tokenizer = open(sampleTokenizers['GPT-2']!.json)
  test('special ids, stop ids and size', () => {
    expect(tokenizer.specialId('<|end|>')).toBe(1)
    expect(tokenizer.specialId('<|nothing|>')).toBeUndefined()
    // eos of the configuration, </s> because it is special, 77 from config.json.
    expect(
      [...openTokenizer(JSON.stringify(sampleTokenizers['GPT-2']!.json), config, [77]).stopIds].sort(
        (a, b) => a - b
      )
    ).toEqual([1, 5, 77])
    expect(tokenizer.isSpecial(0)).toBe(true)
    expect(tokenizer.isSpecial(tokenizer.specialId('<think>')!)).toBe(false)
  })

  test('a vocabulary larger than the embedding table is refused', () => {
    expect(() => checkVocabulary(tokenizer, tokenizer.size)).not.toThrow()
    expect(() => checkVocabulary(tokenizer, tokenizer.size - 1)).toThrowError(
      /ids up to \d+, but the model has embeddings for/
    )
  })
})

describe('character offsets', () => {
  const text = 'aé中😀b'
  test('go from bytes to UTF-16 units, down to starts and up to ends', () => {
    const bytes = Array.from({ length: 13 }, (_, index) => index)
    expect([...charOffsets(text, bytes, 'down')]).toEqual([0, 1, 1, 2, 2, 2, 3, 3, 3, 3, 5, 6, 6])
    expect([...charOffsets(text, bytes, 'up')]).toEqual([0, 1, 2, 2, 3, 3, 3, 5, 5, 5, 5, 6, 6])
  })
  test('are the same with marks to start from', () => {
    const bytes = Array.from({ length: 13 }, (_, index) => index)
    const marks = [0, 1, 3, 6].map((byte, i) => ({ byte, unit: [0, 1, 2, 3][i]! }))
    for (const round of ['down', 'up'] as const)
      expect(charOffsets(text, bytes, round, marks)).toEqual(charOffsets(text, bytes, round))
  })
  test('count a lone surrogate as UTF-8 does', () => {
    expect([...charOffsets('\ud800b', [0, 3, 4], 'down')]).toEqual([0, 1, 2])
  })
})

describe('refuses', () => {
  const base = sampleTokenizers['GPT-2']!.json as Record<string, never>
  const model = base.model as Record<string, unknown>
  const splitBy = (pattern: string, more: object = {}) => ({
    ...base,
    pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', ...more }
  })
  const cases: [string, object, string, RegExp][] = [
    ['no model', { added_tokens: [] }, 'broken-model', /model is undefined/],
    [
      'an unknown model',
      { ...base, model: { type: 'Magic', vocab: {} } },
      'unsupported-model',
      /type is "Magic"/
    ],
    [
      'an unknown step',
      { ...base, pre_tokenizer: { type: 'UnicodeScripts' } },
      'unsupported-model',
      /"UnicodeScripts"/
    ],
    [
      'a behaviour that the library ignores',
      splitBy(' ', { behavior: 'MergedWithPrevious' }),
      'unsupported-model',
      /MergedWithPrevious/
    ],
    [
      'one id for two tokens',
      { ...base, model: { ...model, vocab: { a: 1, b: 1 } } },
      'broken-model',
      /the id 1 stands for two tokens/
    ],
    [
      'a merge into nothing',
      { ...base, model: { ...model, merges: ['a q'] } },
      'broken-model',
      /merges "a" and "q" to a token that it does not have/
    ],
    [
      'wide gaps between ids',
      { ...base, model: { ...model, vocab: { a: 3_000_000 }, merges: [] } },
      'broken-model',
      /ids up to 3000000/
    ],
    [
      'a fixed length of 0, an endless loop',
      { ...base, pre_tokenizer: { type: 'FixedLength', length: 0 } },
      'broken-model',
      /length is 0/
    ],
    ['nested repetition', splitBy('(a+)+$'), 'broken-model', /nested repetition could run for ever/],
    ['repeated choice', splitBy('(?:a|a)*b'), 'broken-model', /nested repetition/],
    ['polynomial backtracking', splitBy('a*a*a*a*a*b'), 'broken-model', /two repetitions that could share/],
    ['a pattern that does not compile', splitBy('(?<'), 'broken-model', /could not be opened/],
    [
      'an empty pattern that multiplies',
      { ...base, normalizer: { type: 'Replace', pattern: { String: '' }, content: 'xx' } },
      'broken-model',
      /has the pattern/
    ]
  ]
  test.each(cases)('%s', (_, json, code, message) => {
    expect(() => open(json)).toThrowError(
      expect.objectContaining({ name: 'EngineFailure', code, message: expect.stringMatching(message) })
    )
  })

  test('a chain of replacements that multiplies the text', async () => {
    const step = (from: string, to: string) => ({
      type: 'Replace',
      pattern: { String: from },
      content: to.repeat(16)
    })
    const normalizers = Array.from({ length: 14 }, (_, index) => step('ß¥'[index % 2]!, '¥ß'[index % 2]!))
    const tokenizer = open({ ...base, normalizer: { type: 'Sequence', normalizers } })
    expect(await outcome(() => tokenizer.encodeText('ß'.repeat(1000)))).toBe('broken-model')
  })

  test('no published splitting pattern', () => {
    const o200k =
      "[^\\r\\n\\p{L}\\p{N}]?[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}]*[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
    for (const pattern of [cl100k, o200k, '\\p{N}{1,3}', '[一-龥぀-ゟ゠-ヿ]+', '\\s+$', '[^\\n]+|[\\n]+']) {
      expect(open(splitBy(pattern)).size).toBeGreaterThan(0)
    }
  })
})

// The embedded model may be exchanged; what must hold for any is tried on the one that is there.
const embedded = new URL('../../assets/models/small/', import.meta.url)
describe.skipIf(!existsSync(new URL('tokenizer.json', embedded)))(
  'the embedded model (not run when absent)',
  () => {
    test('pieces equal the whole, offsets are exact, decoding gives the text back', () => {
      const read = (name: string) => readFileSync(new URL(name, embedded), 'utf8')
      const tokenizer = openTokenizer(read('tokenizer.json'), read('tokenizer_config.json'))
      const text = sampleText(seeded(9), 300_000)
      const { ids } = tokenizer.encodeText(text)
      expect(tokenizer.byteOffsets(ids, text).exact).toBe(true)
      expect(decodeAll(tokenizer, ids)).toBe(text)
      const json = JSON.parse(read('tokenizer.json')) as object
      const whole = plainLibrary(json).encode(text, { add_special_tokens: false }).ids
      expect(ids.every((id, index) => id === whole[index]) && ids.length === whole.length).toBe(true)
    })
  }
)
