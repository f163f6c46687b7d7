/**
 * tokenizer.json as data from somebody else: checked in full before @huggingface/tokenizers sees it (that library
 * trusts its input: a FixedLength of 0 loops for ever, a wrong type ends in a TypeError), and changed so that no
 * text can ever become a control token: control tokens are taken out of the vocabulary and of the merges, and are
 * put in by id only, by chat-template.ts.
 * Source of the structure: the serialised form of huggingface/tokenizers.
 */
import { broken, field, fieldsOf, isObject, shown, unsupported, type JsonObject } from './json'
import { checkPatternSource } from './pattern-check'

const file = 'tokenizer.json'

export interface AddedToken {
  readonly id: number
  readonly content: string
  /** Hidden when an answer is shown. */
  readonly special: boolean
  /** Swallow the white space before or after them. */
  readonly lstrip: boolean
  readonly rstrip: boolean
}

export interface CheckedTokenizer {
  /** For the library: no added tokens but runs of white space, no post-processor, a vocabulary without control tokens. */
  readonly json: JsonObject
  readonly added: readonly AddedToken[]
  /** Every token by id, control tokens included. */
  readonly tokens: ReadonlyMap<number, string>
  readonly byteLevel: boolean
}

const most = { entries: 4_000_000, added: 20_000, token: 4096, steps: 16, depth: 8, text: 16, pattern: 256 }

/** `alsoControl`: tokens that tokenizer_config.json names as special. Throws broken-model or unsupported-model. */
export function checkTokenizerJson(json: JsonObject, alsoControl: ReadonlySet<string>): CheckedTokenizer {
  const model = field(json, 'model')
  if (!isObject(model)) throw broken(`${file}: model is ${shown(model)}, expected an object.`)
  const added = readAdded(field(json, 'added_tokens') ?? [])
  // Runs of spaces or line ends are text that some tokenizers keep as added tokens; all others are control tokens.
  const isText = (token: AddedToken) => !token.special && token.content.trim() === ''
  const control = added.filter(token => !isText(token))
  const contents = new Set([...control.map(token => token.content), ...alsoControl])
  const checkedModel = checkModel(model, contents, new Set(control.map(token => token.id)))
  const tokens = new Map(checkedModel.tokens)
  for (const token of added) tokens.set(token.id, token.content)
  checkIds(tokens)
  const types = new Set<string>()
  for (const key of ['normalizer', 'pre_tokenizer', 'decoder'] as const) {
    const steps = checkSteps(field(json, key) ?? null, key)
    if (key !== 'normalizer') for (const type of steps) types.add(`${key} ${type}`)
  }
  return {
    json: {
      normalizer: field(json, 'normalizer') ?? null,
      pre_tokenizer: field(json, 'pre_tokenizer') ?? null,
      decoder: field(json, 'decoder') ?? null,
      post_processor: null,
      model: checkedModel.model,
      added_tokens: added.filter(isText).map(token => ({ ...token, normalized: false }))
    },
    added,
    tokens,
    byteLevel: types.has('pre_tokenizer ByteLevel') && types.has('decoder ByteLevel')
  }
}

export function readAdded(value: unknown): AddedToken[] {
  if (!Array.isArray(value) || value.length > most.added) {
    throw broken(`${file}: added_tokens is ${shown(value)}, expected a list of at most ${most.added}.`)
  }
  return value.map((each: unknown, index) => {
    const where = `${file}, added token ${index}`
    if (!isObject(each)) throw broken(`${where} is ${shown(each)}, expected an object.`)
    const read = fieldsOf(each, where)
    const content = field(each, 'content')
    if (typeof content !== 'string' || content === '' || content.length > most.token) {
      throw read.wrong('content', `a text of 1 to ${most.token} characters`)
    }
    return {
      id: read.int('id', 0, most.entries),
      content,
      special: read.bool('special', false),
      lstrip: read.bool('lstrip', false),
      rstrip: read.bool('rstrip', false)
    }
  })
}

/** Ids may have gaps, but tables by id must stay in proportion to the file. */
function checkIds(tokens: ReadonlyMap<number, string>): void {
  let last = -1
  for (const id of tokens.keys()) last = Math.max(last, id)
  if (tokens.size === 0) throw broken(`${file} has no tokens. Download it again.`)
  if (last >= 4 * tokens.size + 65_536) {
    throw broken(`${file} has ${tokens.size} tokens with ids up to ${last}, expected ids without wide gaps.`)
  }
}

interface CheckedModel {
  readonly model: JsonObject
  readonly tokens: ReadonlyMap<number, string>
}

function checkModel(
  model: JsonObject,
  control: ReadonlySet<string>,
  controlIds: ReadonlySet<number>
): CheckedModel {
  const type = field(model, 'type') ?? (field(model, 'merges') === undefined ? undefined : 'BPE')
  if (type === 'Unigram') return checkUnigram(model, control, controlIds)
  if (type !== 'BPE' && type !== 'WordPiece') {
    throw unsupported(
      `${file}: the model's type is ${shown(type)}, expected "BPE", "Unigram" or "WordPiece".`
    )
  }
  const read = fieldsOf(model, `${file}, model`)
  const all = readVocab(field(model, 'vocab'))
  const kept = new Map([...all].filter(([token, id]) => !control.has(token) && !controlIds.has(id)))
  const unknown = field(model, 'unk_token') ?? null
  if (unknown !== null && typeof unknown !== 'string') throw read.wrong('unk_token', 'a text or null')
  const shared = {
    type,
    vocab: fromEntries(kept),
    // An unknown token that is also a control token (GPT-2's end of text) would let unknown characters write it.
    unk_token: unknown !== null && kept.has(unknown) ? unknown : null,
    fuse_unk: read.bool('fuse_unk', false)
  }
  const tokens = new Map([...all].map(([token, id]) => [id, token]))
  if (type === 'WordPiece') {
    if (shared.unk_token === null)
      throw read.wrong('unk_token', 'a token of the vocabulary that is no control token')
    const prefix = field(model, 'continuing_subword_prefix') ?? '##'
    if (typeof prefix !== 'string') throw read.wrong('continuing_subword_prefix', 'a text')
    const longest = read.int('max_input_chars_per_word', 1, 1000, 100)
    return {
      model: { ...shared, continuing_subword_prefix: prefix, max_input_chars_per_word: longest },
      tokens
    }
  }
  for (const key of [
    'end_of_word_suffix',
    'continuing_subword_prefix',
    'continuing_subword_suffix'
  ] as const) {
    const value = field(model, key) ?? ''
    if (typeof value !== 'string' || value.length > most.text) throw read.wrong(key, 'a short text or null')
    if (value !== '' && key !== 'end_of_word_suffix')
      throw unsupported(`${file}: ${key} is ${shown(value)}, expected none.`)
  }
  return {
    model: {
      ...shared,
      merges: readMerges(field(model, 'merges'), kept, all),
      end_of_word_suffix: field(model, 'end_of_word_suffix') ?? null,
      byte_fallback: read.bool('byte_fallback', false),
      ignore_merges: read.bool('ignore_merges', false)
    },
    tokens
  }
}

function readVocab(value: unknown): Map<string, number> {
  if (!isObject(value)) throw broken(`${file}: vocab is ${shown(value)}, expected ids by token.`)
  const vocab = new Map<string, number>()
  const seen = new Set<number>()
  for (const [token, id] of Object.entries(value)) {
    if (
      typeof id !== 'number' ||
      !Number.isSafeInteger(id) ||
      id < 0 ||
      id > most.entries ||
      token.length > most.token
    ) {
      throw broken(`${file}: the token ${shown(token)} has the id ${shown(id)}, expected a whole number.`)
    }
    if (seen.has(id))
      throw broken(`${file}: the id ${id} stands for two tokens, one of them ${shown(token)}.`)
    seen.add(id)
    vocab.set(token, id)
  }
  return vocab
}

/** Merges as pairs, without those that make or use a control token. */
function readMerges(
  value: unknown,
  kept: ReadonlyMap<string, number>,
  all: ReadonlyMap<string, number>
): [string, string][] {
  if (!Array.isArray(value) || value.length > most.entries) {
    throw broken(`${file}: merges is ${shown(value)}, expected a list of pairs.`)
  }
  const merges: [string, string][] = []
  for (const each of value as unknown[]) {
    const pair: unknown[] = typeof each === 'string' ? each.split(' ') : Array.isArray(each) ? each : []
    const [left, right] = pair
    if (pair.length !== 2 || typeof left !== 'string' || typeof right !== 'string') {
      throw broken(`${file} has the merge ${shown(each)}, expected two tokens.`)
    }
    const merged = left + right
    if (!all.has(merged))
      throw broken(`${file} merges ${shown(left)} and ${shown(right)} to a token that it does not have.`)
    if (kept.has(merged)) merges.push([left, right])
  }
  return merges
}

function checkUnigram(
  model: JsonObject,
  control: ReadonlySet<string>,
  controlIds: ReadonlySet<number>
): CheckedModel {
  const read = fieldsOf(model, `${file}, model`)
  const vocab = field(model, 'vocab')
  if (!Array.isArray(vocab) || vocab.length === 0 || vocab.length > most.entries)
    throw read.wrong('vocab', 'a list')
  const unknown = read.int('unk_id', 0, vocab.length - 1)
  const tokens = new Map<number, string>()
  const kept = vocab.map((each: unknown, id): [string, number] => {
    const [token, score] = Array.isArray(each) ? (each as unknown[]) : []
    if (
      typeof token !== 'string' ||
      token.length > most.token ||
      typeof score !== 'number' ||
      !Number.isFinite(score)
    ) {
      throw broken(`${file}: piece ${id} is ${shown(each)}, expected a text and its score.`)
    }
    tokens.set(id, token)
    // A lone surrogate never occurs in text that went through UTF-8, so this piece is never chosen.
    return control.has(token) || controlIds.has(id) || token === '' ? [`\uD800${id}`, score] : [token, score]
  })
  return { model: { type: 'Unigram', unk_id: unknown, vocab: kept }, tokens }
}

/** An object with these own properties, "__proto__" included. */
function fromEntries(map: ReadonlyMap<string, number>): JsonObject {
  return Object.fromEntries(map)
}

const known: Readonly<Record<string, readonly string[]>> = {
  normalizer: [
    'BertNormalizer',
    'Precompiled',
    'Sequence',
    'Replace',
    'NFC',
    'NFD',
    'NFKC',
    'NFKD',
    'Strip',
    'StripAccents',
    'Lowercase',
    'Prepend'
  ],
  pre_tokenizer: [
    'BertPreTokenizer',
    'Sequence',
    'Whitespace',
    'WhitespaceSplit',
    'Metaspace',
    'ByteLevel',
    'Split',
    'Punctuation',
    'Digits',
    'FixedLength'
  ],
  decoder: [
    'ByteLevel',
    'WordPiece',
    'Metaspace',
    'BPEDecoder',
    'CTC',
    'Sequence',
    'Replace',
    'Fuse',
    'Strip',
    'ByteFallback'
  ]
}
const listKeys = ['normalizers', 'pretokenizers', 'decoders']
const flagKeys = [
  'add_prefix_space',
  'trim_offsets',
  'use_regex',
  'invert',
  'individual_digits',
  'strip_left',
  'strip_right',
  'lowercase',
  'clean_text',
  'handle_chinese_chars',
  'strip_accents',
  'cleanup'
]
const textKeys = [
  'content',
  'prepend',
  'replacement',
  'str_rep',
  'prefix',
  'suffix',
  'pad_token',
  'word_delimiter_token'
]
const choiceKeys = ['behavior', 'prepend_scheme']

/** Checks one step and those inside it; gives the types found. */
function checkSteps(value: unknown, kind: string, depth = 0): string[] {
  if (value === null) return []
  const where = `${file}, ${kind}`
  const type = isObject(value) ? field(value, 'type') : undefined
  if (!isObject(value) || typeof type !== 'string' || depth > most.depth) {
    throw broken(`${where} is ${shown(value)}, expected an object with a type.`)
  }
  if (!known[kind]!.includes(type))
    throw unsupported(`${where} is of type ${shown(type)}, which this program does not know.`)
  checkFields(value, where)
  if (type === 'Split' && !['Isolated', 'Removed'].includes(String(field(value, 'behavior') ?? 'Isolated'))) {
    throw unsupported(
      `${where}: Split with behavior ${shown(field(value, 'behavior'))}, expected "Isolated" or "Removed".`
    )
  }
  if (type === 'Split' || type === 'Replace') checkPattern(field(value, 'pattern'), where)
  if (type === 'FixedLength') fieldsOf(value, where).int('length', 1, most.token)
  const inner = listKeys.map(key => field(value, key)).find(list => list !== undefined) ?? []
  if (!Array.isArray(inner) || inner.length > most.steps) {
    throw broken(`${where}: a sequence is ${shown(inner)}, expected a list of at most ${most.steps}.`)
  }
  return [type, ...inner.flatMap((each: unknown) => (each === null ? [] : checkSteps(each, kind, depth + 1)))]
}

/** Only fields of the right type reach the library, and none is long enough to make text grow without bound. */
function checkFields(value: JsonObject, where: string): void {
  const read = fieldsOf(value, where)
  for (const key of flagKeys) read.bool(key, false)
  for (const key of choiceKeys) {
    const choice = field(value, key) ?? ''
    if (typeof choice !== 'string') throw read.wrong(key, 'a text')
  }
  for (const key of textKeys) {
    const text = field(value, key) ?? ''
    if (typeof text !== 'string' || text.length > most.text)
      throw read.wrong(key, `a text of at most ${most.text} characters`)
  }
  for (const key of ['start', 'stop']) read.int(key, 0, 64, 0)
}

function checkPattern(pattern: unknown, where: string): void {
  const regex = isObject(pattern) ? field(pattern, 'Regex') : undefined
  const text = isObject(pattern) ? field(pattern, 'String') : undefined
  if (typeof regex === 'string') checkPatternSource(regex, where)
  // An empty text matches between all characters and would multiply them; a long one is compared at each of them.
  else if (typeof text !== 'string' || text === '' || text.length > most.pattern) {
    throw broken(`${where} has the pattern ${shown(pattern)}, expected {"Regex": ...} or {"String": ...}.`)
  }
}
