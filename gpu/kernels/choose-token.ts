/** The next token from the logits, on the GPU: `top-token` when greedy, `sample-token` otherwise. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import sampleWgsl from './sample-token.wgsl?raw'
import topWgsl from './top-token.wgsl?raw'

export interface Sampling {
  /** 0 is greedy. */
  readonly temperature: number
  /** Only the k most likely tokens; 0 is all. */
  readonly topK: number
  /** Only the smallest set of tokens that holds this probability; 1 is all. */
  readonly topP: number
  /** Logits of tokens already seen in the answer are divided (or multiplied, below zero) by this; 1 is off. */
  readonly repetitionPenalty: number
  readonly seed: number
}

export const greedy: Sampling = { temperature: 0, topK: 0, topP: 1, repetitionPenalty: 1, seed: 0 }

/** What a token is, one u32 of bits each: never to be chosen, or seen in the answer before. */
export const tokenBits = { suppressed: 1, seen: 2 } as const

/** Where the choices of one answer are kept. */
export interface Choices {
  /** One u32 of `tokenBits` per token of the vocabulary; what is chosen is marked as seen. */
  readonly bits: GPUBuffer
  /** u32, one id per choice. */
  readonly tokens: GPUBuffer
  /**
   * f32, one per choice: the token's share of the softmax over the logits as they were compared, that is without
   * suppressed tokens and with the repetition penalty, before temperature, top-k and top-p.
   */
  readonly probabilities: GPUBuffer
}

/** Chooses from logits [1, vocabulary]; the choice of number `index` goes there and is drawn by the seed and that number. */
export type ChooseToken = (
  batch: Batch,
  logits: Tensor,
  choices: Choices,
  index: number,
  sampling: Sampling
) => void

export async function chooseToken(device: Device, vocabulary: number): Promise<ChooseToken> {
  const lanes = device.adapter.software ? 16 : 256
  const top = await device.compile({ name: 'top-token', wgsl: topWgsl }, { LANES: lanes })
  const sample = await device.compile({ name: 'sample-token', wgsl: sampleWgsl }, { LANES: lanes })
  return (batch, logits, { bits, tokens, probabilities }, index, sampling) => {
    expectShape('choose-token', 'logits', logits, 1, logits.shape[1])
    const bindings = [logits.buffer, bits, tokens, probabilities]
    const common = { vocabulary, output: index, repetition: sampling.repetitionPenalty }
    if (sampling.temperature <= 0) batch.run(top, bindings, common, [1])
    else {
      const { temperature, topK: top_k, topP: top_p, seed } = sampling
      batch.run(sample, bindings, { ...common, temperature, top_k, top_p, draw: uniform(seed, index) }, [1])
    }
  }
}

/** A uniform number in [0, 1) from a seed and a counter (SplitMix32 finaliser): the same on every machine. */
export function uniform(seed: number, step: number): number {
  let z = (seed + Math.imul(step + 1, 0x9e3779b9)) | 0
  z = Math.imul(z ^ (z >>> 16), 0x85ebca6b)
  z = Math.imul(z ^ (z >>> 13), 0xc2b2ae35)
  return ((z ^ (z >>> 16)) >>> 8) / 0x1000000
}
