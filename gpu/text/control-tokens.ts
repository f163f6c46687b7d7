/** Tokens that stand for no text: which end an answer, and where a template's own words name them. */
import type { TokenizerConfig } from './tokenizer-config'
import type { AddedToken } from './tokenizer-json'

const stopNames = [
  '<|end|>',
  '<|eot_id|>',
  '<|eom_id|>',
  '<|im_end|>',
  '<|endoftext|>',
  '<|end_of_text|>',
  '<|eos|>',
  '<end_of_turn>',
  '</s>',
  '<eos>'
]

/** Hidden in an answer and never chosen. Gemma's own file does not mark its places for later use as special. */
export const isHidden = ({ special, content }: AddedToken): boolean =>
  special || /^(<unused\d+>|\[multimodal\]|<mask>)$/.test(content)

/** Ids that end an answer: what the files say, and special tokens of a name that means it. */
export function stopIdsOf(
  config: TokenizerConfig,
  special: ReadonlySet<number>,
  idOf: (content: string) => number | undefined,
  eosIds: readonly number[]
): ReadonlySet<number> {
  const named = stopNames.map(idOf).filter(id => special.has(id ?? -1))
  const end = config.eos === undefined ? undefined : idOf(config.eos)
  return new Set([end, ...named, ...eosIds].filter(id => id !== undefined))
}

/** A template's words cut at the control tokens in them. */
export function splitAtTokens(text: string, added: readonly AddedToken[]): (string | AddedToken)[] {
  const byContent = new Map(
    added.filter(token => text.includes(token.content)).map(token => [token.content, token])
  )
  if (byContent.size === 0) return text === '' ? [] : [text]
  const longestFirst = [...byContent.keys()].sort((a, b) => b.length - a.length)
  const pattern = new RegExp(
    `(${longestFirst.map(each => each.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('|')})`
  )
  return text
    .split(pattern)
    .filter(each => each !== '')
    .map(each => byContent.get(each) ?? each)
}

/** All ids of these parts, in their order. */
export function joinedIds(parts: readonly Uint32Array[]): Uint32Array {
  const ids = new Uint32Array(parts.reduce((sum, part) => sum + part.length, 0))
  let filled = 0
  for (const part of parts) {
    ids.set(part, filled)
    filled += part.length
  }
  return ids
}
