/**
 * Small models of every kind that the engine reads, with sizes that are no multiple of anything a kernel tiles by.
 * The configuration file is the input, in its true layout; the sizes the engine must make of it stand beside it.
 */
import type { ModelConfig } from '../yoco/config'

export const tinyKinds = [
  'official-retention',
  'official-window',
  'fla-retention',
  'fla-retention-yoco-rope',
  'fla-window'
] as const

export type TinyKind = (typeof tinyKinds)[number]

export interface Described {
  readonly config: ModelConfig
  /** `params.json` or `config.json`. */
  readonly fileName: string
  readonly file: Record<string, unknown>
}

export interface OfficialSizes {
  dim: number
  layers: number
  /** Half of `layers` without it. */
  selfLayers?: number
  ffn: number
  selfHeads: number
  heads: number
  kvHeads: number
  vocab: number
  theta?: number
  /** Absent for gated retention. */
  window?: number
  tied?: boolean
}

export function describeOfficial(sizes: OfficialSizes): Described {
  const { dim, layers, ffn, selfHeads, heads, kvHeads, vocab, theta = 10000, window, tied = false } = sizes
  const { selfLayers = layers / 2 } = sizes
  const rope = { theta, exponents: 'yoco', pairs: 'interleaved' } as const
  const self = { heads: selfHeads, headDim: dim / selfHeads, rope, bias: false }
  return {
    fileName: 'params.json',
    file: {
      dim,
      n_layers: layers,
      ...(selfLayers === layers / 2 ? {} : { n_self_layers: selfLayers }),
      hidden_dim: ffn,
      n_self_heads: selfHeads,
      n_attn_heads: heads,
      n_attn_kv_heads: kvHeads,
      vocab_size: vocab,
      rope_theta: theta,
      norm_eps: 1e-5,
      sliding_window: window ?? null,
      ...(tied ? { share_input_output_embed: true } : {})
    },
    config: {
      layout: 'official',
      vocabSize: vocab,
      dim,
      ffnDim: ffn,
      normEps: 1e-5,
      selfLayers,
      crossLayers: layers - selfLayers,
      self:
        window === undefined
          ? { ...self, kind: 'gated-retention', gateNormalizer: 16 }
          : { ...self, kind: 'window', kvHeads: selfHeads, window },
      cross: { heads, kvHeads, headDim: dim / heads, rope, queryNorm: false, bias: false },
      tiedHead: tied,
      trainedLength: undefined
    }
  }
}

interface FlaSizes {
  dim: number
  selfLayers: number
  crossLayers: number
  ffn: number
  vocab: number
  tied: boolean
  self: { heads: number; kvHeads?: number; window?: number; theta: number; exponents: 'yoco' | 'llama' }
  cross: { heads: number; kvHeads: number; theta: number; exponents: 'yoco' | 'llama'; queryNorm: boolean }
  bias: boolean
}

function describeFla({
  dim,
  selfLayers,
  crossLayers,
  ffn,
  vocab,
  tied,
  self,
  cross,
  bias
}: FlaSizes): Described {
  const inverseFrequency = (exponents: 'yoco' | 'llama') => (exponents === 'yoco' ? 'yoco' : 'fla')
  const windowed = self.window !== undefined
  return {
    fileName: 'config.json',
    file: {
      architectures: ['YOCOForCausalLM'],
      model_type: 'yoco',
      hidden_size: dim,
      num_hidden_layers: selfLayers + crossLayers,
      num_self_decoder_layers: selfLayers,
      hidden_ratio: 4,
      intermediate_size: ffn,
      hidden_act: 'swish',
      norm_eps: 1e-6,
      vocab_size: vocab,
      bos_token_id: 1,
      eos_token_id: 5,
      tie_word_embeddings: tied,
      max_position_embeddings: 2048,
      attnres_block_size: null,
      self_decoder_attn: {
        type: windowed ? 'swa' : 'gated_retention',
        mode: 'chunk',
        num_heads: self.heads,
        // FLA calls the key/value heads of its sliding-window layers "num_v_heads".
        num_v_heads: self.kvHeads ?? self.heads,
        // Filled in by FLA's own defaults and read by neither kind: head sizes follow from hidden_size.
        head_dim: 256,
        window_size: self.window ?? null,
        qkv_bias: windowed && bias,
        rope_theta: self.theta,
        rope_inv_freq: inverseFrequency(self.exponents),
        gate_logit_normalizer: 16
      },
      cross_decoder_attn: {
        num_heads: cross.heads,
        num_kv_heads: cross.kvHeads,
        qkv_bias: bias,
        qk_norm: cross.queryNorm,
        window_size: null,
        rope_theta: cross.theta,
        rope_inv_freq: inverseFrequency(cross.exponents)
      }
    },
    config: {
      layout: 'fla',
      vocabSize: vocab,
      dim,
      ffnDim: ffn,
      normEps: 1e-6,
      selfLayers,
      crossLayers,
      self: windowed
        ? {
            kind: 'window',
            heads: self.heads,
            kvHeads: self.kvHeads ?? self.heads,
            headDim: dim / self.heads,
            // FLA's sliding-window layers are its generic attention, deaf to rope_inv_freq.
            rope: { theta: self.theta, exponents: 'llama', pairs: 'half' },
            window: self.window!,
            bias
          }
        : {
            kind: 'gated-retention',
            heads: self.heads,
            headDim: dim / self.heads,
            rope: { theta: self.theta, exponents: self.exponents, pairs: 'interleaved' },
            gateNormalizer: 16,
            bias: false
          },
      cross: {
        heads: cross.heads,
        kvHeads: cross.kvHeads,
        headDim: dim / cross.heads,
        rope: { theta: cross.theta, exponents: cross.exponents, pairs: 'interleaved' },
        queryNorm: cross.queryNorm,
        bias
      },
      tiedHead: tied,
      trainedLength: 2048
    }
  }
}

export function describeTiny(kind: TinyKind, tied?: boolean): Described {
  switch (kind) {
    case 'official-retention':
      return describeOfficial({
        dim: 40,
        layers: 6,
        ffn: 72,
        selfHeads: 2,
        heads: 4,
        kvHeads: 2,
        vocab: 271,
        tied
      })
    case 'official-window':
      return describeOfficial({
        ...{ dim: 36, layers: 5, selfLayers: 2, ffn: 50, selfHeads: 3, heads: 6, kvHeads: 3, vocab: 269 },
        ...{ theta: 640000, window: 5, tied }
      })
    case 'fla-retention':
      return describeFla({
        ...{ dim: 48, selfLayers: 3, crossLayers: 2, ffn: 84, vocab: 277, tied: tied ?? true, bias: true },
        self: { heads: 3, theta: 10000, exponents: 'llama' },
        cross: { heads: 4, kvHeads: 1, theta: 50000, exponents: 'llama', queryNorm: true }
      })
    case 'fla-retention-yoco-rope':
      return describeFla({
        ...{ dim: 42, selfLayers: 1, crossLayers: 3, ffn: 62, vocab: 283, tied: tied ?? false, bias: false },
        self: { heads: 7, theta: 10000, exponents: 'yoco' },
        cross: { heads: 3, kvHeads: 3, theta: 10000, exponents: 'yoco', queryNorm: true }
      })
    case 'fla-window':
      return describeFla({
        ...{ dim: 60, selfLayers: 2, crossLayers: 3, ffn: 46, vocab: 265, tied: tied ?? false, bias: true },
        self: { heads: 6, kvHeads: 2, window: 7, theta: 10000, exponents: 'yoco' },
        cross: { heads: 6, kvHeads: 2, theta: 10000, exponents: 'yoco', queryNorm: false }
      })
  }
}
