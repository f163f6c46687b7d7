/**
 * Weights of a Gemma 4 model from their files onto the GPU; nothing is kept on the CPU but one number a layer. Matrices that
 * read the same input are stacked into one (q | k | v, gate | up). The product for every layer's input of a token is cut in
 * two, what reading needs and what only answers do. The table beside it stays in its file.
 */
import { up4 } from '../device/tensor'
import type { Device } from '../device/device'
import type { ProductMatrix } from '../kernels/static-linear'
import type { Matrix } from '../kernels/weights'
import type { LoadOptions, Tensors } from '../model/family'
import { headGroups, WeightLoader, type WeightLoaderOptions } from '../weights/weight-loader'
import { attentionOf, ffnWidth, type GemmaConfig } from './config'
import { type KvGrid, loadKvGrid } from './kv-grid'
import { readingPlan } from './plan'

/** Of the last owner, whose keys and values reading ends with: k | v. */
export interface KeptWeights {
  readonly kv: ProductMatrix
  readonly kNorm: GPUBuffer
}

export interface LayerWeights {
  readonly norm: GPUBuffer
  /** q | k | v of layers that reading runs whole, q of those that only answers run. */
  readonly input: ProductMatrix
  /** Of heads of queries, and of keys behind them where `input` has some. */
  readonly headNorms: GPUBuffer
  readonly out: ProductMatrix
  readonly attentionNorm: GPUBuffer
  readonly ffnNorm: GPUBuffer
  /** gate | up, 2 * ffn width outputs. */
  readonly ffnInput: ProductMatrix
  readonly ffnDown: ProductMatrix
  readonly ffnOutNorm: GPUBuffer
  readonly perLayerGate: ProductMatrix
  readonly perLayerOut: ProductMatrix
  readonly perLayerNorm: GPUBuffer
  /** What the whole stream is multiplied by behind the layer. */
  readonly scalar: number
}

export interface Weights {
  readonly embed: Matrix
  readonly head: ProductMatrix
  readonly norm: GPUBuffer
  readonly perLayerNorm: GPUBuffer
  /** Of the layers that reading runs whole, and of those above. */
  readonly perLayer: { readonly reading: Matrix; readonly answering: Matrix }
  readonly layers: readonly LayerWeights[]
  readonly kept: KeptWeights
  /** Where keys and values of 8 bits were chosen for a mobile checkpoint. */
  readonly grid: KvGrid | undefined
}

export async function loadWeights(
  device: Device,
  config: GemmaConfig,
  tensors: Tensors,
  options: WeightLoaderOptions & Pick<LoadOptions, 'pages'> = {}
): Promise<Weights> {
  const { dim, perLayerDim, own } = config
  const { inFile = [] } = readingPlan(config)
  const onGrid = config.quantisation !== undefined && options.pages === 'int8'
  const isUsed = (role: string): boolean => !inFile.includes(role) && (onGrid || !/\.(k|v)Step$/.test(role))
  const loaded = new Map([...tensors].filter(([role]) => isUsed(role)))
  const load = new WeightLoader(device, loaded, options)
  const embed = await load.matrix('embed', [load.whole('embed')])
  const perLayer = (name: string, from: number, to: number): Promise<Matrix> =>
    load.matrix(name, [load.rows('perLayer.project', from * perLayerDim, to * perLayerDim)])
  const layers: LayerWeights[] = []
  for (let i = 0; i < config.layers.length; i++) layers.push(await layerWeights(load, config, i))
  return {
    embed,
    head: await headOf(load, embed),
    norm: await load.norm('norm', dim),
    perLayerNorm: await load.norm('perLayer.norm', perLayerDim),
    perLayer: {
      reading: await perLayer('per-layer input, reading', 0, own - 1),
      answering: await perLayer('per-layer input, answering', own - 1, config.layers.length)
    },
    layers,
    kept: await keptWeights(load, config, own - 1),
    grid: onGrid ? await loadKvGrid(config, load) : undefined
  }
}

/** The embedding's own matrix where the head is it, said by the configuration or found out from its bytes. */
async function headOf(load: WeightLoader, embed: Matrix): Promise<ProductMatrix> {
  if (!load.has('head')) return embed
  if (!(await load.rounds('head')) && (await load.same('head', 'embed'))) return embed
  return load.product('head', [load.whole('head')])
}

async function layerWeights(load: WeightLoader, config: GemmaConfig, i: number): Promise<LayerWeights> {
  const { dim, own } = config
  const role = (part: string): string => `layer.${i}.${part}`
  const [inputs, norms] =
    i < own - 1
      ? [
          ['q', 'k', 'v'],
          ['qNorm', 'kNorm']
        ]
      : [['q'], ['qNorm']]
  const product = (part: string): Promise<ProductMatrix> => load.product(role(part), [load.whole(role(part))])
  const norm = (part: string): Promise<GPUBuffer> => load.norm(role(part), dim)
  const padded = up4(ffnWidth(config, i))
  return {
    norm: await norm('norm'),
    input: await load.product(
      role('input'),
      inputs.map(part => load.whole(role(part)))
    ),
    headNorms: await load.vector(
      role('head norms'),
      norms.map(role),
      headGroups(attentionOf(config, i).headDim)
    ),
    out: await product('out'),
    attentionNorm: await norm('attentionNorm'),
    ffnNorm: await norm('ffnNorm'),
    ffnInput: await load.product(
      role('ffn'),
      ['gate', 'up'].map(part => ({ ...load.whole(role(`ffn.${part}`)), padded }))
    ),
    ffnDown: await product('ffn.down'),
    ffnOutNorm: await norm('ffnOutNorm'),
    perLayerGate: await product('perLayer.gate'),
    perLayerOut: await product('perLayer.out'),
    perLayerNorm: await norm('perLayer.norm'),
    scalar: await load.number(role('scalar'))
  }
}

async function keptWeights(load: WeightLoader, config: GemmaConfig, i: number): Promise<KeptWeights> {
  const role = (part: string): string => `layer.${i}.${part}`
  return {
    kv: await load.product(role('kv'), [load.whole(role('k')), load.whole(role('v'))]),
    kNorm: await load.norm(role('kNorm'), attentionOf(config, i).headDim)
  }
}
