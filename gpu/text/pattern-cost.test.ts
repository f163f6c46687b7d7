/** Splitting patterns that could hang the engine are refused; those of known tokenizers are not. */
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { describe, expect, test } from 'vitest'
import { below, pick, type Random, seeded } from '../testing/hostile'
import { long } from '../testing/long'
import { cl100k, sampleTokenizers } from '../testing/sample-tokenizers'
import { stopwatch } from '../testing/stopwatch'
import { costOf } from './pattern-cost'
import { openTokenizer } from './tokenizer'

/** As the library compiles it: it reads Oniguruma's syntax and writes JavaScript's. */
function compiled(pattern: string): RegExp {
  const library = new Library(
    {
      model: { type: 'BPE', vocab: { a: 0 }, merges: [] },
      pre_tokenizer: { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated' },
      normalizer: null,
      decoder: null,
      post_processor: null,
      added_tokens: []
    } as never,
    {}
  )
  return (library.pre_tokenizer as unknown as { pattern: RegExp }).pattern
}

const upper = '[\\p{Lu}\\p{Lt}\\p{Lm}\\p{Lo}\\p{M}'
const lower = '[\\p{Ll}\\p{Lm}\\p{Lo}\\p{M}'
const short = "(?i:'s|'t|'re|'ve|'m|'ll|'d)?"
const rest = '\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n/]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+'

test.each([
  ['GPT-2', "'s|'t|'re|'ve|'m|'ll|'d| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"],
  ['GPT-4, Llama 3, Qwen', cl100k],
  [
    'GPT-4 as published, with possessive repetitions',
    "'(?i:[sdmt]|ll|ve|re)|[^\\r\\n\\p{L}\\p{N}]?+\\p{L}++|\\p{N}{1,3}+| ?[^\\s\\p{L}\\p{N}]++[\\r\\n]*+|\\s++$|\\s*[\\r\\n]|\\s+(?!\\S)|\\s"
  ],
  [
    'GPT-4o, Llama 4',
    `[^\\r\\n\\p{L}\\p{N}]?${upper}]*${lower}]+${short}|[^\\r\\n\\p{L}\\p{N}]?${upper}]+${lower}]*${short}|${rest}`
  ],
  [
    'Mistral Tekken',
    `[^\\r\\n\\p{L}\\p{N}]?${upper}]*${lower}]+|[^\\r\\n\\p{L}\\p{N}]?${upper}]+${lower}]*|${rest}`
  ],
  [
    'Kimi K2',
    `[\\p{Han}]+|[^\\r\\n\\p{L}\\p{N}]?${upper}&&[^\\p{Han}]]*${lower}&&[^\\p{Han}]]+${short}|[^\\r\\n\\p{L}\\p{N}]?${upper}&&[^\\p{Han}]]+${lower}&&[^\\p{Han}]]*${short}|${rest}`
  ],
  [
    'DeepSeek V3',
    `[!"#$%&'()*+,\\-./:;<=>?@\\[\\\\\\]^_\`{|}~][A-Za-z]+|[^\\r\\n\\p{L}\\p{P}\\p{S}]?[\\p{L}\\p{M}]+| ?[\\p{P}\\p{S}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+`
  ],
  ['DeepSeek V3, numbers', '\\p{N}{1,3}'],
  ['DeepSeek V3, Chinese and Japanese', '[一-龥぀-ゟ゠-ヿ]+'],
  ['DeepSeek Coder, line ends', '[\\r\\n]'],
  ['DeepSeek Coder, signs', '\\s?[!-/:-~！-／：-～‘-‟　-。]+'],
  ['DeepSeek Coder, white space', '\\s+$'],
  ['BLOOM', ' ?[^(\\s|[.,!?…。，、।۔،])]+'],
  ['Falcon', '[0-9][0-9][0-9]'],
  ['spaces of a normaliser', ' {2,}'],
  ['digits from the right', '\\d{1,3}(?=(?:\\d{3})*\\b)'],
  ['digits from the right, another way', '(?=(\\d{3})+(?!\\d))'],
  ['lines', '[^\\n]+|[\\n]+'],
  ['words', '\\b\\w+\\b|\\s+|[^\\w\\s]+']
])('known: %s', (_, pattern) => {
  expect(costOf(compiled(pattern)).refused).toBeUndefined()
})

const repeated = [
  // The same characters, written in ways that hold none of them.
  ...[
    '[a-z]',
    '[\\x67-\\x69]',
    '[\\u0067-\\u0069]',
    '\\p{Script=Greek}',
    '\\p{Ll}',
    '\\w',
    '\\d',
    '\\s',
    '.'
  ],
  ...[
    '[^\\x01]',
    '\\S',
    '[\\s\\S]',
    '[[:alpha:]]',
    '[\\p{L}&&[^\\p{Han}]]',
    '(?i:[a-z])',
    '\\p{L}',
    '\\P{N}',
    '\\h'
  ]
]
describe('refused', () => {
  test.each(repeated)('repetitions of %s that share a run', each => {
    for (const pattern of [
      `${each}*`.repeat(6) + '\\x01|\\s+',
      `${each}+${each}+\\x01`,
      `${each}*?${each}+?\\x01`,
      `${each}{2,}${each}{3,}\\x01`,
      `${each}{0,500}${each}{0,500}\\x01`,
      `(${each}*)(?:${each}*)\\x01`,
      `${each}+(?=${each}*\\x01)`,
      `${each}+(?!${each}+\\x01)\\x02`,
      `(?=${each}+${each}+\\x01)`,
      `${each}+(?:${each}*\\x01)?\\x02`,
      `x?${each}*(?:y|z)?${each}*\\x01`,
      `${each}+${each}${each}+\\x01`,
      `(?<=${each}+)\\x01`,
      `(?<!\\x02${each}*)\\x01`,
      `(?:${each}+)+\\x01`,
      `(?:${each}{3})+${each}+\\x01`,
      `(?:${each}|\\x02${each})+\\x01`,
      `${each}+(?:\\x02|${each}+)\\x01`
    ]) {
      let regexp: RegExp
      try {
        regexp = compiled(pattern)
      } catch {
        continue
      }
      expect(costOf(regexp).refused, pattern).toBeDefined()
    }
  })

  test.each([
    ['choices that multiply', 'a?'.repeat(30) + 'a'.repeat(30)],
    ['choices by numbers', '\\x67{0,3}'.repeat(12) + '\\x01'],
    ['optional groups', '(?:ab)?'.repeat(30) + '(?:ab){30}\\x01'],
    [
      'optional groups inside one another',
      `${'(?:a'.repeat(40)}${')?'.repeat(40)}${'(?:a'.repeat(40)}${')?'.repeat(40)}b`
    ],
    ['alternatives that overlap', '(?:a|b|ab)'.repeat(12) + '\\x01'],
    ['alternatives that are equal', '(?:\\x67|g)'.repeat(30) + '\\x01'],
    ['a repeated choice', '(?:a|a)*\\x01'],
    ['a repeated repetition', '(?:\\p{L}\\p{L}?)+\\x01'],
    ['a long literal behind a repetition', `\\x67+${'g'.repeat(500)}\\x01`],
    ['a long literal', `${'g'.repeat(4000)}\\x01`],
    ['a counted literal', '\\x67{4000}\\x01'],
    ['a large count', '\\p{L}{100000}\\x01'],
    ['characters of different planes', '[\\u{1F600}-\\u{1F64F}]*[\\u{1F610}-\\u{1F620}]*x'],
    ['one shared character of many', '[a-m]+[m-z]+\\x01'],
    ['what lies between takes them too', '[a-f]+b[a-f]+\\x01'],
    ['different letters of what lies between', '[a-f]+ab[a-f]+\\x01']
  ])('%s', (_, pattern) => {
    expect(costOf(compiled(pattern)).refused).toBeDefined()
  })

  test('disjoint repetitions are not', () => {
    for (const pattern of [
      '[a-m]+[n-z]+\\x01',
      '[a-f]+x[a-f]+\\x01',
      '\\d+\\.\\d+;',
      '\\s+\\S+\\s+$',
      '\\p{Lu}+\\p{Ll}+!'
    ])
      expect(costOf(compiled(pattern)).refused, pattern).toBeUndefined()
  })
})

/** A made-up pattern. */
function made(random: Random, depth = 0): string {
  const atom = (): string =>
    pick(random, [
      'a',
      'b',
      '\\x61',
      '[ab]',
      '[^a]',
      '\\p{L}',
      '\\p{Ll}',
      '\\s',
      '\\S',
      '[a-c]',
      '[\\x61b]',
      '.',
      '\\d',
      'é',
      "'"
    ])
  const piece = (): string => {
    const kind = below(random, depth > 2 ? 5 : 9)
    if (kind < 5) return atom()
    if (kind < 7) return `(?:${made(random, depth + 1)})`
    return `(?${pick(random, ['=', '!', '<=', '<!'])}${made(random, depth + 1)})`
  }
  const quantified = (): string => {
    const inner = piece()
    if (/^\(\?[=!<]/.test(inner)) return inner
    return inner + pick(random, ['', '', '', '*', '+', '?', '{1,3}', '{2,}', '*?', '+?', '{0,20}', '{3}'])
  }
  const sequence = (): string => Array.from({ length: 1 + below(random, 4) }, quantified).join('')
  return Array.from({ length: 1 + below(random, 2) }, sequence).join('|')
}

const madeUp = long('patterns') ? 1500 : 300

test(`${madeUp} made-up patterns: those that are not refused are done with a run of 3,000 characters in no time`, () => {
  const random = seeded(77)
  const runs = ['a', 'b', 'ab', 'é', ' ', '\n', '1', 'aab', "'", 'aé', ' a'].flatMap(unit =>
    ['\u0001', 'b', ' ', ''].map(end => unit.repeat(3000).slice(0, 3000) + end)
  )
  let accepted = 0
  for (let i = 0; i < madeUp; i++) {
    let pattern: RegExp
    try {
      pattern = compiled(made(random))
    } catch {
      continue
    }
    if (costOf(pattern).refused !== undefined) continue
    accepted++
    for (const text of runs) {
      const took = stopwatch()
      text.match(pattern)
      expect(took(), `${pattern.source} on ${JSON.stringify(text.slice(0, 4))}`).toBeLessThan(1500)
    }
  }
  expect(accepted).toBeGreaterThan(madeUp / 8)
}, 120_000)

describe('a whole tokenizer', () => {
  const base = sampleTokenizers['GPT-2']!.json as Record<string, unknown>
  const open = (more: object) => openTokenizer(JSON.stringify({ ...base, ...more }), '{}')
  const split = (Regex: string) => ({ type: 'Split', pattern: { Regex }, behavior: 'Isolated' })
  const hostile = '[\\x67-\\x69]*[\\x67-\\x69]*[\\x67-\\x69]*\\x01|\\s+'
  const refused = expect.objectContaining({ name: 'EngineFailure', code: 'broken-model' })

  test.each([
    ['a splitting', { pre_tokenizer: split(hostile) }],
    [
      'one of several',
      { pre_tokenizer: { type: 'Sequence', pretokenizers: [split('\\s'), split(hostile)] } }
    ],
    ['a normaliser', { normalizer: { type: 'Replace', pattern: { Regex: hostile }, content: 'x' } }],
    ['a decoder', { decoder: { type: 'Replace', pattern: { Regex: hostile }, content: 'x' } }],
    [
      'a long text to replace',
      { normalizer: { type: 'Replace', pattern: { String: 'g'.repeat(300) }, content: 'x' } }
    ]
  ])('is refused for %s', (_, more) => {
    expect(() => open(more)).toThrowError(refused)
  })

  test('a pattern that looks for what a long text does not have is given pieces of it', () => {
    const { encodePieces } = open({ pre_tokenizer: split('[^\\x01]+\\x01') })
    const took = stopwatch()
    let longest = 0
    let end = 0
    for (const piece of encodePieces('gg hi'.repeat(20_000))) {
      longest = Math.max(longest, piece.end - end)
      end = piece.end
    }
    expect(end).toBe(100_000)
    expect(longest).toBeLessThan(50_000)
    expect(took()).toBeLessThan(20_000)
  })
})
