/**
 * Weights from their files onto the GPU: read in ranges, laid out in panels, uploaded; nothing is kept on the CPU.
 * Matrices that read the same input are stacked into one (q | k | v | g | gate logits, and the two halves of the
 * SwiGLU), so that one dispatch serves them. Head dimensions that are no multiple of 4 are padded with zeros here
 * and nowhere else: padded values stay exactly zero through every kernel.
 */
import type { Device } from '../device/device'
import type { Matrix } from '../kernels/weights'
import type { Tensors } from '../model/family'
import { type FeedForwardWeights, feedForwardWeights } from '../model/feed-forward'
import { headGroups, WeightLoader, type WeightLoaderOptions } from '../weights/weight-loader'
import type { ModelConfig } from './config'

export interface SelfLayerWeights {
  readonly norm: GPUBuffer
  /** q | k | v, and for gated retention | g | gate logits. */
  readonly mix: Matrix
  readonly mixBias: GPUBuffer | undefined
  readonly out: Matrix
  readonly ffn: FeedForwardWeights
}

export interface CrossLayerWeights {
  readonly norm: GPUBuffer
  readonly q: Matrix
  readonly qBias: GPUBuffer | undefined
  readonly qNorm: GPUBuffer | undefined
  readonly out: Matrix
  readonly ffn: FeedForwardWeights
}

export interface Weights {
  readonly embed: Matrix
  readonly head: Matrix
  readonly norm: GPUBuffer
  readonly self: readonly SelfLayerWeights[]
  readonly kvNorm: GPUBuffer
  /** K | V. */
  readonly kv: Matrix
  readonly kvBias: GPUBuffer | undefined
  readonly cross: readonly CrossLayerWeights[]
}

export async function loadWeights(
  device: Device,
  config: ModelConfig,
  tensors: Tensors,
  options: WeightLoaderOptions = {}
): Promise<Weights> {
  const load = new WeightLoader(device, tensors, options)
  const embed = await load.matrix('embed', [load.whole('embed')])
  const self: SelfLayerWeights[] = []
  for (let i = 0; i < config.selfLayers; i++) self.push(await selfLayerWeights(load, config, `self.${i}`))
  const cross: CrossLayerWeights[] = []
  for (let j = 0; j < config.crossLayers; j++) cross.push(await crossLayerWeights(load, config, `cross.${j}`))
  const { headDim, bias } = config.cross
  return {
    embed,
    head: load.has('head') ? await load.matrix('head', [load.whole('head')]) : embed,
    norm: await load.norm('norm', config.dim),
    self,
    kvNorm: await load.norm('kv.norm', config.dim),
    kv: await load.matrix('kv', [load.byHead('kv.k', headDim), load.byHead('kv.v', headDim)]),
    kvBias: bias
      ? await load.vector('kv.k.bias', ['kv.k.bias', 'kv.v.bias'], headGroups(headDim))
      : undefined,
    cross
  }
}

async function selfLayerWeights(
  load: WeightLoader,
  { dim, ffnDim, self }: ModelConfig,
  layer: string
): Promise<SelfLayerWeights> {
  const retains = self.kind === 'gated-retention'
  const parts = retains ? ['q', 'k', 'v', 'g'] : ['q', 'k', 'v']
  const pieces = parts.map(part => load.byHead(`${layer}.${part}`, self.headDim))
  if (retains) pieces.push(load.whole(`${layer}.gateLogit`))
  const biases = ['q', 'k', 'v'].map(part => `${layer}.${part}.bias`)
  return {
    norm: await load.norm(`${layer}.norm1`, dim),
    mix: await load.matrix(`${layer}.mix`, pieces),
    mixBias: self.bias ? await load.vector(biases[0], biases, headGroups(self.headDim)) : undefined,
    out: await load.matrix(`${layer}.out`, [load.whole(`${layer}.out`)], headGroups(self.headDim)),
    ffn: await feedForwardWeights(load, dim, ffnDim, layer)
  }
}

async function crossLayerWeights(
  load: WeightLoader,
  { dim, ffnDim, cross: { headDim, bias, queryNorm } }: ModelConfig,
  layer: string
): Promise<CrossLayerWeights> {
  const [q, qBias, qNorm] = ['q', 'q.bias', 'qNorm'].map(part => `${layer}.${part}`)
  return {
    norm: await load.norm(`${layer}.norm1`, dim),
    q: await load.matrix(q, [load.byHead(q, headDim)]),
    qBias: bias ? await load.vector(qBias, [qBias], headGroups(headDim)) : undefined,
    qNorm: queryNorm ? await load.norm(qNorm, headDim) : undefined,
    out: await load.matrix(`${layer}.out`, [load.whole(`${layer}.out`)], headGroups(headDim)),
    ffn: await feedForwardWeights(load, dim, ffnDim, layer)
  }
}
