/**
 * A config.json of training/convert/export_open.py as an OpenWindowConfig: Llama's keys (`LlamaConfig` of huggingface/transformers) and
 * `sliding_window`, `open_heads`, `open_distance`, `finding_layer`. A value that changes the mathematics and is not known here is refused by name.
 */
import { broken, field, fieldsOf, type JsonObject, shown, unsupported } from '../text/json'
import type { OpenWindowConfig } from './config'

/** Far above what anybody trains; they keep products of two sizes exact. */
const most = {
  vocab: 1 << 24,
  dim: 1 << 17,
  ffn: 1 << 20,
  layers: 512,
  heads: 4096,
  window: 1 << 20,
  length: 1 << 30
}

export const isOpenWindow = (json: JsonObject): boolean => field(json, 'model_type') === 'open_window'

const fixed: readonly (readonly [string, unknown, string])[] = [
  ['attention_bias', false, 'biases in attention'],
  ['mlp_bias', false, 'biases in its feed-forward networks'],
  ['rope_scaling', null, 'a scaled rotation'],
  ['hidden_act', 'silu', 'another activation']
]

/** Throws unsupported-model or broken-model, naming what was found and what was expected. */
export function readOpenWindowConfig(json: JsonObject): OpenWindowConfig {
  for (const [key, expected, what] of fixed) {
    const value = field(json, key)
    if (value === undefined || value === null || value === expected) continue
    throw unsupported(
      `This model with open windows uses ${what} (${key} is ${shown(value)}), which this program does not run; expected ${shown(expected)}.`
    )
  }
  const read = fieldsOf(json, 'config.json')
  const dim = read.int('hidden_size', 1, most.dim)
  const layers = read.int('num_hidden_layers', 1, most.layers)
  const heads = read.int('num_attention_heads', 1, most.heads)
  const kvHeads = read.int('num_key_value_heads', 1, most.heads, heads)
  const headDim = dim / heads
  if (!Number.isInteger(headDim) || headDim % 2 !== 0)
    throw broken(
      `config.json: ${dim} dimensions over ${heads} heads, expected an even whole number per head.`
    )
  if (heads % kvHeads !== 0)
    throw broken(`config.json: num_key_value_heads is ${kvHeads}, expected a divisor of the ${heads} heads.`)
  const window = read.int('sliding_window', 1, most.window)
  const opened = openHeadsOf(field(json, 'open_heads'), layers, kvHeads)
  const theta = read.number('rope_theta', 1, 1e15, 10_000)
  return {
    vocabSize: read.int('vocab_size', 1, most.vocab),
    dim,
    layers,
    ffnDim: read.int('intermediate_size', 1, most.ffn),
    normEps: read.number('rms_norm_eps', Number.MIN_VALUE, 1, 1e-6),
    attention: {
      ...{ heads, kvHeads, headDim, window, sinks: true },
      rope: { theta, exponents: 'llama', pairs: 'half' }
    },
    opened,
    distance: read.int('open_distance', 0, most.length),
    findingLayer: findingLayerOf(field(json, 'finding_layer'), opened),
    tiedHead: read.bool('tie_word_embeddings', false),
    trainedLength: read.int('max_position_embeddings', 1, most.length, 2048)
  }
}

/** Absent, or a layer with open heads. Throws broken-model. */
function findingLayerOf(value: unknown, opened: readonly (readonly number[])[]): number | undefined {
  if (value === undefined || value === null) return undefined
  if (typeof value === 'number' && opened[value]?.length) return value
  const layers = opened.flatMap((heads, layer) => (heads.length > 0 ? [layer] : []))
  throw broken(
    `config.json: finding_layer is ${shown(value)}, expected a layer with open heads: ${layers.join(', ')}.`
  )
}

/** [[layer, K/V head], ...] -> by layer. Throws broken-model. */
function openHeadsOf(value: unknown, layers: number, kvHeads: number): number[][] {
  const wrong = (what: unknown) =>
    broken(
      `config.json: open_heads holds ${shown(what)}, expected pairs of a layer below ${layers} and a K/V head below ${kvHeads}, each once.`
    )
  if (!Array.isArray(value) || value.length === 0) throw wrong(value)
  const opened: number[][] = Array.from({ length: layers }, () => [])
  for (const pair of value as unknown[]) {
    if (!Array.isArray(pair) || pair.length !== 2) throw wrong(pair)
    const [layer, head] = pair as unknown[]
    const isBelow = (one: unknown, limit: number): one is number =>
      typeof one === 'number' && Number.isInteger(one) && one >= 0 && one < limit
    if (!isBelow(layer, layers) || !isBelow(head, kvHeads) || opened[layer].includes(head)) throw wrong(pair)
    opened[layer].push(head)
  }
  return opened.map(heads => heads.sort((a, b) => a - b))
}
