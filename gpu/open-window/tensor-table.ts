/** Which tensors a model with open windows has: Llama's names (`modeling_llama.py` of huggingface/transformers), and the sinks of every layer. */
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
import type { OpenWindowConfig } from './config'

const embedName = 'model.embed_tokens.weight'
const headName = 'lm_head.weight'

/** Every tensor, in the order in which the forward pass needs them. Roles: `layer.{i}.q` and so on. */
export function tensorTable({
  dim,
  vocabSize,
  ffnDim,
  layers,
  attention,
  tiedHead
}: OpenWindowConfig): TensorSpec[] {
  const { heads, kvHeads, headDim } = attention
  const [q, kv] = [heads * headDim, kvHeads * headDim]
  const parts: readonly (readonly [string, string, readonly number[]])[] = [
    ['norm1', 'input_layernorm.weight', [dim]],
    ['q', 'self_attn.q_proj.weight', [q, dim]],
    ['k', 'self_attn.k_proj.weight', [kv, dim]],
    ['v', 'self_attn.v_proj.weight', [kv, dim]],
    ['sink', 'self_attn.sinks', [heads]],
    ['sinkValues', 'self_attn.sink_values', [kv]],
    ['out', 'self_attn.o_proj.weight', [dim, q]],
    ['norm2', 'post_attention_layernorm.weight', [dim]],
    ['ffn.gate', 'mlp.gate_proj.weight', [ffnDim, dim]],
    ['ffn.up', 'mlp.up_proj.weight', [ffnDim, dim]],
    ['ffn.down', 'mlp.down_proj.weight', [dim, ffnDim]]
  ]
  return [
    { role: 'embed', name: embedName, shape: [vocabSize, dim] },
    ...Array.from({ length: layers }, (_, layer) =>
      parts.map(([part, name, shape]) => ({
        role: `layer.${layer}.${part}`,
        name: `model.layers.${layer}.${name}`,
        shape
      }))
    ).flat(),
    { role: 'norm', name: 'model.norm.weight', shape: [dim] },
    ...(tiedHead ? [] : [{ role: 'head', name: headName, shape: [vocabSize, dim] }])
  ]
}

/** Throws broken-model or unsupported-model for the first mismatch. */
export function locateTensors(config: OpenWindowConfig, files: readonly SafetensorsFile[]): Tensors {
  const present = collectTensors(files)
  const prefix = prefixBefore(present, embedName)
  const tensors = locateTable(present, prefix, tensorTable(config))
  // A tied checkpoint may still list the head: its bytes are the embedding's.
  if (config.tiedHead) for (const name of withScales(prefix + headName)) present.delete(name)
  refuseLeftovers(present)
  return tensors
}
