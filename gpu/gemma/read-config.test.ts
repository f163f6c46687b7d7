import { describe, expect, test } from 'vitest'
import { inverseFrequencies } from '../kernels/rope'
import { jsonText, outcome, seeded, twisted } from '../testing/hostile'
import { parseJsonObject, type JsonObject } from '../text/json'
import { attentionOf, donorOf, ffnWidth, ownersOf } from './config'
import { readingPlan } from './plan'
import { readGemmaConfig } from './read-config'
import { tensorTable } from './tensor-table'

const pattern = (sliding: number, times: number): string[] =>
  Array.from({ length: (sliding + 1) * times }, (_, i) =>
    (i + 1) % (sliding + 1) === 0 ? 'full_attention' : 'sliding_attention'
  )

/** The text part of google/gemma-4-E2B-it and -E4B-it as published (specification 2). */
const e2bText = {
  model_type: 'gemma4_text',
  hidden_size: 1536,
  num_hidden_layers: 35,
  intermediate_size: 6144,
  use_double_wide_mlp: true,
  num_attention_heads: 8,
  num_key_value_heads: 1,
  head_dim: 256,
  global_head_dim: 512,
  num_global_key_value_heads: null,
  num_kv_shared_layers: 20,
  layer_types: pattern(4, 7),
  sliding_window: 512,
  hidden_size_per_layer_input: 256,
  vocab_size: 262_144,
  vocab_size_per_layer_input: 262_144,
  max_position_embeddings: 131_072,
  rms_norm_eps: 1e-6,
  rope_parameters: {
    full_attention: { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: 1_000_000 },
    sliding_attention: { rope_type: 'default', rope_theta: 10_000 }
  },
  final_logit_softcapping: 30,
  hidden_activation: 'gelu_pytorch_tanh',
  tie_word_embeddings: true,
  attention_bias: false,
  attention_k_eq_v: false,
  enable_moe_block: false,
  use_bidirectional_attention: null
}
const e4bText = {
  ...e2bText,
  hidden_size: 2560,
  num_hidden_layers: 42,
  intermediate_size: 10_240,
  use_double_wide_mlp: false,
  num_key_value_heads: 2,
  num_kv_shared_layers: 18,
  layer_types: pattern(5, 7)
}
const nested = (text_config: object, other: object = {}): JsonObject => ({
  model_type: 'gemma4',
  architectures: ['Gemma4ForConditionalGeneration'],
  text_config,
  vision_config: {},
  ...other
})
const flat = (other: object = {}): JsonObject => ({ ...e2bText, ...other })

describe('the published sizes', () => {
  test('E2B: 15 owners, three of them full, double width above', () => {
    const config = readGemmaConfig(nested(e2bText))
    expect(config).toMatchObject({
      vocabSize: 262_144,
      dim: 1536,
      own: 15,
      ffnDim: 6144,
      sharedFfnDim: 12_288,
      perLayerDim: 256,
      normEps: 1e-6,
      logitCap: 30,
      tiedHead: true,
      trainedLength: 131_072,
      sliding: { heads: 8, kvHeads: 1, headDim: 256, window: 512 },
      full: { heads: 8, kvHeads: 1, headDim: 512 }
    })
    expect(config.layers.flatMap((kind, i) => (kind === 'full' ? [i] : []))).toEqual([
      4, 9, 14, 19, 24, 29, 34
    ])
    expect(ownersOf(config, 'full')).toEqual([4, 9, 14])
    expect([13, 14, 15, 18, 19, 33, 34].map(layer => donorOf(config, layer))).toEqual([
      13, 14, 13, 13, 14, 13, 14
    ])
    expect([14, 15].map(layer => ffnWidth(config, layer))).toEqual([6144, 12_288])
    expect(attentionOf(config, 19).headDim).toBe(512)
    // 541 tensors in its GGUF file, which has the full layers' frequencies beside ours.
    expect(tensorTable(config)).toHaveLength(540)
  })

  test('E2B keeps 6 KB a token in halves and twelve windows', () => {
    const plan = readingPlan(readGemmaConfig(nested(e2bText)))
    expect(plan.layers).toBe(35)
    expect(plan.kept).toEqual(Array(3).fill({ kvHeads: 1, headDim: 512 }))
    expect(plan.carry).toEqual(Array(12).fill({ kind: 'ring', window: 512, width: 256 }))
  })

  test('E4B: 24 owners, four of them full, two heads of keys', () => {
    const config = readGemmaConfig(flat(e4bText))
    expect(ownersOf(config, 'full')).toEqual([5, 11, 17, 23])
    expect([22, 24, 29, 40, 41].map(layer => donorOf(config, layer))).toEqual([22, 22, 23, 22, 23])
    expect([23, 24].map(layer => ffnWidth(config, layer))).toEqual([10_240, 10_240])
    expect(tensorTable(config)).toHaveLength(665)
    const { kept, carry } = readingPlan(config)
    expect([kept, carry.length]).toEqual([Array(4).fill({ kvHeads: 2, headDim: 512 }), 20])
  })

  test('a quarter of a full head turns, by exponents of the whole head', () => {
    const { full, sliding } = readGemmaConfig(nested(e2bText))
    const turned = inverseFrequencies(full.rope, full.headDim)
    expect(turned).toHaveLength(64)
    expect(turned[63]).toBeCloseTo(1e6 ** (-126 / 512), 15)
    const all = inverseFrequencies(sliding.rope, sliding.headDim)
    expect(all).toHaveLength(128)
    expect(all[1]).toBeCloseTo(1e4 ** (-2 / 256), 15)
  })
})

describe('what may be left out or written otherwise', () => {
  test('flat and nested mean the same', () => {
    expect(readGemmaConfig(flat())).toEqual(readGemmaConfig(nested(e2bText)))
  })

  // `Gemma4TextConfig.__post_init__` of transformers reads it where attention_k_eq_v is set, and such models are refused.
  test('num_global_key_value_heads says nothing of models whose keys are not their values', () => {
    expect(readGemmaConfig(flat({ num_global_key_value_heads: 4 }))).toEqual(readGemmaConfig(flat()))
  })

  test('rope_parameters and layer_types missing or null are the defaults: 5 + 1, the last one full', () => {
    expect(readGemmaConfig(flat({ rope_parameters: null }))).toEqual(readGemmaConfig(flat()))
    const { layers } = readGemmaConfig(flat({ layer_types: null }))
    expect(layers.flatMap((kind, i) => (kind === 'full' ? [i] : []))).toEqual([5, 11, 17, 23, 29, 34])
  })

  test('the last layer is full, whatever is written', () => {
    const layer_types = [...pattern(4, 7).slice(0, -1), 'sliding_attention']
    expect(readGemmaConfig(flat({ layer_types })).layers.at(-1)).toBe('full')
  })

  test('no cap, no double width, 512 for full heads, where the keys are missing', () => {
    const { final_logit_softcapping, use_double_wide_mlp, global_head_dim, ...rest } = e2bText
    expect([final_logit_softcapping, use_double_wide_mlp, global_head_dim]).toEqual([30, true, 512])
    const config = readGemmaConfig(rest)
    expect([config.logitCap, config.sharedFfnDim, config.full.headDim]).toEqual([undefined, 6144, 512])
  })

  test('the size of full heads by layer, as newer files have it', () => {
    const { global_head_dim, ...rest } = e2bText
    const per_layer_config = Object.fromEntries(
      [4, 9, 14, 19, 24, 29, 34].map(layer => [layer, { head_dim: 384 }])
    )
    expect(global_head_dim).toBe(512)
    expect(readGemmaConfig({ ...rest, per_layer_config }).full.headDim).toBe(384)
    // transformers 5.24 writes the numbers of the layers with as many digits as the last one has.
    const padded = Object.fromEntries(
      Object.entries(per_layer_config).map(([layer, own]) => [layer.padStart(2, '0'), own])
    )
    expect(readGemmaConfig({ ...rest, per_layer_config: padded }).full.headDim).toBe(384)
  })

  test('the type that weights had, by its new name or its old, beside the text model or in it', () => {
    expect(readGemmaConfig(flat()).floatType).toBeUndefined()
    expect(readGemmaConfig(flat({ torch_dtype: 'float16' })).floatType).toBe('F16')
    expect(readGemmaConfig(nested(e2bText, { dtype: 'bfloat16' })).floatType).toBe('BF16')
    expect(readGemmaConfig(nested({ ...e2bText, dtype: 'float32' })).floatType).toBe('F32')
  })

  test('an untied head is said beside the text model or in it', () => {
    expect(readGemmaConfig(nested(e2bText, { tie_word_embeddings: false })).tiedHead).toBe(false)
    expect(readGemmaConfig(flat({ tie_word_embeddings: false })).tiedHead).toBe(false)
    expect(readGemmaConfig(flat({ tie_word_embeddings: null })).tiedHead).toBe(true)
  })
})

describe('refused by name', () => {
  const unsupported: [string, object, RegExp][] = [
    ['no sharing', { num_kv_shared_layers: 0 }, /num_kv_shared_layers 0.*Expected upper layers that share/],
    ['biases', { attention_bias: true }, /attention_bias is true.*expected false/],
    ['keys as values', { attention_k_eq_v: true }, /attention_k_eq_v is true/],
    ['experts', { enable_moe_block: true }, /enable_moe_block is true/],
    [
      'both directions',
      { use_bidirectional_attention: 'vision' },
      /use_bidirectional_attention is "vision".*expected null/
    ],
    [
      'another activation',
      { hidden_activation: 'silu' },
      /hidden_activation is "silu".*expected "gelu_pytorch_tanh"/
    ],
    [
      'no per-layer input',
      { hidden_size_per_layer_input: 0 },
      /hidden_size_per_layer_input 0; expected a multiple of 4/
    ],
    [
      'another vocabulary by layer',
      { vocab_size_per_layer_input: 5 },
      /vocab_size_per_layer_input 5; expected vocab_size, 262144/
    ],
    [
      'an unknown kind of layer',
      { layer_types: [...pattern(4, 6), ...Array(5).fill('linear_attention')] },
      /layer_types\[30\] "linear_attention"/
    ],
    ['odd heads', { head_dim: 255 }, /head_dim 255; expected a multiple of 4/],
    [
      'a scaled rotation',
      { rope_parameters: { full_attention: { rope_type: 'proportional', factor: 8 } } },
      /rope_type "proportional" with factor 8 in full_attention/
    ],
    [
      'another rotation',
      { rope_parameters: { sliding_attention: { rope_type: 'yarn' } } },
      /rope_type "yarn".*in sliding_attention; expected "default"/
    ],
    [
      'layers of their own',
      { per_layer_config: { 3: { intermediate_size: 7 } } },
      /per_layer_config\[3\] sets "intermediate_size"/
    ]
  ]
  test.each(unsupported)('%s', (_, other, message) => {
    for (const json of [flat(other), nested({ ...e2bText, ...other })])
      expect(() => readGemmaConfig(json)).toThrowError(
        expect.objectContaining({ code: 'unsupported-model', message: expect.stringMatching(message) })
      )
  })

  const broken: [string, object, RegExp][] = [
    ['only shared layers', { num_kv_shared_layers: 35 }, /no layer owns the keys and values/],
    [
      'no full owner',
      { num_kv_shared_layers: 33 },
      /no layer owns the keys and values of its full attention/
    ],
    ['too few kinds', { layer_types: pattern(4, 6) }, /layer_types is .* expected a list of 35/],
    [
      'groups that do not divide',
      { num_key_value_heads: 3 },
      /num_key_value_heads is 3, expected a divisor of the 8/
    ],
    [
      'nothing that turns',
      { rope_parameters: { full_attention: { partial_rotary_factor: 0 } } },
      /partial_rotary_factor is 0/
    ],
    ['a tie that is no answer', { tie_word_embeddings: 'yes' }, /tie_word_embeddings is "yes"/]
  ]
  test.each(broken)('%s', (_, other, message) => {
    expect(() => readGemmaConfig(flat(other))).toThrowError(
      expect.objectContaining({ code: 'broken-model', message: expect.stringMatching(message) })
    )
  })

  test('a multimodal file without a text model', () => {
    expect(() => readGemmaConfig({ model_type: 'gemma4' })).toThrowError(/text_config is undefined/)
  })
})

test('300 twisted configurations give a failure or sizes within bounds', async () => {
  const random = seeded(17)
  const seen = new Map<string, number>()
  for (let index = 0; index < 300; index++) {
    const text = jsonText(twisted(random, index % 2 ? flat(e4bText) : nested(e2bText)))
    const result = await outcome(() => {
      const config = readGemmaConfig(parseJsonObject(text, 'config.json'))
      for (const { shape } of tensorTable(config))
        for (const size of shape) if (!(size >= 1 && size <= 2 ** 24)) throw new Error(text)
    })
    seen.set(result, (seen.get(result) ?? 0) + 1)
  }
  expect(seen.get('broken-model')).toBeGreaterThan(30)
  expect(seen.get('valid')).toBeGreaterThan(50)
})
