/**
 * Random models with open windows as files. Names are written a second time on purpose: one that the engine's own table gets
 * wrong is not found in files written from this one.
 */
import type { OpenWindowConfig } from '../open-window/config'
import type { ModelFiles } from '../text/byte-source'
import { memoryFiles } from './memory-files'
import { Random } from './random'
import { decode, encode, type FloatType } from './rounding'
import { type StoredTensor, writeWeights } from './safetensors-writer'
import { tinyTokenizerFiles } from './tiny-tokenizer'

export interface TinyOpenWindow {
  readonly config: OpenWindowConfig
  /** Values of a role, exactly as the files hold them. */
  readonly tensor: (role: string) => Float64Array
  readonly files: ModelFiles
  readonly bytes: ReadonlyMap<string, Uint8Array>
}

export interface TinyOpenWindowOptions {
  readonly seed: number
  readonly dtype?: FloatType
  /** The head is a tensor of its own; `also`: tied, and stored a second time. */
  readonly head?: 'tied' | 'own' | 'also'
  readonly shards?: number
  /** Queries of the layer that finds, in times of the others': what they give their attention to stands out. */
  readonly keenness?: number
}

/** Heads of a width that is padded; a layer with none, one with the second, one with all and one with the first of its K/V heads open. */
export const tinyOpenWindowConfig: OpenWindowConfig = {
  vocabSize: 271,
  dim: 40,
  layers: 4,
  ffnDim: 46,
  normEps: 1e-5,
  attention: {
    ...{ heads: 4, kvHeads: 2, headDim: 10, window: 12, sinks: true },
    rope: { theta: 1e4, exponents: 'llama', pairs: 'half' }
  },
  opened: [[], [1], [0, 1], [0]],
  distance: 7,
  tiedHead: true,
  trainedLength: 4096
}

function configJson(config: OpenWindowConfig): Record<string, unknown> {
  const { attention, opened, findingLayer } = config
  return {
    model_type: 'open_window',
    vocab_size: config.vocabSize,
    hidden_size: config.dim,
    intermediate_size: config.ffnDim,
    hidden_act: 'silu',
    rms_norm_eps: config.normEps,
    num_hidden_layers: config.layers,
    num_attention_heads: attention.heads,
    num_key_value_heads: attention.kvHeads,
    rope_theta: attention.rope.theta,
    sliding_window: attention.window,
    open_heads: opened.flatMap((heads, layer) => heads.map(head => [layer, head])),
    open_distance: config.distance,
    ...(findingLayer === undefined ? {} : { finding_layer: findingLayer }),
    tie_word_embeddings: config.tiedHead,
    max_position_embeddings: config.trainedLength
  }
}

interface Drawn {
  readonly role: string
  readonly name: string
  readonly shape: readonly number[]
  readonly mean?: number
  readonly deviation: number
}

/** Scales at which every part matters to the logits and no softmax is saturated. */
function drawn({ dim, vocabSize, ffnDim, layers, attention }: OpenWindowConfig): Drawn[] {
  const [q, kv] = [attention.heads * attention.headDim, attention.kvHeads * attention.headDim]
  const norm = { shape: [dim], mean: 0.9, deviation: 0.3 }
  const matrix = (outputs: number, inputs: number, gain = 1) => ({
    shape: [outputs, inputs],
    deviation: gain / Math.sqrt(inputs)
  })
  const parts: Record<string, readonly [string, Omit<Drawn, 'role' | 'name'>]> = {
    norm1: ['input_layernorm.weight', norm],
    q: ['self_attn.q_proj.weight', matrix(q, dim, 1.5)],
    k: ['self_attn.k_proj.weight', matrix(kv, dim, 1.5)],
    v: ['self_attn.v_proj.weight', matrix(kv, dim)],
    sink: ['self_attn.sinks', { shape: [attention.heads], mean: 1, deviation: 1 }],
    sinkValues: ['self_attn.sink_values', { shape: [kv], deviation: 1 }],
    out: ['self_attn.o_proj.weight', matrix(dim, q)],
    norm2: ['post_attention_layernorm.weight', norm],
    'ffn.gate': ['mlp.gate_proj.weight', matrix(ffnDim, dim)],
    'ffn.up': ['mlp.up_proj.weight', matrix(ffnDim, dim)],
    'ffn.down': ['mlp.down_proj.weight', matrix(dim, ffnDim)]
  }
  return [
    { role: 'embed', name: 'model.embed_tokens.weight', shape: [vocabSize, dim], deviation: 0.6 },
    ...Array.from({ length: layers }, (_, i) =>
      Object.entries(parts).map(([part, [name, values]]) => ({
        ...{ role: `layer.${i}.${part}`, name: `model.layers.${i}.${name}` },
        ...values
      }))
    ).flat(),
    { role: 'norm', name: 'model.norm.weight', ...norm }
  ]
}

const elements = (shape: readonly number[]): number => shape.reduce((a, b) => a * b, 1)

export function tinyOpenWindow(
  { seed, dtype = 'F32', head = 'tied', shards, keenness = 1 }: TinyOpenWindowOptions,
  sizes: Partial<OpenWindowConfig> = {}
): TinyOpenWindow {
  const config = { ...tinyOpenWindowConfig, ...sizes, tiedHead: head !== 'own' }
  const random = new Random(seed)
  const values = new Map<string, Float64Array>()
  const stored = drawn(config).map(({ role, name, shape, mean = 0, deviation }): StoredTensor => {
    const scale = role === `layer.${config.findingLayer}.q` ? keenness : 1
    const bytes = encode(random.normals(elements(shape), scale * deviation, mean), dtype)
    values.set(role, decode(bytes, dtype))
    return { name, type: dtype, shape, bytes }
  })
  if (head !== 'tied') {
    const [embed] = stored
    const bytes = head === 'also' ? embed!.bytes : encode(random.normals(elements(embed!.shape), 0.6), dtype)
    values.set('head', decode(bytes, dtype))
    stored.push({ ...embed!, name: 'lm_head.weight', bytes })
  }
  const bytes = new Map([
    ['config.json', new TextEncoder().encode(JSON.stringify(configJson(config)))],
    ...tinyTokenizerFiles(),
    ...writeWeights(stored, shards)
  ])
  return {
    config,
    bytes,
    files: memoryFiles(`tiny open window ${seed}`, bytes),
    tensor(role) {
      const found = values.get(role)
      if (!found) throw new Error(`tiny open window has no tensor ${role}`)
      return found
    }
  }
}
