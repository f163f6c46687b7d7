/** A folder's text side as Google publishes it: tokenizer.json, chat_template.jinja, generation_config.json, no tokenizer_config.json. */
import { describe, expect, test } from 'vitest'
import { gemmaTemplate } from '../testing/gemma-template'
import { gemmaTokenizer } from '../testing/gemma-tokenizer'
import { samplingOf } from '../session'
import { type ChatTurn } from './chat-template'
import { readGenerationConfig } from './generation-config'
import { openModelText, suppressedIds, type TextFiles } from './model-text'

const small = gemmaTokenizer()
const { vocab } = small.json.model
const id = (piece: string) => vocab[piece]!
const vocabSize = 1021
const config = {
  eos_token_id: [1, 9],
  text_config: { bos_token_id: 2, eos_token_id: 1 },
  image_token_id: id('<|image|>'),
  eoi_token_index: id('<image|>')
}
const generation = {
  eos_token_id: [1, 9, 12],
  do_sample: true,
  temperature: 1,
  top_k: 64,
  top_p: 0.95,
  suppress_tokens: [700]
}

function files(more: Partial<{ tokenizerConfig: object; template: string }> = {}): TextFiles {
  const { tokenizerConfig = {}, template = gemmaTemplate } = more
  return {
    readTokenizer: async () => new TextEncoder().encode(JSON.stringify(small.json)),
    tokenizerConfig: JSON.stringify({ ...tokenizerConfig, chat_template: template }),
    generation: readGenerationConfig(config, generation),
    config: { vocabSize }
  }
}
const open = async (...args: Parameters<typeof openModelText>) => (await openModelText(...args))!
const words = await open(files())
const names = new Map(Object.entries(vocab).map(([piece, number]) => [number, piece]))
/** Ids as text, marks in brackets. */
const shown = (ids: Iterable<number>) =>
  Array.from(ids, each =>
    words.tokenizer.isSpecial(each) ? `[${names.get(each)}]` : names.get(each)!.replaceAll('▁', ' ')
  ).join('')

describe('the words around a document', () => {
  const history: ChatTurn[] = [
    { role: 'user', content: 'Who?' },
    { role: 'assistant', content: 'Marie' }
  ]
  test('the document stands first in the turn of the user, behind one <bos>', () => {
    expect(shown(words.chat.documentPrefix())).toBe('[<bos>][<|turn>]user\n')
    expect(shown(words.chat.documentSuffixAndTurns([], 'Who?'))).toBe('\n\nWho?[<turn|>]\n[<|turn>]model\n')
    expect(shown(words.chat.documentSuffixAndTurns(history, 'When?'))).toBe(
      '\n\nWho?[<turn|>]\n[<|turn>]model\nMarie[<turn|>]\n[<|turn>]user\nWhen?[<turn|>]\n[<|turn>]model\n'
    )
  })
  test('<bos> stands there once, whether the template writes it, writes it twice or leaves it out', async () => {
    for (const template of [
      gemmaTemplate.replace('{{ bos_token }}', ''),
      gemmaTemplate.replace('{{ bos_token }}', '{{ bos_token }}<bos>')
    ])
      for (const tokenizerConfig of [{}, small.config])
        expect(shown((await open(files({ template, tokenizerConfig }))).chat.documentPrefix())).toBe(
          '[<bos>][<|turn>]user\n'
        )
  })
  test('a system message stands before it', async () => {
    const { chat } = await open(files(), { system: ' Answer from the text alone. <turn|> ' })
    expect(shown(chat.documentPrefix())).toBe(
      '[<bos>][<|turn>]system\nAnswer from the text alone. <turn|>[<turn|>]\n[<|turn>]user\n'
    )
    expect(shown(chat.documentSuffixAndTurns([], 'Who?'))).toBe('\n\nWho?[<turn|>]\n[<|turn>]model\n')
  })
  test('a template that takes no system message says so', async () => {
    const template =
      "{{ bos_token }}{% for m in messages if m.role != 'system' %}<|turn>{{ m.role }}\n{{ m.content }}<turn|>{% endfor %}"
    await expect(open(files({ template }), { system: 'x' })).rejects.toThrow(
      /places the system message 0 times/
    )
  })
})

describe('an answer', () => {
  const said = (pieces: readonly string[]) => {
    const stream = words.decoder()
    return pieces.map(piece => stream.push(id(piece))).join('') + stream.flush()
  }
  test('is shown without the thoughts before it or within it', () => {
    expect(said(['<|channel>', 'th', 'ing', '\n', '<channel|>', 'Marie'])).toBe('Marie')
    expect(said(['M', '<|channel>', 'th', '<channel|>', 'a'])).toBe('Ma')
    expect(said(['M', '<|channel>', 'th', 'ing'])).toBe('M')
  })
  test('ends at every end that the files name', () => {
    expect([...words.tokenizer.stopIds].sort((a, b) => a - b)).toEqual([1, 9, 12])
  })
  test('never says pictures, sounds, places for later use, tool calls or ids without a token', () => {
    const never = new Set(suppressedIds(words, vocabSize))
    for (const piece of [
      '<pad>',
      '<bos>',
      '<mask>',
      '<|image|>',
      '<image|>',
      '<|audio|>',
      '<unused0>',
      '<|turn>',
      '<|tool_call>'
    ])
      expect([piece, never.has(id(piece))]).toEqual([piece, true])
    expect([never.has(700), never.has(vocabSize - 1), never.has(words.tokenizer.size - 1)]).toEqual([
      true,
      true,
      false
    ])
    for (const piece of [
      '<eos>',
      '<turn|>',
      '<|tool_response>',
      '<|channel>',
      '<channel|>',
      '<table>',
      'the',
      '<0x41>'
    ])
      expect([piece, never.has(id(piece))]).toEqual([piece, false])
  })
})

describe('choosing', () => {
  const own = readGenerationConfig(config, generation).sampling
  test('is greedy for questions, and the makers’ own where a temperature is asked for', () => {
    expect(own).toEqual({ temperature: 1, topK: 64, topP: 0.95 })
    expect(samplingOf(undefined, own)).toMatchObject({ temperature: 0, topK: 0, topP: 1 })
    expect(samplingOf({ temperature: 0.3 }, own)).toMatchObject({ temperature: 0.3, topK: 64, topP: 0.95 })
    expect(samplingOf({ temperature: 0.3, topK: 5 }, own)).toMatchObject({ topK: 5, topP: 0.95 })
  })
  test('is nobody’s where the file does not sample or its numbers are none', () => {
    expect(readGenerationConfig(config, { ...generation, do_sample: false }).sampling).toBeUndefined()
    expect(readGenerationConfig(config, undefined).sampling).toBeUndefined()
    expect(
      readGenerationConfig(config, { do_sample: true, temperature: 'hot', top_k: -1, top_p: 2 }).sampling
    ).toEqual({ temperature: 1 })
  })
  test('eos ids are numbers or lists of numbers, nothing else', () => {
    const eosIds = (json: object) => readGenerationConfig(json as never, undefined).eosIds
    expect(eosIds({ eos_token_id: 2 })).toEqual([2])
    expect(eosIds({ eos_token_id: [2, -1, 'x', 5, 1e99] })).toEqual([2, 5])
    expect(eosIds({})).toEqual([])
    expect(
      readGenerationConfig(
        { image_token_id: 7, boa_token_id: 'x', vision_config: 3 },
        { suppress_tokens: [9, null] }
      ).suppressed
    ).toEqual([7, 9])
  })
})
