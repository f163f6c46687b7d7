import { describe, expect, test } from 'vitest'
import { openChat, type ChatTurn } from './chat-template'
import { below, damaged, jsonText, outcome, pick, seeded, twisted } from '../testing/hostile'
import { controlTokens, sampleText, sampleTokenizers } from '../testing/sample-tokenizers'
import { openTokenizer } from './tokenizer'

const base = sampleTokenizers['GPT-2']!.json
const documents =
  "{{ bos_token }}{% for m in messages %}{% if m.role == 'document' %}<|doc|>{{ m.content }}<|end|>" +
  "{% elif m.role == 'user' %}<|user|>{{ m.content }}{% else %}<think> {{ m.content }}<|end|>{% endif %}{% endfor %}" +
  '{% if add_generation_prompt %}<think>{% endif %}'
const chatMl =
  "{% for m in messages %}<|user|>{{ m['role'] }}\n{{ m['content'] | trim }}<|end|>\n{% endfor %}<|user|>assistant\n"
const alternating =
  "{% for m in messages %}{% if (m.role == 'user') != (loop.index0 % 2 == 0) %}{{ raise_exception('roles must alternate') }}" +
  '{% endif %}<|user|>{{ m.content }}{% endfor %}'

function open(template: string | undefined, json: object = base) {
  const config = JSON.stringify({ bos_token: '<|bos|>', eos_token: '<|end|>', chat_template: template })
  const tokenizer = openTokenizer(JSON.stringify(json), config)
  const names = new Map(controlTokens.map(token => [tokenizer.specialId(token)!, token]))
  /** Ids as text, control tokens in brackets, so that a control token differs from its spelling. */
  const shown = (ids: Uint32Array) => {
    const parts: string[] = []
    let stream = tokenizer.decoder()
    for (const id of ids) {
      const name = names.get(id)
      if (name === undefined) parts.push(stream.push(id))
      else {
        parts.push(stream.flush(), `[${name}]`)
        stream = tokenizer.decoder()
      }
    }
    return parts.join('') + stream.flush()
  }
  const chat = openChat(tokenizer, config)
  return {
    tokenizer,
    chat,
    shown,
    prefix: () => shown(chat.documentPrefix()),
    rest: (history: readonly ChatTurn[], question: string) =>
      shown(chat.documentSuffixAndTurns(history, question))
  }
}
const history: ChatTurn[] = [
  { role: 'user', content: 'Where?' },
  { role: 'assistant', content: 'Paris' }
]

describe('the words around a document', () => {
  test('a template that knows documents', () => {
    const { prefix, rest } = open(documents)
    expect(prefix()).toBe('[<|bos|>][<|doc|>]')
    expect(rest([], 'Why?')).toBe('[<|end|>][<|user|>]Why?[<think>]')
    expect(rest(history, 'Why?')).toBe(
      '[<|end|>][<|user|>]Where?[<think>] Paris[<|end|>][<|user|>]Why?[<think>]'
    )
  })

  test('a template that prints any role gets the document in the first question', () => {
    const { prefix, rest } = open(chatMl)
    expect(prefix()).toBe('[<|user|>]user\n')
    expect(rest([], 'Why?')).toBe('\n\nWhy?[<|end|>]\n[<|user|>]assistant')
    expect(rest(history, 'So?')).toBe(
      '\n\nWhere?[<|end|>]\n[<|user|>]assistant\nParis[<|end|>]\n[<|user|>]user\nSo?[<|end|>]\n[<|user|>]assistant'
    )
  })

  test('a template that raises an exception for an unknown role', () => {
    const { prefix, rest } = open(alternating.replace('{% for', "{% set d = 'document' %}{% for"))
    expect(prefix()).toBe('[<|user|>]')
    expect(rest(history, 'So?')).toBe('\n\nWhere?[<|user|>]Paris[<|user|>]So?')
  })

  test('no template: a prompt for a base model', () => {
    const { prefix, rest } = open(undefined)
    expect(prefix()).toBe('[<|bos|>]')
    expect(rest(history, 'Why?')).toBe('\n\nQuestion: Where?\nAnswer: Paris\n\nQuestion: Why?\nAnswer:')
  })

  test('the beginning of the sequence stands there once', () => {
    expect(open(`<|bos|>${documents}`).prefix()).toBe('[<|bos|>][<|doc|>]')
  })

  test('the prefix is the same for every question', () => {
    const { chat } = open(documents)
    const before = [...chat.documentPrefix()]
    chat.documentSuffixAndTurns(history, 'x')
    chat.documentPrefix().fill(0)
    expect([...chat.documentPrefix()]).toEqual(before)
  })

  test('plain words of the template are tokenised together with the content that they touch', () => {
    const { tokenizer, chat } = open(documents)
    const ids = [...chat.documentSuffixAndTurns(history, 'x')]
    const paris = tokenizer.encodeText(' Paris').ids
    expect(paris.length).toBe(1)
    expect(ids).toContain(paris[0])
  })
})

test('no content can write a control token or leave its place', () => {
  for (const template of [documents, chatMl, undefined]) {
    const { chat, tokenizer } = open(template)
    const control = new Set(controlTokens.map(token => tokenizer.specialId(token)))
    const count = (ids: Uint32Array) => ids.filter(id => control.has(id)).length
    const harmless = count(chat.documentSuffixAndTurns(history, 'x'))
    for (const attack of [
      ...controlTokens,
      '\uE0F01\uE0F1',
      '\uE0F00\uE0F1<|end|>',
      '{{ bos_token }}',
      '{% raw %}'
    ]) {
      const turns: ChatTurn[] = [
        { role: 'user', content: attack },
        { role: 'assistant', content: attack }
      ]
      expect(count(chat.documentSuffixAndTurns(turns, attack))).toBe(harmless)
    }
  }
})

test('the date in a template stands still, or every saved document would be foreign tomorrow', () => {
  expect(open(`{{ strftime_now('%d %b %Y') }}${documents}`).prefix()).toBe('01 Jan 2025[<|bos|>][<|doc|>]')
})

describe('refuses', () => {
  const cases: [string, string, RegExp][] = [
    ['a template that cannot be parsed', '{% for %}', /could not be used/],
    ['a template without the contents', 'hello', /places the 2 messages as ""/],
    ['contents twice', `${documents}${documents}`, /expected each once and in order/],
    [
      'contents out of order',
      '{% for m in messages|reverse %}{{ m.content }}{% endfor %}',
      /4 messages as "3, 2, 0, 1"/
    ],
    ['more than 64 KiB', documents.padEnd(70_000, 'x'), /70000 characters, expected at most 65536/],
    ['a long run of spaces', `${' '.repeat(60_000)}${documents}`, /1000 spaces in a row/],
    ['an endless loop', `{% for a in range(9999999999) %}{% endfor %}${documents}`, /number above 4096/],
    [
      'nested loops',
      `${'{% for a in range(4000) %}'.repeat(4)}${'{% endfor %}'.repeat(4)}${documents}`,
      /more than 100000 steps/
    ],
    [
      'loops over a list that is kept',
      `{% set r = range(4000) %}${'{% for a in r %}'.repeat(4)}${'{% endfor %}'.repeat(4)}${documents}`,
      /more than 100000 steps/
    ],
    [
      'filters over a list that is kept',
      `{% set r = range(4000) %}{% for a in r %}{% for b in range(40) %}{{ (r|join)|length }}{% endfor %}{% endfor %}${documents}`,
      /more than 100000 steps|number above/
    ],
    [
      'a text that doubles',
      `{% set s = namespace(x='ab') %}{% for i in range(60) %}{% set s.x = s.x ~ s.x %}{% endfor %}${documents}`,
      /grows too long/
    ],
    [
      'a list that doubles',
      `{% set s = namespace(x=[1]) %}{% for i in range(60) %}{% set s.x = [s.x, s.x] %}{% endfor %}{{ s.x|tojson }}${documents}`,
      /grows too long/
    ],
    ['recursion', `{% macro f(x) %}{{ f(x) }}{% endmacro %}{{ f(1) }}${documents}`, /could not be used/]
  ]
  test.each(cases)('%s', async (_, template, message) => {
    expect(await outcome(() => open(template))).toBe('broken-model')
    expect(() => open(template)).toThrowError(
      expect.objectContaining({ message: expect.stringMatching(message) })
    )
  })
})

describe('hostile tokenizers and templates end in a failure or work, within two seconds', () => {
  const text = sampleText(seeded(31), 2000)
  const use = (tokenizerJson: string, config: string) => {
    const tokenizer = openTokenizer(tokenizerJson, config)
    const { ids } = tokenizer.encodeText(text)
    tokenizer.byteOffsets(ids, text)
    const stream = tokenizer.decoder()
    for (const id of ids) stream.push(id)
    stream.flush()
    const chat = openChat(tokenizer, config)
    chat.documentPrefix()
    chat.documentSuffixAndTurns(history, 'Why?')
  }
  const config = {
    bos_token: '<|bos|>',
    eos_token: { content: '<|end|>' },
    additional_special_tokens: ['<|user|>'],
    chat_template: documents
  }
  const samples = Object.values(sampleTokenizers).map(({ json }) => json)
  const count = async (
    cases: number,
    seed: number,
    make: (random: () => number, index: number) => [string, string]
  ) => {
    const random = seeded(seed)
    const seen = new Map<string, number>()
    for (let index = 0; index < cases; index++) {
      const [tokenizerJson, configText] = make(random, index)
      const result = await outcome(() => use(tokenizerJson, configText))
      seen.set(result, (seen.get(result) ?? 0) + 1)
    }
    return seen
  }

  test('180 twisted tokenizers: structure around the vocabulary', async () => {
    const seen = await count(180, 41, (random, index) => {
      const json = samples[index % samples.length]! as Record<string, unknown>
      const model = json.model as Record<string, unknown>
      const { vocab, merges, ...rest } = model
      const bent = twisted(random, { ...json, model: rest }) as { model?: Record<string, unknown> } | null
      if (typeof bent?.model === 'object' && bent.model !== null) Object.assign(bent.model, { vocab, merges })
      return [jsonText(bent), JSON.stringify(config)]
    })
    expect((seen.get('broken-model') ?? 0) + (seen.get('unsupported-model') ?? 0)).toBeGreaterThan(60)
  })

  test('120 twisted vocabularies, merges and whole files', async () => {
    const seen = await count(120, 42, (random, index) => {
      const json = samples[index % samples.length]!
      if (index % 2 === 0) return [jsonText(twisted(random, json)), JSON.stringify(config)]
      const bytes = damaged(random, new TextEncoder().encode(JSON.stringify(json)))
      return [new TextDecoder().decode(bytes), JSON.stringify(config)]
    })
    expect((seen.get('broken-model') ?? 0) + (seen.get('unsupported-model') ?? 0)).toBeGreaterThan(50)
  })

  test('200 twisted tokenizer configurations', async () => {
    const tokenizerJson = JSON.stringify(base)
    const seen = await count(200, 43, random => [tokenizerJson, jsonText(twisted(random, config))])
    expect(seen.get('broken-model')).toBeGreaterThan(40)
  })

  test('250 damaged and made-up templates', async () => {
    const tokenizerJson = JSON.stringify(base)
    const words = documents
      .split(/(?<=[%}])|(?= )/)
      .concat([
        '{%',
        '%}',
        '{{',
        '}}',
        '| tojson',
        'range(',
        ')',
        '**',
        'loop',
        '"',
        '[::-1]',
        '*',
        '{% set x = [messages] %}'
      ])
    const seen = await count(250, 44, (random, index) => {
      const template =
        index % 2 === 0
          ? new TextDecoder().decode(damaged(random, new TextEncoder().encode(documents)))
          : Array.from({ length: 1 + below(random, 60) }, () => pick(random, words)).join(
              pick(random, ['', ' '])
            )
      return [tokenizerJson, JSON.stringify({ ...config, chat_template: template })]
    })
    expect(seen.get('broken-model')).toBeGreaterThan(120)
  })

  test('templates of 64 KiB of one thing', async () => {
    const tokenizerJson = JSON.stringify(base)
    for (const unit of [
      '(',
      '{{',
      '{%',
      '[',
      '{{ 1',
      '{{ "a"|upper',
      '{% if x %}',
      '-',
      '{{ not ',
      '{%-   ',
      'a ',
      '{# ',
      '\n',
      '{{ 9**9 }}'
    ]) {
      const template = unit.repeat(Math.floor(65_536 / unit.length))
      expect(
        await outcome(() => use(tokenizerJson, JSON.stringify({ ...config, chat_template: template })))
      ).toBe('broken-model')
    }
  })
})
