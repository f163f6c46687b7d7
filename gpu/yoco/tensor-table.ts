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
  const { dim, vocabSize } = config
  const layers = (count: number, specs: (layer: number) => TensorSpec[]): TensorSpec[] =>
    Array.from({ length: count }, (_, layer) => specs(layer)).flat()
  return [
    { role: 'embed', name: names.embed, shape: [vocabSize, dim] },
    ...layers(config.selfLayers, layer => selfSpecs(config, names, layer)),
    ...kvSpecs(config, names),
    ...layers(config.crossLayers, layer => crossSpecs(config, names, layer)),
    { role: 'norm', name: names.norm, shape: [dim] },
    // The official flags do not say whether the head is tied; the file does, by leaving it out.
    ...(config.tiedHead
      ? []
      : [{ role: 'head', name: names.head, shape: [vocabSize, dim], optional: config.layout === 'official' }])
  ]
}

/** Collects tensors of one part of the model under their roles, weights and biases. */
class SpecList {
  readonly specs: TensorSpec[] = []

  constructor(
    private readonly role: string,
    private readonly nameOf: (part: string) => string
  ) {}

  weight(part: string, ...shape: number[]): void {
    this.specs.push({ role: `${this.role}.${part}`, name: `${this.nameOf(part)}.weight`, shape })
  }

  bias(part: string, width: number): void {
    this.specs.push({ role: `${this.role}.${part}.bias`, name: `${this.nameOf(part)}.bias`, shape: [width] })
  }

  feedForward({ ffnDim, dim }: ModelConfig): void {
    this.weight('norm2', dim)
    this.weight('ffn.gate', ffnDim, dim)
    this.weight('ffn.up', ffnDim, dim)
    this.weight('ffn.down', dim, ffnDim)
  }
}

function selfSpecs(config: ModelConfig, names: Names, layer: number): TensorSpec[] {
  const { dim, self } = config
  const [width, kvWidth] = [selfWidth(config), selfKvWidth(config)]
  const list = new SpecList(`self.${layer}`, part => names.self(layer, names.parts[part]!))
  list.weight('norm1', dim)
  list.weight('q', width, dim)
  list.weight('k', kvWidth, dim)
  list.weight('v', kvWidth, dim)
  if (self.kind === 'gated-retention') {
    list.weight('g', width, dim)
    list.weight('gateLogit', self.heads, dim)
  }
  if (self.bias) {
    list.bias('q', width)
    list.bias('k', kvWidth)
    list.bias('v', kvWidth)
  }
  list.weight('out', dim, width)
  list.feedForward(config)
  return list.specs
}

function kvSpecs(config: ModelConfig, names: Names): TensorSpec[] {
  const width = sharedKvWidth(config)
  const list = new SpecList('kv', names.kv)
  list.weight('norm', config.dim)
  list.weight('k', width, config.dim)
  list.weight('v', width, config.dim)
  if (config.cross.bias) {
    list.bias('k', width)
    list.bias('v', width)
  }
  return list.specs
}

function crossSpecs(config: ModelConfig, names: Names, layer: number): TensorSpec[] {
  const { dim, cross } = config
  const width = crossWidth(config)
  const list = new SpecList(`cross.${layer}`, part => names.cross(layer, names.parts[part]!))
  list.weight('norm1', dim)
  list.weight('q', width, dim)
  if (cross.bias) list.bias('q', width)
  if (cross.queryNorm) list.weight('qNorm', cross.headDim)
  list.weight('out', dim, width)
  list.feedForward(config)
  return list.specs
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
