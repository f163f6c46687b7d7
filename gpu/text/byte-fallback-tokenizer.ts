/**
 * tokenizer.json of Gemma's kind: byte pair encoding with byte fallback over text in which only the space is replaced.
 * @huggingface/tokenizers merges such a text as one word, holds each of half a million merges as strings and takes
 * seconds and 200 MB to open; here the lists are read from the file's bytes into tables (piece-table.ts, merge-table.ts).
 * Control tokens are kept out of text as everywhere: what merges know of them is left out.
 */
import { ByteFallbackBpe } from './byte-fallback-bpe'
import { isHidden, joinedIds, splitAtTokens, stopIdsOf } from './control-tokens'
import { JsonBytes, type JsonRange } from './json-bytes'
import { field, isObject, parseJsonBytes, type JsonObject } from './json'
import { MergeTable } from './merge-table'
import { PieceTable } from './piece-table'
import { alignInPieces, alignTokens } from './token-offsets'
import { byteStream } from './token-stream'
import { tokenCut } from './text-pieces'
import type { EncodedPiece, Tokenizer } from './tokenizer'
import type { TokenizerConfig } from './tokenizer-config'
import { type AddedToken, readAdded } from './tokenizer-json'

const file = 'tokenizer.json'

interface Outline {
  /** Everything but the two long lists, which are empty here. */
  readonly json: JsonObject
  readonly vocab: JsonRange
  readonly merges: JsonRange
}

/**
 * Undefined for a tokenizer of another kind, or JSON without such lists: the general way says what is wrong with it.
 * Throws broken-model.
 */
export function openByteFallback(
  bytes: Uint8Array,
  config: TokenizerConfig,
  eosIds: readonly number[]
): Tokenizer | undefined {
  const outline = outlineOf(bytes)
  const space = outline && spaceOf(outline.json)
  if (outline === undefined || space === undefined) return undefined
  const added = readAdded(field(outline.json, 'added_tokens') ?? [])
  const isText = ({ special, content }: AddedToken) =>
    !special && [...content].every(each => each === space || each.trim() === '')
  const texts = added.filter(isText)
  if (texts.some(token => token.lstrip || token.rstrip)) return undefined
  const control = added.filter(token => !isText(token))

  const pieces = new PieceTable(
    new JsonBytes(bytes.subarray(0, outline.vocab.end), file, outline.vocab.start)
  )
  const special = new Set(added.filter(isHidden).map(({ id }) => id))
  for (const content of config.special) special.add(pieces.idOf(content) ?? -1)
  const barred = new Set([
    ...special,
    ...control.flatMap(token => [token.id, pieces.idOf(token.content) ?? -1])
  ])
  const byteIds = Array.from({ length: 256 }, (_, byte) => pieces.idOf(byteName(byte)) ?? -1)
  if (byteIds.includes(-1)) return undefined
  const kept = (id: number) => !barred.has(id)
  const merges = new MergeTable(
    new JsonBytes(bytes.subarray(0, outline.merges.end), file, outline.merges.start),
    pieces,
    kept
  )
  // A byte that merges would be a symbol of its own; no tokenizer of this kind has such merges.
  const bytePieces = new Set(byteIds)
  if (merges.mentions(bytePieces)) return undefined
  const bpe = new ByteFallbackBpe({
    pieces,
    merges,
    kept: id => kept(id) && !bytePieces.has(id),
    space,
    texts,
    byteIds
  })
  return tokenizerOf({ bpe, pieces, added, special, space, byteIds, config, eosIds })
}

interface Parts {
  readonly bpe: ByteFallbackBpe
  readonly pieces: PieceTable
  readonly added: readonly AddedToken[]
  readonly special: ReadonlySet<number>
  readonly space: string
  readonly byteIds: readonly number[]
  readonly config: TokenizerConfig
  readonly eosIds: readonly number[]
}

function tokenizerOf({ bpe, pieces, added, special, space, byteIds, config, eosIds }: Parts): Tokenizer {
  const contentOf = new Map(added.map(({ id, content }) => [id, content]))
  const idOf = new Map(added.map(({ id, content }) => [content, id]))
  const specialId = (content: string) => idOf.get(content) ?? pieces.idOf(content)
  const byteOf = new Map(byteIds.map((id, byte) => [id, byte]))
  const surface = (text: string) => new TextEncoder().encode(text.replaceAll(space, ' '))
  const known = new Map<number, Uint8Array>()
  /** What a token is in the text, undefined for what is no text. */
  const bytesOf = (id: number): Uint8Array | undefined => {
    const remembered = known.get(id)
    if (remembered !== undefined) return remembered
    if (special.has(id) || (!pieces.has(id) && !contentOf.has(id))) return undefined
    const byte = byteOf.get(id)
    const bytes =
      byte === undefined
        ? surface(contentOf.get(id) ?? new TextDecoder().decode(pieces.piece(id)))
        : Uint8Array.of(byte)
    known.set(id, bytes)
    return bytes
  }
  return {
    size: Math.max(pieces.size, ...added.map(({ id }) => id + 1)),
    stopIds: stopIdsOf(config, special, specialId, eosIds),
    isSpecial: id => special.has(id),
    specialId,
    addedContent: id => contentOf.get(id),
    encodeText: text => ({ ids: joinedIds(Array.from(encodeInPieces(bpe, text), ({ ids }) => ids)) }),
    encodePieces: text => encodeInPieces(bpe, text),
    splitControl: text => splitAtTokens(text, added),
    byteOffsets: (ids, text) => alignTokens(ids, text, bytesOf),
    byteOffsetsInPieces: (ids, text) => alignInPieces(ids, text, bytesOf),
    decoder: () => byteStream(bytesOf, () => '')
  }
}

/** Characters of a piece: some milliseconds. Twice as many where no border comes. */
const pieceLength = 1 << 13

function* encodeInPieces(bpe: ByteFallbackBpe, text: string): Generator<EncodedPiece, void> {
  for (let at = 0; at < text.length;) {
    const last = Math.min(text.length, at + 2 * pieceLength)
    let end = Math.min(text.length, at + pieceLength)
    while (end < last && !bpe.isBorder(text, end)) end++
    const piece = bpe.isBorder(text, end)
      ? { ids: bpe.encode(text.slice(at, end)), end }
      : tokenCut(text, at, part => bpe.encode(part))
    yield piece
    at = piece.end
  }
}

const byteName = (byte: number) => `<0x${byte.toString(16).toUpperCase().padStart(2, '0')}>`

/** Where vocabulary and merges lie, and all the rest as JSON; undefined where they are no object and no list. */
function outlineOf(bytes: Uint8Array): Outline | undefined {
  if (bytes.find(byte => byte > 0x20) !== 0x7b) return undefined
  const json = new JsonBytes(bytes, file)
  const found: { vocab?: JsonRange; merges?: JsonRange } = {}
  json.map(key => {
    if (key !== 'model' || !json.isMap()) return void json.skip()
    json.map(name => {
      const [isVocab, isMerges] = [name === 'vocab' && json.isMap(), name === 'merges' && json.isList()]
      const range = json.skip()
      if (isVocab) found.vocab = range
      if (isMerges) found.merges = range
    })
  })
  const { vocab, merges } = found
  if (vocab === undefined || merges === undefined) return undefined
  const lists = [
    { ...vocab, empty: '{}' },
    { ...merges, empty: '[]' }
  ].sort((a, b) => a.start - b.start)
  const parts: Uint8Array[] = []
  let from = 0
  for (const { start, end, empty } of lists) {
    parts.push(bytes.subarray(from, start), new TextEncoder().encode(empty))
    from = end
  }
  parts.push(bytes.subarray(from))
  const rest = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0))
  let filled = 0
  for (const part of parts) {
    rest.set(part, filled)
    filled += part.length
  }
  return { json: parseJsonBytes(rest, file), vocab, merges }
}

/** The character that stands for a space, where the tokenizer is of this kind; undefined where it is of another. */
function spaceOf(json: JsonObject): string | undefined {
  const model = field(json, 'model')
  if (!isObject(model) || (field(model, 'type') ?? 'BPE') !== 'BPE' || field(model, 'byte_fallback') !== true)
    return undefined
  const isPlain = ['dropout', 'continuing_subword_prefix', 'end_of_word_suffix', 'ignore_merges'].every(
    key => !field(model, key)
  )
  const space = replacedBy(field(json, 'normalizer'), ' ')
  if (!isPlain || space === undefined || [...space].length !== 1 || space === ' ') return undefined
  const decoder = field(json, 'decoder')
  const steps: unknown =
    isObject(decoder) && field(decoder, 'type') === 'Sequence' ? field(decoder, 'decoders') : undefined
  if (!Array.isArray(steps) || steps.length !== 3 || replacedBy(steps[0], space) !== ' ') return undefined
  const types = steps.slice(1).map((step: unknown) => (isObject(step) ? field(step, 'type') : undefined))
  if (types.join() !== 'ByteFallback,Fuse') return undefined
  const splits = field(json, 'pre_tokenizer') ?? null
  // A pattern that is a space finds none any more.
  const isIdle =
    splits === null || (isObject(splits) && field(splits, 'type') === 'Split' && patternOf(splits) === ' ')
  return isIdle ? space : undefined
}

/** What a Replace step of this text puts in its place. */
function replacedBy(step: unknown, text: string): string | undefined {
  if (!isObject(step) || field(step, 'type') !== 'Replace' || patternOf(step) !== text) return undefined
  const content = field(step, 'content')
  return typeof content === 'string' ? content : undefined
}

function patternOf(step: JsonObject): unknown {
  const pattern = field(step, 'pattern')
  return isObject(pattern) ? field(pattern, 'String') : undefined
}
