/**
 * A config.json of Gemma 4 as a GemmaConfig: nested under text_config, as published, or flat, as text-only exports have it.
 * Defaults are those of `Gemma4TextConfig` (configuration_gemma4.py of huggingface/transformers). A value that changes the
 * mathematics and is not known here is refused by name; everything else is ignored.
 */
import type { Rope } from '../kernels/rope'
import { broken, field, fieldsOf, isObject, type JsonObject, shown, unsupported } from '../text/json'
import type { FloatType } from '../weights/tensor-location'
import type { GemmaConfig, LayerKind } from './config'
import { readQuantisation } from './quantisation'

/** Above every published model by an order of magnitude; they keep products of two sizes exact. */
const most = {
  vocab: 1 << 24,
  dim: 1 << 17,
  ffn: 1 << 20,
  layers: 512,
  heads: 4096,
  headDim: 512,
  perLayer: 4096,
  window: 1 << 20,
  length: 1 << 30
}
const thetaMost = 1e15

type Fields = ReturnType<typeof fieldsOf>

/** Whether a config.json is of Gemma 4; Gemma 3n and earlier ones are other architectures. */
export const isGemma4 = (json: JsonObject): boolean =>
  field(json, 'model_type') === 'gemma4' || field(json, 'model_type') === 'gemma4_text'

/** Throws unsupported-model or broken-model, naming what was found and what was expected. */
export function readGemmaConfig(json: JsonObject): GemmaConfig {
  const nested = field(json, 'model_type') === 'gemma4'
  if (nested && !isObject(field(json, 'text_config'))) {
    throw broken(
      `config.json: text_config is ${shown(field(json, 'text_config'))}, expected the sizes of the text model. ` +
        'The file is damaged or was edited; download it again.'
    )
  }
  const text = nested ? (field(json, 'text_config') as JsonObject) : json
  const read = fieldsOf(text, nested ? 'config.json, text_config' : 'config.json')
  refuseVariants(text)
  const layers = layersOf(text, read)
  const shared = read.int('num_kv_shared_layers', 0, layers.length, 0)
  const own = layers.length - shared
  checkSharing(layers, own)
  const ffnDim = read.int('intermediate_size', 1, most.ffn, 9216)
  const heads = read.int('num_attention_heads', 1, most.heads, 8)
  // num_global_key_value_heads counts in the official classes where keys are also the values, and nowhere else.
  const kvHeads = groupsOf(read.int('num_key_value_heads', 1, most.heads, 4), heads)
  const headDim = headSize(read.int('head_dim', 4, most.headDim, 256), 'head_dim')
  const fullHead = fullHeadDim(text, layers, read, kvHeads)
  const ropes = ropesOf(read, fullHead)
  const vocabSize = read.int('vocab_size', 1, most.vocab, 262_144)
  const perLayerVocab = read.int('vocab_size_per_layer_input', 1, most.vocab, 262_144)
  if (perLayerVocab !== vocabSize)
    throw unsupported(
      `This Gemma 4 model has vocab_size_per_layer_input ${perLayerVocab}; expected vocab_size, ${vocabSize}.`
    )
  const attention = { heads, kvHeads }
  return {
    vocabSize,
    dim: read.int('hidden_size', 4, most.dim, 2304),
    layers,
    own,
    sliding: {
      ...attention,
      headDim,
      rope: ropes.sliding,
      window: read.int('sliding_window', 1, most.window, 512)
    },
    full: { ...attention, headDim: fullHead, rope: ropes.full },
    ffnDim,
    sharedFfnDim: read.bool('use_double_wide_mlp', false) ? 2 * ffnDim : ffnDim,
    perLayerDim: perLayerDimOf(read),
    normEps: read.number('rms_norm_eps', Number.MIN_VALUE, 1, 1e-6),
    logitCap: capOf(text, read),
    tiedHead: tiedOf(json, text),
    floatType: floatTypeOf(json, text),
    quantisation: readQuantisation(json),
    trainedLength: read.int('max_position_embeddings', 1, most.length, 131_072)
  }
}

/** What larger Gemma 4 models use and E2B and E4B do not: key, the only value that is run. */
const fixed: readonly (readonly [string, unknown, string])[] = [
  ['attention_bias', false, 'biases in attention'],
  ['attention_k_eq_v', false, 'keys that are also the values'],
  ['enable_moe_block', false, 'mixture-of-experts layers'],
  ['use_bidirectional_attention', null, 'attention to later tokens'],
  ['hidden_activation', 'gelu_pytorch_tanh', 'another activation']
]

function refuseVariants(text: JsonObject): void {
  for (const [key, expected, what] of fixed) {
    const value = field(text, key)
    // null stands for the default, which is the value that is run.
    if (value === undefined || value === null || value === expected) continue
    throw unsupported(
      `This Gemma 4 model uses ${what} (${key} is ${shown(value)}), which this program does not run; expected ` +
        `${shown(expected)}, as E2B and E4B have it.`
    )
  }
}

/** Without `layer_types` five sliding layers and a full one in turn; the last one is always full, whatever is stated. */
function layersOf(text: JsonObject, read: Fields): LayerKind[] {
  const count = read.int('num_hidden_layers', 2, most.layers, 30)
  const types = field(text, 'layer_types') ?? null
  if (types === null)
    return Array.from({ length: count }, (_, i) =>
      (i + 1) % 6 === 0 || i === count - 1 ? 'full' : 'sliding'
    )
  if (!Array.isArray(types) || types.length !== count)
    throw read.wrong('layer_types', `a list of ${count} (num_hidden_layers) names`)
  return types.map((type: unknown, layer): LayerKind => {
    if (type !== 'sliding_attention' && type !== 'full_attention')
      throw unsupported(
        `This Gemma 4 model has layer_types[${layer}] ${shown(type)}; expected "sliding_attention" or "full_attention".`
      )
    return type === 'full_attention' || layer === count - 1 ? 'full' : 'sliding'
  })
}

/** Reading ends at the last layer that owns keys and values: without layers above that it would end nowhere. */
function checkSharing(layers: readonly LayerKind[], own: number): void {
  if (own === layers.length)
    throw unsupported(
      'This Gemma 4 model has num_kv_shared_layers 0: every layer keeps its own keys and values, so reading would have ' +
        'to compute all of it. Expected upper layers that share, as E2B (20 of 35) and E4B (18 of 42) have them.'
    )
  const lacking = layers.slice(own).find(kind => !layers.slice(0, own).includes(kind))
  if (own === 0 || lacking !== undefined)
    throw broken(
      `config.json: num_kv_shared_layers is ${layers.length - own}, so that no layer owns the keys and values of its ` +
        `${lacking ?? 'full'} attention layers. Expected fewer than ${layers.length}; the file is damaged or was edited.`
    )
}

function groupsOf(kvHeads: number, heads: number): number {
  if (heads % kvHeads !== 0)
    throw broken(
      `config.json: num_key_value_heads is ${kvHeads}, expected a divisor of the ${heads} heads (num_attention_heads).`
    )
  return kvHeads
}

function headSize(size: number, key: string): number {
  if (size % 4 === 0) return size
  throw unsupported(`This Gemma 4 model has ${key} ${size}; expected a multiple of 4.`)
}

/** Of the full layers: `global_head_dim`, or by layer in `per_layer_config`, where newer files have it. */
function fullHeadDim(text: JsonObject, layers: readonly LayerKind[], read: Fields, kvHeads: number): number {
  const byLayer = field(text, 'per_layer_config') ?? null
  if (byLayer === null) return headSize(read.int('global_head_dim', 4, most.headDim, 512), 'global_head_dim')
  if (!isObject(byLayer)) throw read.wrong('per_layer_config', 'an object by number of the layer')
  const sizes = new Set<number>()
  for (const [layer, kind] of layers.entries()) {
    const own =
      field(byLayer, String(layer)) ??
      field(byLayer, String(layer).padStart(String(layers.length - 1).length, '0')) ??
      {}
    const where = `config.json, per_layer_config[${layer}]`
    if (!isObject(own)) throw broken(`${where} is ${shown(own)}, expected an object.`)
    const known = kind === 'full' ? ['head_dim', 'num_key_value_heads'] : []
    const other = Object.keys(own).find(key => !known.includes(key))
    if (other !== undefined)
      throw unsupported(
        `${where} sets ${shown(other)}, which this program does not run; expected head_dim of full layers and nothing else.`
      )
    if (kind === 'sliding') continue
    const ownFields = fieldsOf(own, where)
    sizes.add(
      headSize(
        ownFields.int('head_dim', 4, most.headDim, read.int('head_dim', 4, most.headDim, 256)),
        'head_dim'
      )
    )
    if (ownFields.int('num_key_value_heads', 1, most.heads, kvHeads) !== kvHeads)
      throw unsupported(
        `${where} has num_key_value_heads ${shown(field(own, 'num_key_value_heads'))}; expected ${kvHeads}, as in all layers.`
      )
  }
  const [size, second] = sizes
  if (second !== undefined)
    throw unsupported(
      `This Gemma 4 model has full layers of head_dim ${size} and ${second}; expected the same in all of them.`
    )
  return size
}

interface Ropes {
  readonly sliding: Rope
  readonly full: Rope
}

function ropesOf(read: Fields, headDim: number): Ropes {
  const all = read.object('rope_parameters')
  const of = (key: string): { readonly json: JsonObject; readonly fields: Fields } => {
    const json = field(all, key) ?? {}
    const where = `config.json, rope_parameters.${key}`
    if (!isObject(json)) throw broken(`${where} is ${shown(json)}, expected an object.`)
    return { json, fields: fieldsOf(json, where) }
  }
  const expectType = (json: JsonObject, key: string, expected: string): void => {
    const type = field(json, 'rope_type') ?? expected
    const factor = field(json, 'factor') ?? 1
    if (type === expected && factor === 1) return
    throw unsupported(
      `This Gemma 4 model rotates by rope_type ${shown(type)} with factor ${shown(factor)} in ${key}; expected ` +
        `${shown(expected)} and no factor.`
    )
  }
  const [sliding, full] = [of('sliding_attention'), of('full_attention')]
  expectType(sliding.json, 'sliding_attention', 'default')
  expectType(full.json, 'full_attention', 'proportional')
  const part = full.fields.number('partial_rotary_factor', 0, 1, 0.25)
  const partOfSliding = sliding.fields.number('partial_rotary_factor', 0, 1, 1)
  if (partOfSliding !== 1)
    throw unsupported(
      `This Gemma 4 model rotates ${partOfSliding} of the heads of sliding layers (partial_rotary_factor); expected 1.`
    )
  const turned = Math.floor((part * headDim) / 2)
  if (turned === 0)
    throw full.fields.wrong(
      'partial_rotary_factor',
      `a share of ${headDim} (head_dim) that is a pair at least`
    )
  const way = { exponents: 'llama', pairs: 'half' } as const
  return {
    sliding: { ...way, theta: sliding.fields.number('rope_theta', 1, thetaMost, 10_000) },
    full: {
      ...way,
      theta: full.fields.number('rope_theta', 1, thetaMost, 1_000_000),
      turned
    }
  }
}

function perLayerDimOf(read: Fields): number {
  const size = read.int('hidden_size_per_layer_input', 0, most.perLayer, 256)
  if (size > 0 && size % 4 === 0) return size
  throw unsupported(
    `This Gemma 4 model has hidden_size_per_layer_input ${size}; expected a multiple of 4 above 0, as E2B and E4B have it (256).`
  )
}

function capOf(text: JsonObject, read: Fields): number | undefined {
  if ((field(text, 'final_logit_softcapping') ?? null) === null) return undefined
  return read.number('final_logit_softcapping', 1e-3, 1e6, 30)
}

/** Said beside the text model or in it; what is nearer to the head counts. */
function tiedOf(json: JsonObject, text: JsonObject): boolean {
  const value = field(json, 'tie_word_embeddings') ?? field(text, 'tie_word_embeddings') ?? true
  if (typeof value === 'boolean') return value
  throw broken(`config.json: tie_word_embeddings is ${shown(value)}, expected true or false.`)
}

const floatTypes: readonly (readonly [string, FloatType])[] = [
  ['float32', 'F32'],
  ['float16', 'F16'],
  ['bfloat16', 'BF16']
]

function floatTypeOf(json: JsonObject, text: JsonObject): FloatType | undefined {
  const named = [text, json].flatMap(each => [field(each, 'dtype'), field(each, 'torch_dtype')])
  return floatTypes.find(([name]) => named.includes(name))?.[1]
}
