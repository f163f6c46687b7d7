/** A checkpoint of the official layout on disk, as float64 tensors: the reference's own way in, past the engine's. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ModelConfig } from '../yoco/config'
import type { TensorOf } from './reference-model'
import { decode } from './rounding'
import { tensorSpecs } from './tensor-names'
import { describeOfficial } from './tiny-configs'

export interface StoredModel {
  readonly config: ModelConfig
  readonly tensor: TensorOf
}

export function storedModel(folder: string): StoredModel {
  const params = JSON.parse(readFileSync(join(folder, 'params.json'), 'utf8'))
  const { config } = describeOfficial({
    dim: params.dim,
    layers: params.n_layers,
    selfLayers: params.n_self_layers,
    ffn: params.hidden_dim,
    selfHeads: params.n_self_heads,
    heads: params.n_attn_heads,
    kvHeads: params.n_attn_kv_heads,
    vocab: params.vocab_size,
    theta: params.rope_theta,
    window: params.sliding_window || undefined,
    tied: params.share_input_output_embed
  })
  const file = readFileSync(join(folder, 'model.safetensors'))
  const data = 8 + Number(file.readBigUInt64LE(0))
  const header = JSON.parse(file.toString('utf8', 8, data))
  const names = new Map(tensorSpecs(config).map(({ role, name }) => [role, name]))
  const tensor = (role: string) => {
    const { dtype, data_offsets } = header[names.get(role)!]
    return decode(file.subarray(data + data_offsets[0], data + data_offsets[1]), dtype)
  }
  return { config, tensor }
}
