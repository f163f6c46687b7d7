import { describe, expect, test } from 'vitest'
import { familyOf } from '../families'
import { layoutOf } from '../model/family'
import { jsonText, outcome, seeded, twisted } from '../testing/hostile'
import { type JsonObject, parseJsonObject } from '../text/json'
import { openedLayers } from './config'
import { readingPlan } from './plan'
import { readOpenWindowConfig } from './read-config'
import { tensorTable } from './tensor-table'

/** SmolLM2-135M as training/convert/export_open.py writes it. */
const smol = {
  model_type: 'open_window',
  vocab_size: 49_152,
  hidden_size: 576,
  intermediate_size: 1536,
  hidden_act: 'silu',
  rms_norm_eps: 1e-5,
  num_hidden_layers: 30,
  num_attention_heads: 9,
  num_key_value_heads: 3,
  rope_theta: 100_000,
  sliding_window: 512,
  open_heads: [
    [7, 2],
    [8, 0],
    [18, 2],
    [23, 2],
    [23, 0]
  ],
  open_distance: 128,
  tie_word_embeddings: true,
  max_position_embeddings: 32_768
}
const changed = (other: object): JsonObject => ({ ...smol, ...other })

describe('a converted SmolLM2', () => {
  test('its sizes, and open heads by layer in order', () => {
    const config = readOpenWindowConfig(smol)
    expect(config).toMatchObject({
      ...{ vocabSize: 49_152, dim: 576, layers: 30, ffnDim: 1536, normEps: 1e-5 },
      ...{ distance: 128, tiedHead: true, trainedLength: 32_768 },
      attention: {
        ...{ heads: 9, kvHeads: 3, headDim: 64, window: 512, sinks: true },
        rope: { theta: 100_000, exponents: 'llama', pairs: 'half' }
      }
    })
    expect(config.opened).toHaveLength(30)
    expect([...openedLayers(config)]).toEqual([
      [7, { set: 0, kvHeads: [2] }],
      [8, { set: 1, kvHeads: [0] }],
      [18, { set: 2, kvHeads: [2] }],
      [23, { set: 3, kvHeads: [0, 2] }]
    ])
  })

  test('keeps 1,280 bytes a token in halves, five heads of 64, and a window of every layer', () => {
    const plan = readingPlan(readOpenWindowConfig(smol))
    expect(plan.kept).toEqual([1, 1, 1, 2].map(kvHeads => ({ kvHeads, headDim: 64 })))
    expect(layoutOf(plan).rowBytes).toBe(1280)
    expect(plan.carry).toEqual(Array(30).fill({ kind: 'ring', window: 512, width: 192 }))
    expect(plan).toMatchObject({
      ...{ layers: 30, passesPerToken: 4 },
      ...{ residentPages: true, looksInRead: true }
    })
    const roles = tensorTable(readOpenWindowConfig(smol)).map(({ role }) => role)
    // All layers, and neither embedding nor head.
    expect(roles.filter(plan.reads)).toEqual(roles.filter(role => !['embed', 'norm'].includes(role)))
  })

  test('its tensors have the names and shapes of Llama, and sinks in every layer', () => {
    const table = tensorTable(readOpenWindowConfig(smol))
    const named = new Map(table.map(({ name, shape }) => [name, shape]))
    expect(named.size).toBe(1 + 30 * 11 + 1)
    expect(Object.fromEntries([...named].filter(([name]) => !/\.layers\.(?!23\.)/.test(name)))).toEqual({
      'model.embed_tokens.weight': [49_152, 576],
      'model.layers.23.input_layernorm.weight': [576],
      'model.layers.23.self_attn.q_proj.weight': [576, 576],
      'model.layers.23.self_attn.k_proj.weight': [192, 576],
      'model.layers.23.self_attn.v_proj.weight': [192, 576],
      'model.layers.23.self_attn.sinks': [9],
      'model.layers.23.self_attn.sink_values': [192],
      'model.layers.23.self_attn.o_proj.weight': [576, 576],
      'model.layers.23.post_attention_layernorm.weight': [576],
      'model.layers.23.mlp.gate_proj.weight': [1536, 576],
      'model.layers.23.mlp.up_proj.weight': [1536, 576],
      'model.layers.23.mlp.down_proj.weight': [576, 1536],
      'model.norm.weight': [576]
    })
    const untied = tensorTable(readOpenWindowConfig(changed({ tie_word_embeddings: false })))
    expect(untied.at(-1)).toMatchObject({ name: 'lm_head.weight', shape: [49_152, 576] })
    expect(untied).toHaveLength(table.length + 1)
  })

  test('is of this family by its model_type, in config.json alone', () => {
    expect(familyOf({ name: 'config.json', json: smol }).family.name).toBe('open-window')
    const llama = { name: 'config.json', json: changed({ model_type: 'llama' }) } as const
    expect(() => familyOf(llama)).toThrowError(/Llama checkpoint.*"open_window"/)
    expect(() => familyOf({ name: 'params.json', json: smol })).toThrowError(/no n_self_heads/)
  })
})

test('what may be left out', () => {
  const { num_key_value_heads, rms_norm_eps, rope_theta, tie_word_embeddings, ...rest } = smol
  const { hidden_act, max_position_embeddings, ...least } = rest
  expect([num_key_value_heads, rms_norm_eps, rope_theta, tie_word_embeddings]).toEqual([3, 1e-5, 1e5, true])
  expect([hidden_act, max_position_embeddings]).toEqual(['silu', 32_768])
  expect(readOpenWindowConfig(least)).toMatchObject({
    ...{ normEps: 1e-6, tiedHead: false, trainedLength: 2048 },
    attention: { heads: 9, kvHeads: 9, rope: { theta: 10_000 } }
  })
  // What Llama's own files say of biases and rotations.
  const said = { attention_bias: false, mlp_bias: false, rope_scaling: null, hidden_act: 'silu' }
  expect(readOpenWindowConfig(changed(said))).toEqual(readOpenWindowConfig(smol))
})

describe('refused by name', () => {
  const unsupported: [string, object, RegExp][] = [
    [
      'biases in attention',
      { attention_bias: true },
      /biases in attention \(attention_bias is true\).*false/
    ],
    ['biases elsewhere', { mlp_bias: true }, /biases in its feed-forward networks \(mlp_bias is true\)/],
    [
      'a scaled rotation',
      { rope_scaling: { rope_type: 'llama3', factor: 8 } },
      /a scaled rotation \(rope_scaling is \{"rope_type":"llama3","factor":8\}\).*expected null/
    ],
    ['another activation', { hidden_act: 'gelu' }, /another activation \(hidden_act is "gelu"\).*"silu"/]
  ]
  test.each(unsupported)('%s', (_, other, message) => {
    expect(() => readOpenWindowConfig(changed(other))).toThrowError(
      expect.objectContaining({ code: 'unsupported-model', message: expect.stringMatching(message) })
    )
  })

  test('a layer that finds has open heads', () => {
    expect(readOpenWindowConfig(smol).findingLayer).toBeUndefined()
    expect(readOpenWindowConfig(changed({ finding_layer: 7 })).findingLayer).toBe(7)
    for (const finding_layer of [1, 30, -1, 7.5, '7', [7]])
      expect(() => readOpenWindowConfig(changed({ finding_layer }))).toThrowError(
        /finding_layer is .*, expected a layer with open heads: 7, 8/
      )
  })

  const opened = /open_heads holds .*, expected pairs of a layer below 30 and a K\/V head below 3, each once/
  const heads: [string, unknown, RegExp][] = [
    ['none', undefined, opened],
    ['an empty list', [], /open_heads holds \[\], expected pairs/],
    ['no list', { 7: 2 }, opened],
    ['a bare number', [7], /open_heads holds 7,/],
    ['three numbers', [[7, 2, 1]], /open_heads holds \[7,2,1\],/],
    ['one number', [[7]], opened],
    ['a layer beyond the last', [[30, 0]], /open_heads holds \[30,0\],/],
    ['a query head', [[7, 3]], opened],
    ['a negative layer', [[-1, 0]], opened],
    ['half a head', [[7, 0.5]], opened],
    ['text', [['7', '2']], opened],
    [
      'one head twice',
      [
        [7, 2],
        [8, 0],
        [7, 2]
      ],
      /open_heads holds \[7,2\],/
    ]
  ]
  const broken: [string, object, RegExp][] = [
    ...heads.map(([name, open_heads, message]): [string, object, RegExp] => [
      `open heads: ${name}`,
      { open_heads },
      message
    ]),
    ['an odd head', { hidden_size: 9 * 63 }, /567 dimensions over 9 heads, expected an even whole number/],
    ['heads that do not divide', { hidden_size: 578 }, /578 dimensions over 9 heads/],
    ['groups that do not divide', { num_key_value_heads: 2 }, /num_key_value_heads is 2.*divisor of the 9/],
    ['more K/V heads than heads', { num_key_value_heads: 18 }, /num_key_value_heads is 18/],
    ['no window', { sliding_window: null }, /sliding_window is null/],
    ['a distance before the text', { open_distance: -1 }, /open_distance is -1/],
    ['no distance', { open_distance: undefined }, /open_distance is undefined/],
    ['no vocabulary', { vocab_size: 0 }, /vocab_size is 0/]
  ]
  test.each(broken)('%s', (_, other, message) => {
    expect(() => readOpenWindowConfig(changed(other))).toThrowError(
      expect.objectContaining({ code: 'broken-model', message: expect.stringMatching(message) })
    )
  })
})

test('300 twisted configurations give a failure or sizes within bounds', async () => {
  const random = seeded(23)
  const seen = new Map<string, number>()
  for (let index = 0; index < 300; index++) {
    const text = jsonText(twisted(random, smol))
    const result = await outcome(() => {
      const config = readOpenWindowConfig(parseJsonObject(text, 'config.json'))
      for (const { shape } of tensorTable(config))
        for (const size of shape) if (!(size >= 1 && size <= 2 ** 24)) throw new Error(text)
      const { kept } = readingPlan(config)
      if (!(kept.length >= 1 && kept.length <= config.layers)) throw new Error(text)
    })
    seen.set(result, (seen.get(result) ?? 0) + 1)
  }
  expect(seen.get('broken-model')).toBeGreaterThan(100)
  expect(seen.get('valid')).toBeGreaterThan(50)
})
