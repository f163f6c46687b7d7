/**
 * What every tensor of a model is called in its file, and its shape: the official module's names (microsoft/unilm
 * YOCO/yoco/models/decoder) and FLA's (fla/models/yoco/modeling_yoco.py), written a second time on purpose: a name
 * that the engine's own table gets wrong is not found in files written from this one.
 */
import type { ModelConfig } from '../yoco/config'

export interface TensorSpec {
  readonly role: string
  readonly name: string
  readonly shape: readonly number[]
}

type Naming = (role: string) => string

const officialParts: Record<string, string> = {
  q: 'mixer.q_proj',
  k: 'mixer.k_proj',
  v: 'mixer.v_proj',
  g: 'mixer.g_proj',
  gateLogit: 'mixer.gt_proj',
  out: 'mixer.out_proj',
  norm1: 'mixer_layer_norm',
  norm2: 'final_layer_norm',
  'ffn.gate': 'ffn.fc1',
  'ffn.up': 'ffn.gate',
  'ffn.down': 'ffn.fc2'
}

const flaParts: Record<string, string> = {
  q: 'attn.q_proj',
  k: 'attn.k_proj',
  v: 'attn.v_proj',
  g: 'attn.g_proj',
  gateLogit: 'attn.gk_proj',
  out: 'attn.o_proj',
  qNorm: 'attn.q_norm',
  norm1: 'attn_norm',
  norm2: 'mlp_norm',
  'ffn.gate': 'mlp.gate_proj',
  'ffn.up': 'mlp.up_proj',
  'ffn.down': 'mlp.down_proj'
}

const officialWhole: Record<string, string> = {
  embed: 'embed_tokens',
  head: 'output_projection',
  norm: 'layer_norm',
  'kv.norm': 'cross_decoder.kv_layer_norm',
  'kv.k': 'cross_decoder.k_proj',
  'kv.v': 'cross_decoder.v_proj'
}

const flaWhole: Record<string, string> = {
  embed: 'model.embeddings',
  head: 'lm_head',
  norm: 'model.norm',
  'kv.norm': 'model.shared_kv_builder.kv_norm',
  'kv.k': 'model.shared_kv_builder.k_proj',
  'kv.v': 'model.shared_kv_builder.v_proj'
}

function naming(layout: ModelConfig['layout']): Naming {
  const [whole, parts, selfLayers, crossLayers] =
    layout === 'official'
      ? [officialWhole, officialParts, 'self_decoder.layers', 'cross_decoder.layers']
      : [flaWhole, flaParts, 'model.self_layers', 'model.cross_layers']
  return role => {
    const bias = role.endsWith('.bias')
    const bare = bias ? role.slice(0, -'.bias'.length) : role
    const [decoder, layer, ...part] = bare.split('.')
    const module =
      whole[bare] ?? `${decoder === 'self' ? selfLayers : crossLayers}.${layer}.${parts[part.join('.')]!}`
    return `${module}.${bias ? 'bias' : 'weight'}`
  }
}

/** Every tensor of a model, in a file's natural order. */
export function tensorSpecs(config: ModelConfig, prefix = ''): TensorSpec[] {
  const { dim, ffnDim, vocabSize, self, cross } = config
  const specs: TensorSpec[] = []
  const nameOf = naming(config.layout)
  const add = (role: string, ...shape: number[]) => specs.push({ role, name: prefix + nameOf(role), shape })
  const addLinear = (role: string, outputs: number, inputs: number, bias = false) => {
    add(role, outputs, inputs)
    if (bias) add(`${role}.bias`, outputs)
  }
  const addFfn = (layer: string) => {
    add(`${layer}.norm2`, dim)
    addLinear(`${layer}.ffn.gate`, ffnDim, dim)
    addLinear(`${layer}.ffn.up`, ffnDim, dim)
    addLinear(`${layer}.ffn.down`, dim, ffnDim)
  }
  add('embed', vocabSize, dim)
  const selfWidth = self.heads * self.headDim
  const selfKvWidth = self.kind === 'window' ? self.kvHeads * self.headDim : selfWidth
  for (let i = 0; i < config.selfLayers; i++) {
    add(`self.${i}.norm1`, dim)
    addLinear(`self.${i}.q`, selfWidth, dim, self.bias)
    addLinear(`self.${i}.k`, selfKvWidth, dim, self.bias)
    addLinear(`self.${i}.v`, selfKvWidth, dim, self.bias)
    if (self.kind === 'gated-retention') {
      addLinear(`self.${i}.g`, selfWidth, dim)
      addLinear(`self.${i}.gateLogit`, self.heads, dim)
    }
    addLinear(`self.${i}.out`, dim, selfWidth)
    addFfn(`self.${i}`)
  }
  const crossWidth = cross.heads * cross.headDim
  add('kv.norm', dim)
  addLinear('kv.k', cross.kvHeads * cross.headDim, dim, cross.bias)
  addLinear('kv.v', cross.kvHeads * cross.headDim, dim, cross.bias)
  for (let j = 0; j < config.crossLayers; j++) {
    add(`cross.${j}.norm1`, dim)
    addLinear(`cross.${j}.q`, crossWidth, dim, cross.bias)
    if (cross.queryNorm) add(`cross.${j}.qNorm`, cross.headDim)
    addLinear(`cross.${j}.out`, dim, crossWidth)
    addFfn(`cross.${j}`)
  }
  add('norm', dim)
  if (!config.tiedHead) add('head', vocabSize, dim)
  return specs
}
