/**
 * Text ↔ token ids, over @huggingface/tokenizers. Text of documents and questions is never able to produce a
 * control token: those are not in the vocabulary that the library is given (tokenizer-json.ts) and enter by id only.
 *
 * Measured: Moby-Dick (1.2 MB, 377 k tokens) in 1.1 s with the embedded model's tokenizer, its offsets in 0.03 s, on
 * one of two shared server cores with Node 20.20; nearly all of it is the library's merging.
 */
import { Tokenizer as Library } from '@huggingface/tokenizers'
import { EngineFailure } from '../failure'
import { openByteFallback } from './byte-fallback-tokenizer'
import { isHidden, joinedIds, splitAtTokens, stopIdsOf } from './control-tokens'
import { broken, field, isObject, parseJsonBytes, type JsonObject } from './json'
import { checkPatternCost, tryPattern } from './pattern-check'
import { byteLevelBytes, surfaceBytes } from './token-bytes'
import { alignInPieces, alignTokens, type TokenOffsets } from './token-offsets'
import { byteStream, windowStream, type TokenStream } from './token-stream'
import { nextCut, tokenCut, type Words } from './text-pieces'
import { readTokenizerConfig, type TokenizerConfig } from './tokenizer-config'
import { checkTokenizerJson, type AddedToken, type CheckedTokenizer } from './tokenizer-json'

export interface Tokenizer {
  /** Largest id plus one. */
  readonly size: number
  /** Ids that end an answer. */
  readonly stopIds: ReadonlySet<number>
  /** Tokens that are not shown in an answer. */
  isSpecial(id: number): boolean
  /** The id of a token such as "<|user|>"; undefined when there is none. */
  specialId(content: string): number | undefined
  /** What an added token is called; undefined for other ids. */
  addedContent(id: number): string | undefined
  /**
   * Ids of a text from outside: never a control token, nothing added before or after. `atStart` says that
   * the text begins the whole sequence, which matters to tokenizers that put a space there only.
   */
  encodeText(text: string, options?: EncodeOptions): { readonly ids: Uint32Array }
  /** The same piece by piece (4,000 to 16,000 characters, 8 to 30 ms each, whatever the text), for those who must not block for long. */
  encodePieces(text: string, options?: EncodeOptions): Generator<EncodedPiece, void>
  /** Splits trusted text of a template at the control tokens that it names. */
  splitControl(text: string): readonly (string | AddedToken)[]
  /** Where each token of `text` lies, in bytes of UTF-8. Never throws; says whether it is exact. */
  byteOffsets(ids: Uint32Array, text: string): TokenOffsets
  /** The same in steps of some milliseconds. */
  byteOffsetsInPieces(ids: Uint32Array, text: string): Generator<void, TokenOffsets>
  /** Text of an answer, token by token. */
  decoder(): TokenStream
}

interface EncodeOptions {
  readonly atStart?: boolean
}

export interface EncodedPiece {
  readonly ids: Uint32Array
  /** Where the piece ends in the text, in UTF-16 units. */
  readonly end: number
}

/**
 * `eosIds`: further ids that end an answer, from config.json or generation_config.json.
 * Throws unsupported-model or broken-model.
 */
export function openTokenizer(
  tokenizerJson: string | Uint8Array,
  tokenizerConfig: string,
  eosIds: readonly number[] = []
): Tokenizer {
  const config = readTokenizerConfig(tokenizerConfig)
  const bytes = typeof tokenizerJson === 'string' ? new TextEncoder().encode(tokenizerJson) : tokenizerJson
  const opened = openByteFallback(bytes, config, eosIds)
  if (opened) return opened
  const checked = checkTokenizerJson(parseJsonBytes(bytes, 'tokenizer.json'), config.special)
  const libraries = openLibraries(checked)
  const special = specialIds(checked, config)
  const idOf = new Map([...checked.tokens].map(([id, token]) => [token, id]))
  for (const token of checked.added) idOf.set(token.content, token.id)
  const control = controlIds(checked, config)
  const addedById = new Map(checked.added.map(token => [token.id, token]))
  const bytesOf = remembered((id: number) => {
    const token = checked.tokens.get(id)
    if (token === undefined || special.has(id)) return undefined
    return checked.byteLevel && !addedById.has(id) ? byteLevelBytes(token) : surfaceBytes(token)
  })
  const size = [...checked.tokens.keys()].reduce((most, id) => Math.max(most, id), 0) + 1
  return {
    size,
    stopIds: stopIdsOf(config, special, content => idOf.get(content), eosIds),
    isSpecial: id => special.has(id),
    specialId: content => idOf.get(content),
    addedContent: id => addedById.get(id)?.content,
    encodeText: (text, options) => ({
      ids: joinedIds(
        Array.from(encodePieces(libraries, text, options?.atStart ?? false, control), p => p.ids)
      )
    }),
    encodePieces: (text, options) => encodePieces(libraries, text, options?.atStart ?? false, control),
    splitControl: text => splitAtTokens(text, checked.added),
    byteOffsets: (ids, text) => alignTokens(ids, text, bytesOf),
    byteOffsetsInPieces: (ids, text) => alignInPieces(ids, text, bytesOf),
    decoder: () =>
      checked.byteLevel
        ? byteStream(
            id => (addedById.has(id) ? undefined : bytesOf(id)),
            id => (special.has(id) ? '' : (addedById.get(id)?.content ?? ''))
          )
        : windowStream(
            ids =>
              decodeTokens(
                libraries.first,
                ids.map(id => checked.tokens.get(id) ?? '')
              ),
            id => special.has(id) || !checked.tokens.has(id)
          )
  }
}

/** Throws broken-model when the tokenizer can give an id that the embedding table does not have. */
export function checkVocabulary(tokenizer: Tokenizer, vocabSize: number): void {
  if (tokenizer.size <= vocabSize) return
  throw broken(
    `tokenizer.json has ids up to ${tokenizer.size - 1}, but the model has embeddings for ${vocabSize} tokens. ` +
      'Tokenizer and weights do not belong together; download the model again.'
  )
}

interface Libraries {
  readonly first: Library
  /** For text that goes on: without the space that some tokenizers put before the first word. */
  readonly rest: Library
  /** The space belongs to the very start of a sequence only. */
  readonly spaceAtStartOnly: boolean
}

function openLibraries(checked: CheckedTokenizer): Libraries {
  try {
    const first = new Library(checked.json, {})
    const withoutSpace = withoutPrefix(checked.json)
    let rest = first
    if (withoutSpace !== undefined) {
      rest = new Library({ ...withoutSpace, model: { type: 'BPE', vocab: {}, merges: [] } }, {})
      rest.model = first.model
    }
    for (const library of new Set([first, rest])) guardGrowth(library)
    const steps = JSON.stringify([checked.json.normalizer, checked.json.pre_tokenizer])
    const patterns = [first.normalizer, first.pre_tokenizer, first.decoder].flatMap(step => patternsOf(step))
    const costs = patterns.map(pattern => checkPatternCost(pattern, 'tokenizer.json'))
    if (steps.includes('"Regex":'))
      tryPattern(
        text => preTokens(first, text),
        patterns.map(({ source }) => source).join(' '),
        [...new Set(costs.flatMap(({ characters }) => characters))],
        'tokenizer.json'
      )
    return { first, rest, spaceAtStartOnly: steps.includes('"prepend_scheme":"first"') }
  } catch (cause) {
    if (cause instanceof EngineFailure) throw cause
    throw broken(
      'tokenizer.json could not be opened. It is damaged or of a kind that this program does not know.',
      cause
    )
  }
}

/** The description without what adds a space before the first word; undefined when nothing does. */
function withoutPrefix(json: JsonObject): JsonObject | undefined {
  let changed = false
  const strip = (value: unknown): unknown => {
    if (Array.isArray(value)) return value.map(strip).filter(each => each !== undefined)
    if (!isObject(value)) return value
    const type = field(value, 'type')
    const adds =
      type === 'Prepend' ||
      (type === 'ByteLevel' && field(value, 'add_prefix_space') === true) ||
      (type === 'Metaspace' && (field(value, 'prepend_scheme') ?? 'always') !== 'never')
    if (adds) changed = true
    if (type === 'Prepend') return undefined
    if (adds) return { ...value, add_prefix_space: false, prepend_scheme: 'never' }
    return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, strip(each)]))
  }
  const normalizer = strip(field(json, 'normalizer')) ?? null
  const preTokenizer = strip(field(json, 'pre_tokenizer')) ?? null
  return changed ? { ...json, normalizer, pre_tokenizer: preTokenizer } : undefined
}

/** A chain of replacements could turn a page into gigabytes; no honest normaliser grows text more than this. */
const growthLimit = (length: number) => 32 * length + 4096

/** The patterns that a step and those inside it run. */
function patternsOf(step: unknown, seen = new Set<unknown>()): RegExp[] {
  if (step instanceof RegExp) return [step]
  // The library's steps are functions with fields.
  if ((typeof step !== 'object' && typeof step !== 'function') || step === null || seen.has(step)) return []
  seen.add(step)
  return Object.values(step).flatMap(part => patternsOf(part, seen))
}

interface Step {
  normalize(text: string): string
  readonly normalizers?: readonly (Step | null)[]
}

function guardGrowth(library: Library): void {
  let most = 0
  const guard = (step: Step | null, outermost: boolean): void => {
    if (step === null) return
    for (const inner of step.normalizers ?? []) guard(inner, false)
    const plain = step.normalize.bind(step)
    step.normalize = text => {
      if (outermost) most = growthLimit(text.length)
      const result = plain(text)
      if (result.length > most)
        throw broken('tokenizer.json lets its normaliser multiply the text. It is damaged.')
      return result
    }
  }
  guard(library.normalizer as Step | null, true)
}

/** The words that the pre-tokenizer makes of a text: tokens never reach across their borders. */
function preTokens(library: Library, text: string): string[] {
  const normal = library.normalizer === null ? text : library.normalizer.normalize(text)
  if (library.pre_tokenizer === null) return [normal]
  return library.pre_tokenizer.pre_tokenize(normal, { section_index: 0 })
}

function* encodePieces(
  { first, rest, spaceAtStartOnly }: Libraries,
  text: string,
  atStart: boolean,
  control: ReadonlySet<number>
): Generator<EncodedPiece, void> {
  let library = spaceAtStartOnly && !atStart ? rest : first
  for (let at = 0; at < text.length;) {
    const current = library
    const words: Words = part => preTokens(part.first ? current : rest, part.text)
    const end = nextCut(text, at, words)
    if (end === undefined) {
      const piece = tokenCut(text, at, (part, goesFirst) =>
        encodePiece(goesFirst ? current : rest, wellFormed(part), control)
      )
      yield piece
      at = piece.end
    } else {
      yield { ids: encodePiece(library, wellFormed(text.slice(at, end)), control), end }
      at = end
    }
    library = rest
  }
}

/** Lone surrogates become what UTF-8 makes of them, so that byte offsets agree with the text on disk. */
const wellFormed = (text: string) => text.replace(/[\uD800-\uDFFF]/gu, '\uFFFD')

function encodePiece(library: Library, piece: string, control: ReadonlySet<number>): Uint32Array {
  let ids: readonly (number | undefined)[]
  try {
    ids = library.encode(piece, { add_special_tokens: false }).ids
  } catch (cause) {
    if (cause instanceof EngineFailure) throw cause
    throw broken(
      'tokenizer.json could not encode a text. It is damaged or of a kind that this program does not know.',
      cause
    )
  }
  // Characters that the vocabulary does not have come without an id; so would an "unknown" that is a control token.
  return Uint32Array.from(ids.filter((id): id is number => id !== undefined && !control.has(id)))
}

/** Ids that must never come out of text. */
function controlIds(checked: CheckedTokenizer, config: TokenizerConfig): ReadonlySet<number> {
  const text = checked.added
    .filter(token => !token.special && token.content.trim() === '')
    .map(token => token.id)
  const control = new Set(checked.added.map(token => token.id))
  for (const [id, token] of checked.tokens) if (config.special.has(token)) control.add(id)
  for (const id of text) control.delete(id)
  return control
}

function specialIds(checked: CheckedTokenizer, config: TokenizerConfig): ReadonlySet<number> {
  const special = new Set(checked.added.filter(isHidden).map(token => token.id))
  for (const [id, token] of checked.tokens) if (config.special.has(token)) special.add(id)
  return special
}

function decodeTokens(library: Library, tokens: string[]): string {
  try {
    const text = library.decoder === null ? tokens.join(' ') : library.decoder.decode(tokens)
    const suffix: unknown = library.decoder?.end_of_word_suffix
    return typeof suffix === 'string' && suffix !== '' ? text.replaceAll(suffix, ' ') : text
  } catch (cause) {
    throw broken(
      'tokenizer.json could not decode an answer. It is damaged or of a kind that is not known here.',
      cause
    )
  }
}

function remembered<K, V>(compute: (key: K) => V): (key: K) => V {
  const known = new Map<K, V>()
  return key => {
    const found = known.get(key)
    if (found !== undefined || known.has(key)) return found as V
    const value = compute(key)
    known.set(key, value)
    return value
  }
}
