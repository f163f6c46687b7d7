/** What tokenizer_config.json says about special tokens and the chat template, with its several spellings. */
import { broken, field, isObject, parseJsonObject, shown, type JsonObject } from './json'

export interface TokenizerConfig {
  readonly json: JsonObject
  readonly bos: string | undefined
  readonly eos: string | undefined
  /** All tokens that the file names as special. */
  readonly special: ReadonlySet<string>
  readonly template: string | undefined
}

const file = 'tokenizer_config.json'
const roles = ['bos_token', 'eos_token', 'pad_token', 'cls_token', 'sep_token', 'mask_token']
const listLimit = 20_000

/** Throws broken-model when a field that is used has another type than the format allows. */
export function readTokenizerConfig(text: string): TokenizerConfig {
  const json = parseJsonObject(text, file)
  const named = roles.map(role => tokenOf(json, role))
  const more = field(json, 'additional_special_tokens') ?? []
  // transformers also writes them as an object, name -> token.
  const list: unknown[] = Array.isArray(more) ? more : isObject(more) ? Object.values(more) : [more]
  if (list.length > listLimit)
    throw broken(`${file} names ${list.length} special tokens, expected at most ${listLimit}.`)
  const special = new Set<string>()
  for (const token of [...named, ...list.map(each => contentOf(each, 'additional_special_tokens'))]) {
    // A pad token such as "!" or an end token such as a line end is also text; only marks are reserved.
    if (token !== undefined && token.length > 1) special.add(token)
  }
  return { json, bos: named[0], eos: named[1], special, template: templateOf(field(json, 'chat_template')) }
}

/** A token is written as its text, as an object holding its text, or as null. */
function contentOf(value: unknown, key: string): string | undefined {
  const content = isObject(value) ? field(value, 'content') : value
  if (content === null || content === undefined) return undefined
  if (typeof content !== 'string' || content.length > 4096) {
    throw broken(`${file}: ${key} is ${shown(value)}, expected a token's text.`)
  }
  return content === '' ? undefined : content
}

const tokenOf = (json: JsonObject, key: string) => contentOf(field(json, key), key)

/** One template, or several by name of which "default" is the chat. */
function templateOf(value: unknown): string | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'string') return value
  if (Array.isArray(value)) {
    const entries = value.filter(isObject)
    const chosen = entries.find(each => field(each, 'name') === 'default') ?? entries[0]
    const template = chosen === undefined ? undefined : field(chosen, 'template')
    if (typeof template === 'string') return template
  }
  throw broken(`${file}: chat_template is ${shown(value)}, expected a text.`)
}
