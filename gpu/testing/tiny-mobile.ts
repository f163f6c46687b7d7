/**
 * Random Gemma 4 models in the layout of Google's mobile checkpoints: codes of 2, 4 and 8 bits as E2B has them, a scale for every row,
 * steps of activations, keys and values, what is not computed with beside. In the order of the published files, F32, BF16, codes, without
 * padding, so that codes begin at 2 mod 4.
 */
import type { GemmaConfig } from '../gemma/config'
import { mobileMatrix } from './codes'
import { Random } from './random'
import { encode } from './rounding'
import { type StoredTensor, writeSafetensors } from './safetensors-writer'
import { configJson, type Drawn, drawn, dummies, tinyGemmaConfig } from './tiny-gemma'

export interface TinyMobile {
  readonly config: GemmaConfig
  readonly configJson: Readonly<Record<string, unknown>> & { readonly text_config: Record<string, unknown> }
  readonly tensors: readonly StoredTensor[]
  readonly weights: Uint8Array
}

type Bits = 2 | 4 | 8

const own = String.raw`language_model\.layers\.\d+\.`
const bits = (num_bits: Bits) => ({ num_bits })
const quantisation = (config: GemmaConfig) => ({
  quant_method: 'gemma',
  num_bits: 4,
  quantize_embeddings: true,
  module_quant_configs: {
    '^lm_head$': bits(2),
    [String.raw`language_model\.embed_tokens$`]: bits(2),
    [String.raw`language_model\.embed_tokens_per_layer$`]: bits(4),
    [String.raw`language_model\.layers\.(${Array.from({ length: config.own }, (_, i) => i).join('|')})\.mlp\.`]:
      bits(4),
    [`${own}mlp${String.raw`\.`}`]: bits(2),
    [`${own}per_layer_input_gate$`]: bits(8),
    [`${own}per_layer_projection$`]: bits(8),
    [`${own}self_attn${String.raw`\.`}`]: bits(4),
    vision_tower: bits(8)
  },
  modules_to_not_convert: ['model.vision_tower.patch_embedder', 'per_layer_model_projection']
})

function bitsOf(role: string, config: GemmaConfig): Bits | undefined {
  if (role === 'embed' || role === 'head') return 2
  if (role === 'embed.perLayer') return 4
  const [, layer, part] = /^layer\.(\d+)\.(.+)$/.exec(role) ?? []
  if (part === undefined) return undefined
  if (/^perLayer\.(gate|out)$/.test(part)) return 8
  if (part.startsWith('ffn.')) return Number(layer) < config.own ? 4 : 2
  return /^(q|k|v|out)$/.test(part) ? 4 : undefined
}

/** Ranges of activations, about which inputs and outputs of these random weights lie. */
const inputStep = 1 / 32
const outputStep = 1 / 32

export function tinyMobile(seed: number, sizes: Partial<GemmaConfig> = {}): TinyMobile {
  const config = { ...tinyGemmaConfig, ...sizes, tiedHead: false }
  const random = new Random(seed)
  const prefix = 'model.language_model.'
  const shared = (role: string) => Number(/^layer\.(\d+)/.exec(role)?.[1] ?? -1) >= config.own
  const tensors = drawn(config, true)
    // Norms of keys are only those of owners.
    .filter(({ role }) => !(role.endsWith('.kNorm') && shared(role)))
    .flatMap(each => stored(each, config, random, prefix))
  // The output projection holds the embedding's bytes, under a name without a prefix.
  const head = tensors
    .filter(({ name }) => name.startsWith(`${prefix}embed_tokens.`))
    .map(tensor => ({
      ...tensor,
      name: tensor.name.endsWith('_scale') ? 'lm_head.weight_scale' : 'lm_head.weight'
    }))
  const all = [
    ...[...tensors, ...head, ...dummies],
    ...['input', 'output'].map(side => number(`lm_head.${side}_activation_scale`, 0)),
    ...config.layers.flatMap((kind, i) => [
      number(`${prefix}layers.${i}.self_attn.k_cache_scale`, kind === 'full' ? 0.3 : 0.03),
      number(`${prefix}layers.${i}.self_attn.v_cache_scale`, kind === 'full' ? 2 / 7 : 6 / 127)
    ])
  ]
  const order = { F32: 0, BF16: 1, U8: 2, I8: 2, F16: 3, U32: 3 }
  all.sort((a, b) => order[a.type] - order[b.type])
  const halves = all
    .filter(({ type }) => type === 'BF16')
    .reduce((sum, { bytes }) => sum + bytes.length / 2, 0)
  // One value more where there would be an even number of them.
  if (halves % 2 === 0)
    all.splice(
      all.findIndex(({ type }) => type === 'BF16'),
      0,
      {
        ...{ name: 'model.vision_tower.std_scale', type: 'BF16', shape: [1] },
        bytes: encode([1], 'BF16')
      }
    )
  return {
    config,
    tensors: all,
    weights: writeSafetensors(all),
    configJson: {
      model_type: 'gemma4',
      architectures: ['Gemma4ForConditionalGeneration'],
      dtype: 'bfloat16',
      tie_word_embeddings: false,
      text_config: configJson(config),
      vision_config: {},
      quantization_config: quantisation(config)
    }
  }
}

const number = (name: string, value: number): StoredTensor => ({
  ...{ name, type: 'F32', shape: [] },
  bytes: encode([value], 'F32')
})

function stored(
  { role, name, shape, mean = 0, deviation }: Drawn,
  config: GemmaConfig,
  random: Random,
  prefix: string
): StoredTensor[] {
  const full = prefix + name
  const count = shape.reduce((a, b) => a * b, 1)
  const values = random.normals(count, deviation, mean)
  const width = bitsOf(role, config)
  if (width === undefined) return [{ name: full, type: 'BF16', shape, bytes: encode(values, 'BF16') }]
  // A step for every layer's part of a row of the table.
  const inputs = role === 'embed.perLayer' ? config.perLayerDim : shape[1]!
  const step = deviation / { 2: 1, 4: 2.5, 8: 40 }[width]
  const most = 2 ** (width - 1)
  const codes = values.map(value => Math.max(-most, Math.min(most - 1, Math.round(value / step))))
  // No two rows alike.
  const scales = Array.from({ length: count / inputs }, (_, i) => Math.fround(step * (1 + (i % 7) / 16)))
  const table = role.startsWith('embed')
  const steps = table ? {} : { inputStep, outputStep }
  return mobileMatrix(full, codes, inputs, { bits: width, scales, ...steps }).map(tensor => {
    if (!table) return tensor
    const isScale = tensor.name.endsWith('_scale')
    const [rows] = shape
    const perRow = tensor.bytes.length / rows! / (isScale ? 4 : 1)
    return {
      ...tensor,
      name: full.replace(/weight$/, isScale ? 'embedding_scale' : 'embedding_quantized'),
      shape: [rows!, perRow]
    }
  })
}
