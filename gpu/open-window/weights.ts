/** Weights of a model with open windows from their files onto the GPU; q | k | v are stacked into one matrix, and gate | up. */
import type { Device } from '../device/device'
import type { Matrix } from '../kernels/weights'
import type { Sinks } from '../kernels/window-attention'
import type { Tensors } from '../model/family'
import { type FeedForwardWeights, feedForwardWeights } from '../model/feed-forward'
import { headGroups, WeightLoader, type WeightLoaderOptions } from '../weights/weight-loader'
import type { OpenWindowConfig } from './config'

export interface LayerWeights {
  readonly norm: GPUBuffer
  /** q | k | v. */
  readonly mix: Matrix
  readonly sinks: Sinks
  readonly out: Matrix
  readonly ffn: FeedForwardWeights
}

export interface Weights {
  readonly embed: Matrix
  readonly head: Matrix
  readonly norm: GPUBuffer
  readonly layers: readonly LayerWeights[]
}

export async function loadWeights(
  device: Device,
  config: OpenWindowConfig,
  tensors: Tensors,
  options: WeightLoaderOptions = {}
): Promise<Weights> {
  const load = new WeightLoader(device, tensors, options)
  const embed = await load.matrix('embed', [load.whole('embed')])
  const layers: LayerWeights[] = []
  for (let i = 0; i < config.layers; i++) layers.push(await layerWeights(load, config, `layer.${i}`))
  return {
    embed,
    head: load.has('head') ? await load.matrix('head', [load.whole('head')]) : embed,
    norm: await load.norm('norm', config.dim),
    layers
  }
}

async function layerWeights(
  load: WeightLoader,
  { dim, ffnDim, attention: { heads, headDim } }: OpenWindowConfig,
  layer: string
): Promise<LayerWeights> {
  const [sink, sinkValues] = [`${layer}.sink`, `${layer}.sinkValues`]
  return {
    norm: await load.norm(`${layer}.norm1`, dim),
    mix: await load.matrix(
      `${layer}.mix`,
      ['q', 'k', 'v'].map(part => load.byHead(`${layer}.${part}`, headDim))
    ),
    sinks: {
      scores: await load.vector(sink, [sink], { group: heads, padded: heads }),
      values: await load.vector(sinkValues, [sinkValues], headGroups(headDim))
    },
    out: await load.matrix(`${layer}.out`, [load.whole(`${layer}.out`)], headGroups(headDim)),
    ffn: await feedForwardWeights(load, dim, ffnDim, layer)
  }
}
