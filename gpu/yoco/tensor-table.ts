/**
 * Which tensors a YOCO model has, what they are called in either layout and what shape they must have. A wrong
 * checkpoint fails here, before any weight is read, naming the tensor with what was found and what was expected.
 * Sources: module and parameter names in microsoft/unilm YOCO/yoco/models/decoder/*.py and in
 * fla/models/yoco/modeling_yoco.py, fla/layers/yoco.py, fla/layers/attn.py, fla/modules/mlp.py.
 */
import type { SafetensorsFile } from '../text/safetensors'
import { withScales } from '../weights/code-tensor'
import {
  collectTensors,
  locateTable,
  prefixBefore,
  refuseLeftovers,
  type TensorSpec
} from '../weights/locate-tensors'
import type { TensorLocation } from '../weights/tensor-location'
import { crossWidth, selfKvWidth, selfWidth, sharedKvWidth, type ModelConfig } from './config'

/** How the engine names a tensor: `embed`, `head`, `norm`, `self.{i}.q`, `kv.k`, `cross.{j}.ffn.up`, ... */
export type TensorRole = string

interface Names {
  readonly embed: string
  readonly head: string
  readonly norm: string
  readonly kv: (part: string) => string
  readonly self: (layer: number, part: string) => string
  readonly cross: (layer: number, part: string) => string
  /** Within a layer, from our word to the file's. `gate` is the matrix whose output passes SiLU. */
  readonly parts: Readonly<Record<string, string>>
}

const official: Names = {
  embed: 'embed_tokens.weight',
  head: 'output_projection.weight',
  norm: 'layer_norm.weight',
  kv: part => `cross_decoder.${part === 'norm' ? 'kv_layer_norm' : `${part}_proj`}`,
  self: (layer, part) => `self_decoder.layers.${layer}.${part}`,
  cross: (layer, part) => `cross_decoder.layers.${layer}.${part}`,
  parts: {
    norm1: 'mixer_layer_norm',
    norm2: 'final_layer_norm',
    q: 'mixer.q_proj',
    k: 'mixer.k_proj',
    v: 'mixer.v_proj',
    g: 'mixer.g_proj',
    gateLogit: 'mixer.gt_proj',
    out: 'mixer.out_proj',
    'ffn.gate': 'ffn.fc1',
    'ffn.up': 'ffn.gate',
    'ffn.down': 'ffn.fc2'
  }
}

const fla: Names = {
  embed: 'model.embeddings.weight',
  head: 'lm_head.weight',
  norm: 'model.norm.weight',
  kv: part => `model.shared_kv_builder.${part === 'norm' ? 'kv_norm' : `${part}_proj`}`,
  self: (layer, part) => `model.self_layers.${layer}.${part}`,
  cross: (layer, part) => `model.cross_layers.${layer}.${part}`,
  parts: {
    norm1: 'attn_norm',
    norm2: 'mlp_norm',
    q: 'attn.q_proj',
    k: 'attn.k_proj',
    v: 'attn.v_proj',
    g: 'attn.g_proj',
    gateLogit: 'attn.gk_proj',
    out: 'attn.o_proj',
    qNorm: 'attn.q_norm',
    'ffn.gate': 'mlp.gate_proj',
    'ffn.up': 'mlp.up_proj',
    'ffn.down': 'mlp.down_proj'
  }
}

/** Every tensor of the model, in the order in which the forward pass needs them. */
export function tensorTable(config: ModelConfig): TensorSpec[] {
  const names = config.layout === 'official' ? official : fla
  const { dim, ffnDim, vocabSize, self, cross } = config
  const specs: TensorSpec[] = [{ role: 'embed', name: names.embed, shape: [vocabSize, dim] }]
  const ffn = (add: (part: string, ...shape: number[]) => void) => {
    add('ffn.gate', ffnDim, dim)
    add('ffn.up', ffnDim, dim)
    add('ffn.down', dim, ffnDim)
  }
  const adder = (role: string, nameOf: (part: string) => string, suffix = 'weight') => {
    return (part: string, ...shape: number[]) => {
      const dot = suffix === 'weight' ? '' : `.${suffix}`
      specs.push({ role: `${role}.${part}${dot}`, name: `${nameOf(part)}.${suffix}`, shape })
    }
  }
  for (let layer = 0; layer < config.selfLayers; layer++) {
    const nameOf = (part: string) => names.self(layer, names.parts[part]!)
    const add = adder(`self.${layer}`, nameOf)
    add('norm1', dim)
    add('q', selfWidth(config), dim)
    add('k', selfKvWidth(config), dim)
    add('v', selfKvWidth(config), dim)
    if (self.kind === 'gated-retention') {
      add('g', selfWidth(config), dim)
      add('gateLogit', self.heads, dim)
    }
    if (self.bias) {
      const addBias = adder(`self.${layer}`, nameOf, 'bias')
      addBias('q', selfWidth(config))
      addBias('k', selfKvWidth(config))
      addBias('v', selfKvWidth(config))
    }
    add('out', dim, selfWidth(config))
    add('norm2', dim)
    ffn(add)
  }
  const addKv = adder('kv', names.kv)
  addKv('norm', dim)
  addKv('k', sharedKvWidth(config), dim)
  addKv('v', sharedKvWidth(config), dim)
  if (cross.bias) {
    const addBias = adder('kv', names.kv, 'bias')
    addBias('k', sharedKvWidth(config))
    addBias('v', sharedKvWidth(config))
  }
  for (let layer = 0; layer < config.crossLayers; layer++) {
    const nameOf = (part: string) => names.cross(layer, names.parts[part]!)
    const add = adder(`cross.${layer}`, nameOf)
    add('norm1', dim)
    add('q', crossWidth(config), dim)
    if (cross.bias) adder(`cross.${layer}`, nameOf, 'bias')('q', crossWidth(config))
    if (cross.queryNorm) add('qNorm', cross.headDim)
    add('out', dim, crossWidth(config))
    add('norm2', dim)
    ffn(add)
  }
  specs.push({ role: 'norm', name: names.norm, shape: [dim] })
  if (!config.tiedHead) {
    // The official flags do not say whether the head is tied; the file does, by leaving it out.
    specs.push({
      role: 'head',
      name: names.head,
      shape: [vocabSize, dim],
      optional: config.layout === 'official'
    })
  }
  return specs
}

/** Finds every tensor of the table in the files. Throws broken-model or unsupported-model for the first mismatch. */
export function locateTensors(
  config: ModelConfig,
  files: readonly SafetensorsFile[]
): ReadonlyMap<TensorRole, TensorLocation> {
  const names = config.layout === 'official' ? official : fla
  const present = collectTensors(files)
  const prefix = prefixBefore(present, names.embed)
  const tensors = locateTable(present, prefix, tensorTable(config))
  // A tied checkpoint may still list the head: torch saves both names of one tensor. Its bytes are the embedding's.
  if (config.tiedHead) for (const name of withScales(prefix + names.head)) present.delete(name)
  refuseLeftovers(present)
  return tensors
}
