/**
 * Random Gemma 4 models as files, in both layouts. Names are written a second time on purpose: one that the engine's own
 * table gets wrong is not found in files written from this one.
 */
import type { GemmaConfig, LayerKind } from '../gemma/config'
import { memoryFiles } from './memory-files'
import { Random } from './random'
import { decode, encode, type FloatType } from './rounding'
import { type StoredTensor, writeWeights } from './safetensors-writer'
import type { ModelFiles } from '../text/byte-source'
import { tinyTokenizerFiles } from './tiny-tokenizer'

export interface TinyGemma {
  readonly config: GemmaConfig
  /** Values of a role, exactly as the files hold them. */
  readonly tensor: (role: string) => Float64Array
  readonly dtype: FloatType
  readonly files: ModelFiles
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export interface TinyGemmaOptions {
  readonly seed: number
  readonly dtype?: FloatType
  /** config.json flat, names behind `model.`; else nested, with parts that see and hear beside. */
  readonly flat?: boolean
  /** Layers above the owners have keys and values too, which nothing is computed with. */
  readonly unused?: boolean
  /** The head is a tensor of its own; `also`: tied, and stored a second time. */
  readonly head?: 'tied' | 'own' | 'also'
  readonly shards?: number
}

/** Of a layer, by role. */
const names: Readonly<Record<string, string>> = {
  norm: 'input_layernorm.weight',
  q: 'self_attn.q_proj.weight',
  k: 'self_attn.k_proj.weight',
  v: 'self_attn.v_proj.weight',
  qNorm: 'self_attn.q_norm.weight',
  kNorm: 'self_attn.k_norm.weight',
  out: 'self_attn.o_proj.weight',
  attentionNorm: 'post_attention_layernorm.weight',
  ffnNorm: 'pre_feedforward_layernorm.weight',
  'ffn.gate': 'mlp.gate_proj.weight',
  'ffn.up': 'mlp.up_proj.weight',
  'ffn.down': 'mlp.down_proj.weight',
  ffnOutNorm: 'post_feedforward_layernorm.weight',
  'perLayer.gate': 'per_layer_input_gate.weight',
  'perLayer.out': 'per_layer_projection.weight',
  'perLayer.norm': 'post_per_layer_input_norm.weight',
  scalar: 'layer_scalar'
}

/** As E2B in small: a narrow window, two sliding layers and a full one in turn, three full owners, wider layers above. */
export const tinyGemmaConfig: GemmaConfig = {
  vocabSize: 271,
  dim: 48,
  layers: [1, 2, 3, 4].flatMap((): LayerKind[] => ['sliding', 'sliding', 'full']),
  own: 9,
  sliding: {
    heads: 4,
    kvHeads: 2,
    headDim: 16,
    window: 19,
    rope: { theta: 1e4, exponents: 'llama', pairs: 'half' }
  },
  full: {
    heads: 4,
    kvHeads: 2,
    headDim: 32,
    rope: { theta: 1e6, exponents: 'llama', pairs: 'half', turned: 4 }
  },
  ffnDim: 72,
  sharedFfnDim: 144,
  perLayerDim: 8,
  normEps: 1e-6,
  logitCap: 30,
  tiedHead: true,
  floatType: undefined,
  trainedLength: 131_072
}

export function configJson(config: GemmaConfig): Record<string, unknown> {
  const { sliding, full } = config
  return {
    model_type: 'gemma4_text',
    architectures: ['Gemma4ForCausalLM'],
    vocab_size: config.vocabSize,
    vocab_size_per_layer_input: config.vocabSize,
    hidden_size: config.dim,
    intermediate_size: config.ffnDim,
    use_double_wide_mlp: config.sharedFfnDim === 2 * config.ffnDim,
    num_hidden_layers: config.layers.length,
    num_attention_heads: full.heads,
    num_key_value_heads: full.kvHeads,
    num_global_key_value_heads: null,
    head_dim: sliding.headDim,
    global_head_dim: full.headDim,
    hidden_size_per_layer_input: config.perLayerDim,
    hidden_activation: 'gelu_pytorch_tanh',
    max_position_embeddings: config.trainedLength,
    rms_norm_eps: config.normEps,
    attention_bias: false,
    attention_k_eq_v: false,
    sliding_window: sliding.window,
    layer_types: config.layers.map(kind => `${kind}_attention`),
    num_kv_shared_layers: config.layers.length - config.own,
    enable_moe_block: false,
    use_bidirectional_attention: null,
    final_logit_softcapping: config.logitCap ?? null,
    tie_word_embeddings: config.tiedHead,
    rope_parameters: {
      full_attention: { rope_type: 'proportional', partial_rotary_factor: 0.25, rope_theta: full.rope.theta },
      sliding_attention: { rope_type: 'default', rope_theta: sliding.rope.theta }
    },
    eos_token_id: 5,
    bos_token_id: 1
  }
}

/** A tensor of random values. */
export interface Drawn {
  readonly role: string
  readonly name: string
  readonly shape: readonly number[]
  readonly mean?: number
  readonly deviation: number
}

/** Scales at which every part matters to the logits and no softmax is saturated. */
export function drawn(config: GemmaConfig, unused: boolean): Drawn[] {
  const { dim, vocabSize, perLayerDim, layers, own } = config
  const packed = layers.length * perLayerDim
  const matrix = (role: string, name: string, shape: readonly number[]): Drawn => ({
    ...{ role, name, shape },
    deviation: 1 / Math.sqrt(shape[1]!)
  })
  const norm = (role: string, name: string, width: number): Drawn => ({
    ...{ role, name, shape: [width] },
    mean: 0.9,
    deviation: 0.3
  })
  const inLayer = (layer: number): Drawn[] => {
    const { heads, kvHeads, headDim } = config[layers[layer]!]
    const ffn = layer < own ? config.ffnDim : config.sharedFfnDim
    const shapes: Record<string, readonly number[]> = {
      q: [heads * headDim, dim],
      k: [kvHeads * headDim, dim],
      v: [kvHeads * headDim, dim],
      out: [dim, heads * headDim],
      'ffn.gate': [ffn, dim],
      'ffn.up': [ffn, dim],
      'ffn.down': [dim, ffn],
      'perLayer.gate': [perLayerDim, dim],
      'perLayer.out': [dim, perLayerDim]
    }
    return Object.entries(names)
      .filter(([part]) => layer < own || unused || !['k', 'v', 'kNorm'].includes(part))
      .map(([part, suffix]) => {
        const [role, name] = [`layer.${layer}.${part}`, `layers.${layer}.${suffix}`]
        if (part === 'scalar') return { role, name, shape: [1], mean: 0.8, deviation: 0.1 }
        const shape = shapes[part]
        // So small that the epsilon of the norm behind it shows what every layer gets of a token.
        if (part === 'perLayer.out') return { role, name, shape: shape!, deviation: 0.001 }
        return shape ? matrix(role, name, shape) : norm(role, name, /^[qk]Norm$/.test(part) ? headDim : dim)
      })
  }
  return [
    { role: 'embed', name: 'embed_tokens.weight', shape: [vocabSize, dim], deviation: 0.6 },
    {
      ...{ role: 'embed.perLayer', name: 'embed_tokens_per_layer.weight' },
      ...{ shape: [vocabSize, packed], deviation: 0.3 }
    },
    // Small, so that the epsilon of the norm behind it shows.
    {
      ...{ role: 'perLayer.project', name: 'per_layer_model_projection.weight' },
      ...{ shape: [packed, dim], deviation: 0.0003 }
    },
    norm('perLayer.norm', 'per_layer_projection_norm.weight', perLayerDim),
    ...layers.flatMap((_, layer) => inLayer(layer)),
    norm('norm', 'norm.weight', dim)
  ]
}

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export function tinyGemma(options: TinyGemmaOptions, sizes: Partial<GemmaConfig> = {}): TinyGemma {
  const { seed, dtype = 'F32', flat = true, unused = false, head = 'tied', shards } = options
  const config = { ...tinyGemmaConfig, ...sizes, tiedHead: head !== 'own' }
  const random = new Random(seed)
  const prefix = flat ? 'model.' : 'model.language_model.'
  const values = new Map<string, Float64Array>()
  const stored = drawn(config, unused).map(({ role, name, shape, mean = 0, deviation }): StoredTensor => {
    const bytes = encode(random.normals(elements(shape), deviation, mean), dtype)
    values.set(role, decode(bytes, dtype))
    return { name: prefix + name, type: dtype, shape, bytes }
  })
  if (head !== 'tied') {
    const bytes =
      head === 'also' ? stored[0]!.bytes : encode(random.normals(elements(stored[0]!.shape), 0.6), dtype)
    values.set('head', decode(bytes, dtype))
    stored.push({ ...stored[0]!, name: 'lm_head.weight', bytes })
  }
  if (!flat) stored.push(...dummies)
  const text = configJson(config)
  const file = flat
    ? text
    : {
        ...{ model_type: 'gemma4', architectures: ['Gemma4ForConditionalGeneration'], vision_config: {} },
        ...{ tie_word_embeddings: config.tiedHead, text_config: text, eos_token_id: [5, 7] }
      }
  const bytes = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(file))],
    ...tinyTokenizerFiles(),
    ...writeWeights(stored, shards)
  ])
  return {
    config,
    dtype,
    bytes,
    files: memoryFiles(`tiny gemma ${seed}`, bytes),
    tensor(role) {
      const found = values.get(role)
      if (!found) throw new Error(`tiny gemma has no tensor ${role}`)
      return found
    }
  }
}

/** Of parts that see and hear. */
export const dummies: readonly StoredTensor[] = [
  ['model.vision_tower.encoder.layers.0.weight', [3, 2]],
  ['model.vision_tower.std_bias', []],
  ['model.audio_tower.output_proj.weight', [2, 2]],
  ['model.embed_vision.embedding_projection.weight', [4, 1]],
  ['model.embed_audio.embedding_projection.weight', [1]]
].map(([name, shape]) => ({
  ...{ name: name as string, type: 'F32', shape: shape as number[] },
  bytes: new Uint8Array(4 * elements(shape as number[]))
}))
