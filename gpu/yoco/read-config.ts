/**
 * A model folder's params.json (microsoft/unilm) or config.json (flash-linear-attention) as a ModelConfig.
 * A value that changes the mathematics and is not known here is refused by name; everything else is ignored.
 * Sources: `YOCOArgs` of microsoft/unilm YOCO/yoco/models/decoder/yoco.py; fla/models/yoco/configuration_yoco.py,
 * fla/models/yoco/modeling_yoco.py, fla/layers/yoco.py, fla/layers/attn.py and fla/modules/mlp.py.
 */
import { field, fieldsOf, shown, unsupported, broken, type JsonObject } from '../text/json'
import type { Rope } from '../kernels/rope'
import type { CrossConfig, ModelConfig, RetentionConfig, WindowConfig } from './config'

/** Above every published model by an order of magnitude; they keep products of two sizes exact. */
const most = { vocab: 1 << 24, dim: 1 << 17, ffn: 1 << 20, layers: 4096, heads: 4096, window: 2 ** 31 - 1 }
const thetaMost = 1e15

/**
 * The official layout. `sliding_window` null, false, 0 or missing means gated retention: the official helper
 * writes `false` for that. `n_self_layers` is ours: how many of the `n_layers` are the self-decoder's, half without
 * it, as the official code has it. Throws broken-model.
 */
export function readOfficialParams(json: JsonObject): ModelConfig {
  const file = 'params.json'
  const read = fieldsOf(json, file)
  const dim = read.int('dim', 2, most.dim)
  const layers = read.int('n_layers', 2, most.layers)
  if (layers % 2 !== 0 && (field(json, 'n_self_layers') ?? null) === null) {
    throw read.wrong(
      'n_layers',
      'an even number (half self-decoder, half cross-decoder) or n_self_layers beside it'
    )
  }
  const selfLayers = read.int('n_self_layers', 1, layers - 1, layers / 2)
  const rope: Rope = {
    theta: read.number('rope_theta', 1, thetaMost, 10_000),
    exponents: 'yoco',
    pairs: 'interleaved'
  }
  const selfHeads = read.int('n_self_heads', 1, most.heads)
  const self = {
    heads: selfHeads,
    headDim: headDimOf(file, 'n_self_heads', dim, selfHeads),
    rope,
    bias: false
  }
  const windowless = [undefined, null, false, 0].some(none => none === field(json, 'sliding_window'))
  const heads = read.int('n_attn_heads', 1, most.heads)
  const kvHeads = groupsOf(file, 'n_attn_kv_heads', read.int('n_attn_kv_heads', 1, most.heads), heads)
  const headDim = headDimOf(file, 'n_attn_heads', dim, heads)
  return {
    layout: 'official',
    vocabSize: read.int('vocab_size', 1, most.vocab),
    dim,
    ffnDim: read.int('hidden_dim', 1, most.ffn),
    normEps: read.number('norm_eps', Number.MIN_VALUE, 1, 1e-5),
    selfLayers,
    crossLayers: layers - selfLayers,
    self: windowless
      ? { kind: 'gated-retention', ...self, gateNormalizer: 16 }
      : { kind: 'window', ...self, kvHeads: selfHeads, window: read.int('sliding_window', 1, most.window) },
    cross: { heads, kvHeads, headDim, rope, queryNorm: false, bias: false },
    tiedHead: read.bool('share_input_output_embed', false),
    trainedLength: positive(field(json, 'max_seq_len'))
  }
}

/** The flash-linear-attention layout, `model_type` "yoco". Throws unsupported-model or broken-model. */
export function readFlaConfig(json: JsonObject): ModelConfig {
  const read = fieldsOf(json, 'config.json')
  refuseOther(json, 'attnres_block_size', null, 'attention residuals (attnres_block_size')
  const dim = read.int('hidden_size', 2, most.dim, 2048)
  const layers = read.int('num_hidden_layers', 1, most.layers, 21)
  const selfLayers = read.int('num_self_decoder_layers', 1, most.layers, 10)
  if (selfLayers >= layers) {
    throw read.wrong(
      'num_self_decoder_layers',
      `fewer than num_hidden_layers (${layers}): a YOCO model has a cross-decoder`
    )
  }
  const act = field(json, 'hidden_act') ?? 'swish'
  if (act !== 'swish' && act !== 'silu') {
    throw unsupported(`This YOCO model has hidden_act ${shown(act)}; this program runs "swish" only.`)
  }
  return {
    layout: 'fla',
    vocabSize: read.int('vocab_size', 1, most.vocab, 32_000),
    dim,
    ffnDim: ffnDimOf(read, dim),
    normEps: read.number('norm_eps', Number.MIN_VALUE, 1, 1e-6),
    selfLayers,
    crossLayers: layers - selfLayers,
    self: readFlaSelf(read.object('self_decoder_attn'), dim),
    cross: readFlaCross(read.object('cross_decoder_attn'), dim),
    tiedHead: read.bool('tie_word_embeddings', false),
    trainedLength: positive(field(json, 'max_position_embeddings'))
  }
}

/**
 * fla builds both kinds with head size hidden_size / num_heads. The keys head_dim, expand_v, use_gate,
 * use_short_conv, conv_size, allow_neg_eigval and mode belong to gated_deltanet and are written with its defaults
 * into every config.json, so they are no reason to refuse; nor are num_v_heads and qkv_bias in gated retention.
 */
function readFlaSelf(json: JsonObject, dim: number): RetentionConfig | WindowConfig {
  const where = 'config.json, self_decoder_attn'
  const read = fieldsOf(json, where)
  const type = field(json, 'type') ?? 'gated_deltanet'
  if (type === 'gated_deltanet') {
    throw unsupported(
      'This YOCO model has a self-decoder of type "gated_deltanet", which this program does not run yet; ' +
        'expected "gated_retention" or "swa".'
    )
  }
  const heads = read.int('num_heads', 1, most.heads, 6)
  const headDim = headDimOf(where, 'num_heads', dim, heads)
  const theta = read.number('rope_theta', 1, thetaMost, 10_000)
  if (type === 'gated_retention') {
    return {
      kind: 'gated-retention',
      heads,
      headDim,
      rope: { theta, exponents: exponentsOf(read), pairs: 'interleaved' },
      gateNormalizer: read.number('gate_logit_normalizer', 1e-6, 1e6, 16),
      bias: false
    }
  }
  if (type !== 'swa') {
    throw unsupported(
      `This YOCO model has a self-decoder of type ${shown(type)}; expected "gated_retention" or "swa".`
    )
  }
  return {
    kind: 'window',
    heads,
    kvHeads: groupsOf(where, 'num_v_heads', read.int('num_v_heads', 1, most.heads, heads), heads),
    headDim,
    // fla's general attention layer: its own rotary module, whatever rope_inv_freq says.
    rope: { theta, exponents: 'llama', pairs: 'half' },
    window: read.int('window_size', 1, most.window),
    bias: read.bool('qkv_bias', false)
  }
}

/** `window_size` of the cross-decoder is stored by fla but never handed to the layer: attention is global. */
function readFlaCross(json: JsonObject, dim: number): CrossConfig {
  const where = 'config.json, cross_decoder_attn'
  const read = fieldsOf(json, where)
  const heads = read.int('num_heads', 1, most.heads, 32)
  return {
    heads,
    kvHeads: groupsOf(where, 'num_kv_heads', read.int('num_kv_heads', 1, most.heads, heads), heads),
    headDim: headDimOf(where, 'num_heads', dim, heads),
    rope: {
      theta: read.number('rope_theta', 1, thetaMost, 10_000),
      exponents: exponentsOf(read),
      pairs: 'interleaved'
    },
    queryNorm: read.bool('qk_norm', false),
    bias: read.bool('qkv_bias', false)
  }
}

type Reader = ReturnType<typeof fieldsOf>

const exponentsOf = (read: Reader): Rope['exponents'] =>
  read.oneOf('rope_inv_freq', ['fla', 'yoco'], 'fla') === 'fla' ? 'llama' : 'yoco'

/** intermediate_size, or two thirds of hidden_ratio * dim, cut to a whole number and rounded up to a multiple of 256. */
function ffnDimOf(read: Reader, dim: number): number {
  const given = read.int('intermediate_size', 0, most.ffn, 0)
  if (given > 0) return given
  const ratio = read.number('hidden_ratio', 1e-3, 1024, 4)
  return Math.ceil(Math.floor((dim * ratio * 2) / 3) / 256) * 256
}

function headDimOf(where: string, key: string, dim: number, heads: number): number {
  const size = dim / heads
  if (!Number.isInteger(size) || size % 2 !== 0) {
    throw broken(
      `${where}: ${dim} dimensions over ${heads} heads (${key}), expected an even whole number per head.`
    )
  }
  return size
}

function groupsOf(where: string, key: string, kvHeads: number, heads: number): number {
  if (heads % kvHeads !== 0)
    throw broken(`${where}: ${key} is ${kvHeads}, expected a divisor of the ${heads} heads.`)
  return kvHeads
}

function refuseOther(json: JsonObject, key: string, expected: unknown, feature: string): void {
  const value = field(json, key) ?? null
  if (value !== expected) {
    throw unsupported(
      `This YOCO model uses ${feature} is ${shown(value)}), which this program does not run; expected null.`
    )
  }
}

/** A stated training length is advice: a nonsense value is as good as none. */
function positive(value: unknown): number | undefined {
  return typeof value === 'number' && Number.isSafeInteger(value) && value > 0 ? value : undefined
}
