/**
 * Which tensors a Gemma 4 text model has, by their official names, and what shape they must have. Source: module names
 * in `modular_gemma4.py` of huggingface/transformers, prefix `model.language_model.` (multimodal) or `model.` (text only).
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
import type { Tensors } from '../model/family'
import { attentionOf, ffnWidth, type GemmaConfig, kvWidth, queryWidth } from './config'
import { checkBits } from './quantisation'

const embedName = 'embed_tokens.weight'
const headName = 'lm_head.weight'

/** From our word to the file's, within a layer; the shape by widths. `layer.{i}.q` and so on are the roles. */
const inLayer = {
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
} as const

type LayerPart = keyof typeof inLayer

/** What only layers with keys and values of their own use; some files have it in all layers. */
const ofOwners: readonly LayerPart[] = ['k', 'v', 'kNorm']

/** Of mobile checkpoints: the grid that keys and values were trained on, one step each. */
const gridSteps = { kStep: 'self_attn.k_cache_scale', vStep: 'self_attn.v_cache_scale' } as const

const embeddingNames = (config: GemmaConfig): { readonly embed: string; readonly perLayer: string } =>
  config.quantisation
    ? {
        embed: 'embed_tokens.embedding_quantized',
        perLayer: 'embed_tokens_per_layer.embedding_quantized'
      }
    : { embed: embedName, perLayer: 'embed_tokens_per_layer.weight' }

/** Every tensor that is computed with, in the order in which the forward pass needs them. */
export function tensorTable(config: GemmaConfig): TensorSpec[] {
  const { dim, vocabSize, perLayerDim, layers } = config
  const packed = layers.length * perLayerDim
  const shapes = (layer: number): Record<LayerPart, readonly number[]> => {
    const attention = attentionOf(config, layer)
    const ffn = ffnWidth(config, layer)
    return {
      norm: [dim],
      q: [queryWidth(attention), dim],
      k: [kvWidth(attention), dim],
      v: [kvWidth(attention), dim],
      qNorm: [attention.headDim],
      kNorm: [attention.headDim],
      out: [dim, queryWidth(attention)],
      attentionNorm: [dim],
      ffnNorm: [dim],
      'ffn.gate': [ffn, dim],
      'ffn.up': [ffn, dim],
      'ffn.down': [dim, ffn],
      ffnOutNorm: [dim],
      'perLayer.gate': [perLayerDim, dim],
      'perLayer.out': [dim, perLayerDim],
      'perLayer.norm': [dim],
      scalar: [1]
    }
  }
  const { embed, perLayer } = embeddingNames(config)
  const mobile = config.quantisation !== undefined
  const steps = (layer: number): TensorSpec[] =>
    Object.entries(mobile && layer < config.own ? gridSteps : {}).map(([part, name]) => ({
      role: `layer.${layer}.${part}`,
      name: `layers.${layer}.${name}`,
      shape: [],
      optional: true
    }))
  return [
    { role: 'embed', name: embed, shape: [vocabSize, dim] },
    {
      role: 'embed.perLayer',
      name: perLayer,
      shape: [vocabSize, packed],
      codes: mobile ? { blocks: [perLayerDim] } : undefined
    },
    { role: 'perLayer.project', name: 'per_layer_model_projection.weight', shape: [packed, dim] },
    { role: 'perLayer.norm', name: 'per_layer_projection_norm.weight', shape: [perLayerDim] },
    ...layers.flatMap((_, layer) => {
      const shape = shapes(layer)
      const parts = (Object.keys(inLayer) as LayerPart[])
        .filter(part => layer < config.own || !ofOwners.includes(part))
        .map(part => ({
          role: `layer.${layer}.${part}`,
          name: `layers.${layer}.${inLayer[part]}`,
          shape: shape[part],
          codes: { steps: mobile }
        }))
      return [...parts, ...steps(layer)]
    }),
    { role: 'norm', name: 'norm.weight', shape: [dim] }
  ]
}

/** Of the parts of a multimodal model that see and hear, which are not run. */
const beside = /^(model\.)?(vision_tower|audio_tower|embed_vision|embed_audio)\./

/** Finds every tensor of the table in the files. Throws broken-model or unsupported-model for the first mismatch. */
export function locateTensors(config: GemmaConfig, files: readonly SafetensorsFile[]): Tensors {
  const present = collectTensors(files)
  for (const name of present.keys()) if (beside.test(name)) present.delete(name)
  const prefix = prefixBefore(present, embeddingNames(config).embed)
  const tensors = locateTable(present, prefix, tensorTable(config))
  // Some files keep what the layers above the owners were made with; it is computed with nowhere.
  for (let layer = config.own; layer < config.layers.length; layer++) {
    const own = `${prefix}layers.${layer}.`
    for (const part of ofOwners) for (const name of withScales(own + inLayer[part])) present.delete(name)
    for (const name of Object.values(gridSteps)) present.delete(own + name)
  }
  const { vocabSize, dim } = config
  if (!config.tiedHead) {
    const head = present.has(headName) ? '' : prefix
    const codes = { steps: config.quantisation !== undefined }
    const specs = [{ role: 'head', name: headName, shape: [vocabSize, dim], codes }]
    for (const [role, tensor] of locateTable(present, head, specs)) tensors.set(role, tensor)
  } else {
    // A tied checkpoint may still list the head: its bytes are the embedding's.
    for (const name of [...withScales(headName), ...withScales(prefix + headName)]) present.delete(name)
  }
  refuseLeftovers(present)
  if (config.quantisation) {
    const products = [...tensors].filter(([role]) => isProduct(role)).map(([, tensor]) => tensor)
    checkBits(config.quantisation, products)
  }
  return tensors
}

/** Matrices that a mobile checkpoint holds as codes. */
const isProduct = (role: string): boolean =>
  /^(head|embed|embed\.perLayer|layer\.\d+\.(q|k|v|out|ffn\.(gate|up|down)|perLayer\.(gate|out)))$/.test(role)
