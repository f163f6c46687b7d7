/** For tests only: small tokenizers of every kind in circulation, with a text to try them on. */
import { below, pick, type Random } from './hostile'

export const controlTokens = ['<|bos|>', '<|end|>', '<|user|>', '<|doc|>', '<s>', '</s>', '<think>']

const byteAlphabet = (() => {
  let next = 0x100
  return Array.from({ length: 256 }, (_, byte) => {
    const printable = (byte >= 0x21 && byte <= 0x7e) || (byte >= 0xa1 && byte <= 0xac) || byte >= 0xae
    return String.fromCharCode(printable ? byte : next++)
  })
})()

const gpt2 = "'(?:[sdmt]|ll|ve|re)| ?\\p{L}+| ?\\p{N}+| ?[^\\s\\p{L}\\p{N}]+|\\s+(?!\\S)|\\s+"
export const cl100k =
  "(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\\r\\n\\p{L}\\p{N}]?\\p{L}+|\\p{N}{1,3}| ?[^\\s\\p{L}\\p{N}]+[\\r\\n]*|\\s*[\\r\\n]+|\\s+(?!\\S)|\\s+"
const words = ['the', 'and', 'ing', 'er', 'on', 'at', 'Paris', '12', '...', '.\n', '\n\n', 'é']

/** BPE whose merges spell the words, and the control tokens too: text must not reach them all the same. */
function bpe(alphabet: readonly string[], spell: (text: string) => string[], space: string) {
  const vocab: Record<string, number> = {}
  const add = (token: string) => {
    if (!Object.hasOwn(vocab, token)) vocab[token] = Object.keys(vocab).length
  }
  controlTokens.forEach(add)
  alphabet.forEach(add)
  const merges: [string, string][] = []
  const known = new Set<string>()
  for (const word of [...words.map(each => ` ${each}`), ...words, ...controlTokens]) {
    const letters = spell(word.replace(/^ /, space))
    for (let at = 1; at < letters.length; at++) {
      const left = letters.slice(0, at).join('')
      if (known.has(left + letters[at]!)) continue
      known.add(left + letters[at]!)
      add(left)
      add(left + letters[at]!)
      merges.push([left, letters[at]!])
    }
  }
  return { type: 'BPE', unk_token: null, byte_fallback: false, ignore_merges: false, vocab, merges }
}

const encoder = new TextEncoder()
const spellBytes = (text: string) => Array.from(encoder.encode(text), byte => byteAlphabet[byte]!)
const added = (vocab: Readonly<Record<string, number>>) =>
  controlTokens.map(content => ({
    id: vocab[content]!,
    content,
    special: content !== '<think>',
    lstrip: false,
    rstrip: false
  }))

function describe(model: { vocab: Record<string, number> }, rest: object) {
  return {
    normalizer: null,
    pre_tokenizer: null,
    post_processor: null,
    decoder: null,
    model,
    added_tokens: added(model.vocab),
    ...rest
  }
}

const byteLevel = (preTokenizer: object, more: object = {}) =>
  describe(
    { ...bpe(byteAlphabet, spellBytes, ' '), ...more },
    { pre_tokenizer: preTokenizer, decoder: { type: 'ByteLevel' } }
  )
const split = (pattern: string) => ({
  type: 'Sequence',
  pretokenizers: [
    { type: 'Split', pattern: { Regex: pattern }, behavior: 'Isolated', invert: false },
    { type: 'ByteLevel', add_prefix_space: false, use_regex: false }
  ]
})

const printable = Array.from({ length: 95 }, (_, index) => String.fromCharCode(0x20 + index))
const rawBytes = Array.from(
  { length: 256 },
  (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`
)
const spaced = (more: object) =>
  describe(
    {
      ...bpe([...rawBytes, ...printable, '\u2581'], text => [...text], '\u2581'),
      byte_fallback: true,
      fuse_unk: true
    } as never,
    {
      decoder: {
        type: 'Sequence',
        decoders: [
          { type: 'Replace', pattern: { String: '\u2581' }, content: ' ' },
          { type: 'ByteFallback' },
          { type: 'Fuse' },
          { type: 'Strip', content: ' ', start: 1, stop: 0 }
        ]
      },
      ...more
    }
  )

function unigram() {
  const pieces = [
    '<unk>',
    ...controlTokens,
    '\u2581',
    ...printable,
    ...words.flatMap(word => [word, `\u2581${word}`])
  ]
  const vocab = [...new Set(pieces)].map(piece => [
    piece,
    controlTokens.includes(piece) ? 0 : -piece.length - 2
  ])
  const ids = Object.fromEntries(vocab.map(([piece], id) => [piece, id])) as Record<string, number>
  return {
    ...describe(
      { vocab: ids },
      { pre_tokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'always', split: true } }
    ),
    decoder: { type: 'Metaspace', replacement: '\u2581' },
    model: { type: 'Unigram', unk_id: 0, vocab }
  }
}

function wordPiece() {
  const letters = [...'abcdefghijklmnopqrstuvwxyz0123456789.,!?\'"<>|/']
  const pieces = [
    '[UNK]',
    ...controlTokens,
    ...letters,
    ...letters.map(letter => `##${letter}`),
    'the',
    'and',
    '##ing'
  ]
  const vocab = Object.fromEntries(pieces.map((piece, id) => [piece, id]))
  return describe(
    {
      type: 'WordPiece',
      unk_token: '[UNK]',
      continuing_subword_prefix: '##',
      max_input_chars_per_word: 100,
      vocab
    } as never,
    {
      normalizer: {
        type: 'BertNormalizer',
        clean_text: true,
        handle_chinese_chars: true,
        strip_accents: null,
        lowercase: true
      },
      pre_tokenizer: { type: 'BertPreTokenizer' },
      decoder: { type: 'WordPiece', prefix: '##', cleanup: false }
    }
  )
}

/** By name; `exact` when offsets must be exact. */
export const sampleTokenizers: Readonly<Record<string, { json: object; exact: boolean }>> = {
  'GPT-2': { json: byteLevel({ type: 'ByteLevel', add_prefix_space: false, use_regex: true }), exact: true },
  'a Split pattern of GPT-2': { json: byteLevel(split(gpt2)), exact: true },
  'cl100k, merges ignored': { json: byteLevel(split(cl100k), { ignore_merges: true }), exact: true },
  'bytes with a space before': {
    json: byteLevel({ type: 'ByteLevel', add_prefix_space: true, use_regex: true }),
    exact: true
  },
  'Llama, no splitting': {
    json: spaced({
      normalizer: {
        type: 'Sequence',
        normalizers: [
          { type: 'Prepend', prepend: '\u2581' },
          { type: 'Replace', pattern: { String: ' ' }, content: '\u2581' }
        ]
      }
    }),
    exact: true
  },
  'Metaspace at the start': {
    json: spaced({ pre_tokenizer: { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'first' } }),
    exact: true
  },
  'words and Metaspace': {
    json: spaced({
      pre_tokenizer: {
        type: 'Sequence',
        pretokenizers: [
          { type: 'Split', pattern: { Regex: '\\n+|[^\\n]+' }, behavior: 'Isolated' },
          { type: 'Metaspace', replacement: '\u2581', prepend_scheme: 'never' }
        ]
      }
    }),
    exact: true
  },
  Unigram: { json: unigram(), exact: false },
  WordPiece: { json: wordPiece(), exact: false }
}

/** Prose with blank lines, other scripts, emoji, odd spaces and attempts at control tokens. */
export function sampleText(random: Random, length: number): string {
  const odd = [
    'é',
    '中文',
    '😀👨‍👩‍👧',
    '\u00a0',
    '\t',
    '  ',
    ...controlTokens,
    '\u2581',
    '<0x0A>',
    '\r\n',
    'naïve',
    'Ω',
    '\u0301',
    '12345',
    "it's"
  ]
  const parts: string[] = []
  for (let size = 0; size < length; size += parts.at(-1)!.length) {
    const kind = below(random, 20)
    if (kind === 0) parts.push(pick(random, odd))
    else if (kind === 1) parts.push(pick(random, ['\n', '\n', '\n', '\n\n', ' \n', '.\n', ',\n ']))
    else parts.push(pick(random, words).trim() + pick(random, ['', ' ', ' ', ', ', '. ']))
  }
  return parts.join('')
}
