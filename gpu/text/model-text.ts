/** A model's words: its tokenizer and its chat, and from them the ids that reading a document takes. */
import { EngineFailure } from '../failure'
import { pauses } from '../pause'
import { type Chat, openChat } from './chat-template'
import { joinedIds } from './control-tokens'
import type { GenerationConfig } from './generation-config'
import { field, type JsonObject } from './json'
import { type ThoughtMarks, type TokenStream, withoutThoughts } from './token-stream'
import { checkVocabulary, openTokenizer, type Tokenizer } from './tokenizer'
import { readTokenizerConfig } from './tokenizer-config'
import { TokenIds } from './token-ids'

export interface ModelText {
  readonly tokenizer: Tokenizer
  readonly chat: Chat
  /** Begins a sequence, where the model has such a token. */
  readonly bos: number | undefined
  /** Between these a model thinks before it answers. */
  readonly thoughtMarks: ThoughtMarks | undefined
  /** Ids that the configuration files keep out of answers: places of pictures and sounds. */
  readonly suppressed: readonly number[]
  /** Text of an answer, token by token, without the thoughts before it. */
  decoder(): TokenStream
}

/** What a model's files say of its text. */
export interface TextFiles {
  /** Content of tokenizer.json; undefined for weights without one, which compute logits but read no text. */
  readTokenizer(): Promise<Uint8Array | undefined>
  /** Content of tokenizer_config.json ("{}" without one), with the template of chat_template.jinja where that is a file. */
  readonly tokenizerConfig: string
  readonly generation: GenerationConfig
  readonly config: { readonly vocabSize: number }
}

export interface TextOptions {
  /** Stands before the document and every question, where the chat template takes such a message. */
  readonly system?: string
}

/** Throws unsupported-model or broken-model; undefined for weights without a tokenizer. */
export async function openModelText(
  { readTokenizer, tokenizerConfig, generation, config }: TextFiles,
  { system }: TextOptions = {}
): Promise<ModelText | undefined> {
  const json = await readTokenizer()
  if (json === undefined) return undefined
  const tokenizer = openTokenizer(json, tokenizerConfig, generation.eosIds)
  checkVocabulary(tokenizer, config.vocabSize)
  const settings = readTokenizerConfig(tokenizerConfig)
  const bosName =
    settings.bos ?? (generation.bosId === undefined ? undefined : tokenizer.addedContent(generation.bosId))
  const marks = marksOf(tokenizer, settings.json)
  return {
    tokenizer,
    chat: openChat(tokenizer, tokenizerConfig, { bos: bosName, system }),
    bos: bosName === undefined ? undefined : tokenizer.specialId(bosName),
    thoughtMarks: marks,
    suppressed: generation.suppressed,
    decoder: () => withoutThoughts(tokenizer.decoder(), marks)
  }
}

/** Named in tokenizer_config.json, or by Gemma's own names; undefined for a model that has none. */
function marksOf(tokenizer: Tokenizer, config: JsonObject): ThoughtMarks | undefined {
  const idOf = (key: string, usual: string): number | undefined => {
    const name = field(config, key)
    return tokenizer.specialId(typeof name === 'string' ? name : usual)
  }
  const [begin, end] = [idOf('soc_token', '<|channel>'), idOf('eoc_token', '<channel|>')]
  const areMarks = [begin, end].every(id => id !== undefined && tokenizer.addedContent(id) !== undefined)
  return areMarks ? { begin: begin!, end: end! } : undefined
}

/** Ids without a token, control tokens that end nothing and no thought, what the files say: none of them may come out of a sampler. */
export function suppressedIds(
  { tokenizer, thoughtMarks, suppressed }: ModelText,
  vocabSize: number
): number[] {
  const stated = new Set(suppressed)
  const isBarred = (id: number): boolean => {
    if (tokenizer.stopIds.has(id)) return false
    if (id >= tokenizer.size || stated.has(id)) return true
    return tokenizer.isSpecial(id) && id !== thoughtMarks?.begin && id !== thoughtMarks?.end
  }
  return Array.from({ length: vocabSize }, (_, id) => id).filter(isBarred)
}

/** The prompt's ids before a document, then the document's. */
export function documentIds({ tokenizer, chat }: ModelText, text: string): Uint32Array {
  const prefix = Uint32Array.from(chat.documentPrefix())
  return joinedIds([prefix, tokenizer.encodeText(text, { atStart: prefix.length === 0 }).ids])
}

interface TokenizingOptions {
  readonly signal?: AbortSignal
  /** How far the text is cut into tokens, 0 to 1. */
  readonly onTokenizing?: (done: number) => void
}

/** The same ids as `documentIds`, without blocking the thread. Throws EngineFailure('cancelled') when told to stop. */
export async function documentIdsInPieces(
  { tokenizer, chat }: ModelText,
  text: string,
  { signal, onTokenizing }: TokenizingOptions = {}
): Promise<Uint32Array> {
  const prefix = Uint32Array.from(chat.documentPrefix())
  const all = new TokenIds()
  all.push(prefix, 0)
  const pause = pauses()
  onTokenizing?.(0)
  for (const { ids, end } of tokenizer.encodePieces(text, { atStart: prefix.length === 0 })) {
    all.push(ids, end / text.length)
    if (signal?.aborted)
      throw new EngineFailure('cancelled', 'Reading stopped while the text was cut into tokens.')
    onTokenizing?.(end / text.length)
    await pause()
  }
  if (text === '') onTokenizing?.(1)
  return all.all()
}

/** Texts up to this many characters are counted, longer ones estimated: 300,000 take about 0.3 s. */
const countedWhole = 300_000
/** Half a million characters: half a second, and within a few percent also where a text changes its kind. */
const samples = { count: 128, length: 4096 }

export interface TokenCount {
  /** Tokens of the document, the prompt's few before it included. */
  readonly tokens: number
  readonly exact: boolean
}

/** Counts, or estimates from samples spread evenly over the text. */
export async function countTokens(
  modelText: ModelText,
  text: string,
  most = countedWhole
): Promise<TokenCount> {
  if (text.length <= most) return { tokens: (await documentIdsInPieces(modelText, text)).length, exact: true }
  const pause = pauses()
  const length = Math.min(samples.length, Math.floor(text.length / samples.count))
  let tokens = 0
  for (let i = 0; i < samples.count; i++) {
    // From the very first character to the very last.
    const start = Math.round(((text.length - length) * i) / (samples.count - 1))
    tokens += modelText.tokenizer.encodeText(text.slice(start, start + length)).ids.length
    await pause()
  }
  const estimate = (tokens / (samples.count * length)) * text.length
  return { tokens: Math.round(estimate) + modelText.chat.documentPrefix().length, exact: false }
}
