/**
 * Weights of a Gemma 4 model from their files onto the GPU; nothing is kept on the CPU but one number a layer. Matrices that
 * read the same input are stacked into one (k | v, gate | up). The product for every layer's input of a token is cut in
 * two, what reading needs and what only answers do. The table beside it stays in its file.
 */
import { up4 } from '../device/tensor'
import type { Device } from '../device/device'
import type { Matrix } from '../kernels/weights'
import type { Tensors } from '../model/family'
import { WeightLoader, type WeightLoaderOptions } from '../weights/weight-loader'
import { attentionOf, ffnWidth, type GemmaConfig } from './config'
import { readingPlan } from './plan'

export interface KeptWeights {
  /** K | V. */
  readonly kv: Matrix
  readonly kNorm: GPUBuffer
}

export interface LayerWeights {
  readonly norm: GPUBuffer
  readonly q: Matrix
  readonly qNorm: GPUBuffer
  /** Of layers that own keys and values. */
  readonly kept: KeptWeights | undefined
  readonly out: Matrix
  readonly attentionNorm: GPUBuffer
  readonly ffnNorm: GPUBuffer
  /** gate | up, 2 * ffn width outputs. */
  readonly ffnInput: Matrix
  readonly ffnDown: Matrix
  readonly ffnOutNorm: GPUBuffer
  readonly perLayerGate: Matrix
  readonly perLayerOut: Matrix
  readonly perLayerNorm: GPUBuffer
  /** What the whole stream is multiplied by behind the layer. */
  readonly scalar: number
}

export interface Weights {
  readonly embed: Matrix
  readonly head: Matrix
  readonly norm: GPUBuffer
  readonly perLayerNorm: GPUBuffer
  /** Of the layers that reading runs whole, and of those above. */
  readonly perLayer: { readonly reading: Matrix; readonly answering: Matrix }
  readonly layers: readonly LayerWeights[]
}

export async function loadWeights(
  device: Device,
  config: GemmaConfig,
  tensors: Tensors,
  options: WeightLoaderOptions = {}
): Promise<Weights> {
  const { dim, perLayerDim, own } = config
  const { inFile = [] } = readingPlan(config)
  const loaded = new Map([...tensors].filter(([role]) => !inFile.includes(role)))
  const load = new WeightLoader(device, loaded, options)
  const embed = await load.matrix('embed', [load.whole('embed')])
  const perLayer = (name: string, from: number, to: number): Promise<Matrix> =>
    load.matrix(name, [load.rows('perLayer.project', from * perLayerDim, to * perLayerDim)])
  const layers: LayerWeights[] = []
  for (let i = 0; i < config.layers.length; i++) layers.push(await layerWeights(load, config, i))
  return {
    embed,
    head: load.has('head') ? await load.matrix('head', [load.whole('head')]) : embed,
    norm: await load.norm('norm', dim),
    perLayerNorm: await load.norm('perLayer.norm', perLayerDim),
    perLayer: {
      reading: await perLayer('per-layer input, reading', 0, own - 1),
      answering: await perLayer('per-layer input, answering', own - 1, config.layers.length)
    },
    layers
  }
}

async function layerWeights(load: WeightLoader, config: GemmaConfig, i: number): Promise<LayerWeights> {
  const { dim, own } = config
  const { headDim } = attentionOf(config, i)
  const role = (part: string): string => `layer.${i}.${part}`
  const matrix = (part: string): Promise<Matrix> => load.matrix(role(part), [load.whole(role(part))])
  const norm = (part: string, width = dim): Promise<GPUBuffer> => load.norm(role(part), width)
  const padded = up4(ffnWidth(config, i))
  return {
    norm: await norm('norm'),
    q: await matrix('q'),
    qNorm: await norm('qNorm', headDim),
    kept:
      i < own
        ? {
            kv: await load.matrix(role('kv'), [load.whole(role('k')), load.whole(role('v'))]),
            kNorm: await norm('kNorm', headDim)
          }
        : undefined,
    out: await matrix('out'),
    attentionNorm: await norm('attentionNorm'),
    ffnNorm: await norm('ffnNorm'),
    ffnInput: await load.matrix(
      role('ffn'),
      ['gate', 'up'].map(part => ({ ...load.whole(role(`ffn.${part}`)), padded }))
    ),
    ffnDown: await matrix('ffn.down'),
    ffnOutNorm: await norm('ffnOutNorm'),
    perLayerGate: await matrix('perLayer.gate'),
    perLayerOut: await matrix('perLayer.out'),
    perLayerNorm: await norm('perLayer.norm'),
    scalar: await load.number(role('scalar'))
  }
}
