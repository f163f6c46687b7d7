import { describe, expect, test } from 'vitest'
import { jsonText, outcome, seeded, twisted } from '../testing/hostile'
import { parseJsonObject, type JsonObject } from '../text/json'
import { inverseFrequencies } from '../kernels/rope'
import { refuseFamily } from '../families'
import { readFlaConfig, readOfficialParams } from './read-config'
import { tensorTable } from './tensor-table'

const params = {
  dim: 192,
  n_layers: 6,
  hidden_dim: 512,
  n_self_heads: 6,
  n_attn_heads: 6,
  n_attn_kv_heads: 2,
  vocab_size: 4096
} // as written by the official code, without the optional keys
const yoco3b = {
  dim: 3072,
  n_layers: 26,
  hidden_dim: 8192,
  n_self_heads: 24,
  n_attn_heads: 24,
  n_attn_kv_heads: 8,
  vocab_size: 100_288,
  rope_theta: 80_000_000,
  max_seq_len: 1_048_576
}
/** What fla's `save_pretrained` writes: gated_deltanet's defaults stand beside the type that does not use them. */
const fla = {
  model_type: 'yoco',
  hidden_size: 256,
  num_hidden_layers: 5,
  num_self_decoder_layers: 2,
  vocab_size: 1000,
  norm_eps: 1e-6,
  hidden_act: 'swish',
  hidden_ratio: 4,
  intermediate_size: null,
  max_position_embeddings: 2048,
  tie_word_embeddings: false,
  self_decoder_attn: {
    type: 'gated_retention',
    mode: 'chunk',
    num_heads: 4,
    num_v_heads: 4,
    head_dim: 256,
    expand_v: 2.0,
    use_gate: true,
    use_short_conv: true,
    conv_size: 4,
    allow_neg_eigval: false,
    window_size: null,
    qkv_bias: false,
    rope_theta: 10000.0,
    rope_inv_freq: 'fla',
    gate_logit_normalizer: 16.0
  },
  cross_decoder_attn: {
    num_heads: 8,
    num_kv_heads: 2,
    qkv_bias: false,
    qk_norm: false,
    window_size: null,
    rope_theta: 500000.0,
    rope_inv_freq: 'yoco'
  }
}
const flaSelf = (more: object) => ({ ...fla, self_decoder_attn: { ...fla.self_decoder_attn, ...more } })

describe('the official layout', () => {
  test('YOCO-3B has the published sizes', () => {
    const config = readOfficialParams(yoco3b)
    expect(config).toMatchObject({
      layout: 'official',
      selfLayers: 13,
      crossLayers: 13,
      ffnDim: 8192,
      normEps: 1e-5,
      tiedHead: false,
      trainedLength: 1_048_576,
      self: { kind: 'gated-retention', heads: 24, headDim: 128, gateNormalizer: 16, bias: false },
      cross: { heads: 24, kvHeads: 8, headDim: 128, queryNorm: false }
    })
    const count = tensorTable(config).reduce((sum, { shape }) => sum + shape.reduce((a, b) => a * b, 1), 0)
    // Spec 1.10: 2,829,133,824 without embeddings, two untied tables of 308,084,736.
    expect(count).toBe(2_829_133_824 + 2 * 308_084_736)
  })

  test('sliding_window null, false, 0 or missing is gated retention; a positive number is a window', () => {
    for (const sliding_window of [null, false, 0, undefined]) {
      expect(readOfficialParams({ ...params, sliding_window }).self.kind).toBe('gated-retention')
    }
    expect(readOfficialParams({ ...params, sliding_window: 128 }).self).toMatchObject({
      kind: 'window',
      window: 128,
      kvHeads: 6
    })
  })

  test('n_self_layers makes the split uneven; without it half of the layers read', () => {
    const split = (json: object) => {
      const { selfLayers, crossLayers } = readOfficialParams({ ...params, ...json })
      return [selfLayers, crossLayers]
    }
    expect(split({})).toEqual([3, 3])
    expect(split({ n_self_layers: null })).toEqual([3, 3])
    expect(split({ n_self_layers: 2 })).toEqual([2, 4])
    expect(split({ n_layers: 7, n_self_layers: 3 })).toEqual([3, 4])
    const names = tensorTable(readOfficialParams({ ...params, n_self_layers: 2 })).map(({ name }) => name)
    expect(names.filter(name => /^self_decoder\.layers\.\d\.mixer\.q_proj/.test(name))).toHaveLength(2)
    expect(names.filter(name => /^cross_decoder\.layers\.\d\.mixer\.q_proj/.test(name))).toHaveLength(4)
  })

  const badSplits: [object, RegExp][] = [
    [{ n_self_layers: 0 }, /n_self_layers is 0, expected a whole number from 1 to 5/],
    [{ n_self_layers: 6 }, /n_self_layers is 6, expected a whole number from 1 to 5/],
    [{ n_self_layers: 2.5 }, /n_self_layers is 2\.5/],
    [{ n_self_layers: '2' }, /n_self_layers is "2"/],
    [{ n_layers: 7 }, /n_layers is 7, expected an even number .* or n_self_layers beside it/]
  ]
  test.each(badSplits)('refuses %j', (json, message) => {
    expect(() => readOfficialParams({ ...params, ...json })).toThrowError(
      expect.objectContaining({ code: 'broken-model', message: expect.stringMatching(message) })
    )
  })

  test('both decoders rotate by rope_theta with exponents from 0 to 1', () => {
    const config = readOfficialParams({ ...params, rope_theta: 5e6 })
    expect(config.self.rope).toEqual({ theta: 5e6, exponents: 'yoco', pairs: 'interleaved' })
    expect(config.cross.rope).toEqual(config.self.rope)
    expect(readOfficialParams(params).cross.rope.theta).toBe(10_000)
  })
})

test('inverse frequencies: golden values of spec 1.14, a single pair, llama exponents', () => {
  const yoco = { theta: 1e4, exponents: 'yoco', pairs: 'interleaved' } as const
  const close = (found: Float64Array, expected: number[]) => {
    expect(found.length).toBe(expected.length)
    expected.forEach((value, index) => expect(found[index]).toBeCloseTo(value, 14))
  }
  close(inverseFrequencies(yoco, 6), [1, 0.01, 0.0001])
  close(inverseFrequencies(yoco, 2), [1])
  close(inverseFrequencies({ ...yoco, exponents: 'llama' }, 4), [1, 0.01])
})

describe('the fla layout', () => {
  test('gated retention takes its head size from hidden_size, whatever gated_deltanet keys stand there', () => {
    expect(readFlaConfig(fla)).toMatchObject({
      layout: 'fla',
      selfLayers: 2,
      crossLayers: 3,
      ffnDim: 768,
      trainedLength: 2048,
      self: {
        kind: 'gated-retention',
        heads: 4,
        headDim: 64,
        rope: { exponents: 'llama', pairs: 'interleaved' }
      },
      cross: {
        heads: 8,
        kvHeads: 2,
        headDim: 32,
        rope: { theta: 500_000, exponents: 'yoco', pairs: 'interleaved' }
      }
    })
    expect(readFlaConfig(flaSelf({ rope_inv_freq: 'yoco' })).self.rope.exponents).toBe('yoco')
  })

  test('swa has its own rotation, groups and biases', () => {
    const config = readFlaConfig(
      flaSelf({ type: 'swa', window_size: 64, num_v_heads: 2, qkv_bias: true, rope_inv_freq: 'yoco' })
    )
    expect(config.self).toMatchObject({
      kind: 'window',
      window: 64,
      heads: 4,
      kvHeads: 2,
      bias: true,
      rope: { exponents: 'llama', pairs: 'half' }
    })
  })

  test('the feed-forward width follows fla: floor of two thirds, up to a multiple of 256', () => {
    expect(readFlaConfig({ ...fla, hidden_size: 2048 }).ffnDim).toBe(5632)
    expect(readFlaConfig({ ...fla, hidden_size: 768, hidden_ratio: null }).ffnDim).toBe(2048)
    expect(readFlaConfig({ ...fla, intermediate_size: 100 }).ffnDim).toBe(100)
  })

  const refused: [string, object, string, RegExp][] = [
    [
      'gated_deltanet',
      flaSelf({ type: 'gated_deltanet' }),
      'unsupported-model',
      /"gated_deltanet".*"gated_retention" or "swa"/
    ],
    [
      'no self-decoder at all (fla means gated_deltanet)',
      { ...fla, self_decoder_attn: null },
      'unsupported-model',
      /gated_deltanet/
    ],
    [
      'attention residuals',
      { ...fla, attnres_block_size: 4 },
      'unsupported-model',
      /attnres_block_size is 4/
    ],
    ['another activation', { ...fla, hidden_act: 'gelu' }, 'unsupported-model', /hidden_act "gelu"/],
    ['swa without a window', flaSelf({ type: 'swa' }), 'broken-model', /window_size is null/],
    ['no cross-decoder', { ...fla, num_hidden_layers: 2 }, 'broken-model', /num_self_decoder_layers is 2/],
    ['heads that do not divide', flaSelf({ num_heads: 3 }), 'broken-model', /256 dimensions over 3 heads/],
    [
      'an odd head',
      { ...fla, hidden_size: 36, self_decoder_attn: { type: 'gated_retention', num_heads: 4 } },
      'broken-model',
      /36 dimensions over 4 heads/
    ],
    [
      'groups that do not divide',
      { ...fla, cross_decoder_attn: { num_heads: 8, num_kv_heads: 3 } },
      'broken-model',
      /num_kv_heads is 3/
    ],
    ['an unknown rotation', flaSelf({ rope_inv_freq: 'ntk' }), 'broken-model', /rope_inv_freq is "ntk"/]
  ]
  test.each(refused)('refuses %s', (_, json, code, message) => {
    expect(() => readFlaConfig(json as JsonObject)).toThrowError(
      expect.objectContaining({ code, message: expect.stringMatching(message) })
    )
  })
})

describe('other families are refused by name', () => {
  const cases: [JsonObject, RegExp][] = [
    [
      { model_type: 'llama', architectures: ['LlamaForCausalLM'] },
      /This is a Llama checkpoint \(model_type "llama", LlamaForCausalLM\)/
    ],
    [
      { model_type: 'phi4flash' },
      /Phi-4-mini-flash checkpoint.*share keys and values.*not support the family yet/
    ],
    [{ model_type: 'gemma3n' }, /Gemma 3n checkpoint.*not support the family yet/],
    [{ architectures: ['Foo'] }, /names no model_type \(architecture "Foo"\)/],
    [{ model_type: { a: 1 } }, /names no model_type/]
  ]
  test.each(cases)('%j', (json, message) => {
    expect(() => refuseFamily(json)).toThrowError(
      expect.objectContaining({ code: 'unsupported-model', message: expect.stringMatching(message) })
    )
  })
})

test('400 twisted configurations give a failure or sizes within bounds', async () => {
  const random = seeded(11)
  const readers = [
    [params, readOfficialParams],
    [yoco3b, readOfficialParams],
    [fla, readFlaConfig],
    [flaSelf({ type: 'swa', window_size: 8 }), readFlaConfig]
  ] as const
  const seen = new Map<string, number>()
  for (let index = 0; index < 400; index++) {
    const [json, read] = readers[index % readers.length]!
    const text = jsonText(twisted(random, json))
    const result = await outcome(() => {
      const config = read(parseJsonObject(text, 'config.json'))
      for (const { shape } of tensorTable(config))
        for (const size of shape) if (!(size >= 1 && size <= 2 ** 24)) throw new Error(text)
    })
    seen.set(result, (seen.get(result) ?? 0) + 1)
  }
  expect(seen.get('broken-model')).toBeGreaterThan(100)
  expect(seen.get('valid')).toBeGreaterThan(50)
})
