/** What every part of the benchmark is given: where to run, how much, the models that are compared. */
import type { KernelCase, ModelConfig, ModelFiles, PageKind } from '../../../gpu/index'
import { median, type Report } from './report'

export interface Setting {
  readonly gpu: GPU
  readonly files: ModelFiles
  /** Precision of keys and values; undefined: the model's own. */
  readonly kv: PageKind | undefined
  readonly report: Report
  readonly extent: 'quick' | 'usual' | 'full'
  /** What this adapter reached in single kernels, in this run. */
  readonly best: Ceilings
}

export interface Ceilings {
  readonly gigaflops: number
  readonly gigabytes: number
}

/** Lengths that are read to the end; the long ones take minutes on a software adapter. */
export const lengths = {
  embedded: {
    quick: [1024, 4096],
    usual: [1024, 4096, 16384, 32768],
    full: [1024, 4096, 16384, 32768, 131072]
  },
  random: { quick: [1024], usual: [1024, 4096, 16384], full: [1024, 4096, 16384, 32768, 131072] },
  transformer: { quick: [1024, 4096], usual: [1024, 4096, 16384], full: [1024, 4096, 16384, 32768] },
  answering: { quick: [1024], usual: [1024, 8192, 32768], full: [1024, 8192, 32768, 131072] },
  document: { quick: 4096, usual: 32768, full: 32768 }
} as const

/** Twelve layers of 512, half of them above: what a small real model would be. */
export function randomModel(kind: 'window' | 'gated-retention'): ModelConfig {
  const rope = { theta: 10000, exponents: 'yoco', pairs: 'interleaved' } as const
  const shared = { heads: 8, headDim: 64, rope, bias: false }
  return {
    layout: 'official',
    vocabSize: 8192,
    dim: 512,
    ffnDim: 1376,
    normEps: 1e-5,
    selfLayers: 6,
    crossLayers: 6,
    self:
      kind === 'window'
        ? { ...shared, kind, kvHeads: 8, window: 256 }
        : { ...shared, kind, gateNormalizer: 16 },
    cross: { ...shared, kvHeads: 2, queryNorm: false },
    tiedHead: true,
    trainedLength: undefined
  }
}

/** The same sizes as a Transformer: every layer attends to all of the text and keeps its own keys and values. */
export function transformerOf(config: ModelConfig, mostTokens: number): ModelConfig {
  const { heads, kvHeads, headDim, rope } = config.cross
  return {
    ...config,
    selfLayers: config.selfLayers + config.crossLayers,
    crossLayers: 0,
    self: { kind: 'window', heads, kvHeads, headDim, rope, window: mostTokens, bias: false }
  }
}

/** Seconds of every case, the median (or another choice) of `rounds` goes that take turns, so that a busy machine hurts all alike. */
export async function inTurns(
  cases: readonly Pick<KernelCase, 'run'>[],
  rounds: number,
  choose: (times: readonly number[]) => number = median
): Promise<number[]> {
  const times: number[][] = cases.map(() => [])
  // The first go compiles.
  for (const one of cases) await one.run()
  for (let round = 0; round < rounds; round++)
    for (const [i, one] of cases.entries()) times[i].push(await one.run())
  return times.map(choose)
}
