/**
 * One layer: x = x + N(attention(N x)); x = x + N(ffn(N x)); x = (x + N(what the layer gets of the token)) * scalar.
 * Source: `Gemma4TextDecoderLayer` of modular_gemma4.py in huggingface/transformers.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import { geglu } from '../kernels/geglu'
import { headNorm } from '../kernels/head-norm'
import type { Linear } from '../kernels/linear'
import { normAdd } from '../kernels/norm-add'
import { rmsNorm } from '../kernels/rms-norm'
import { rotate } from '../kernels/rope'
import { product } from '../kernels/static-linear'
import { project, type Step } from '../model/step'
import { type Activations, layersOf, type Pass } from './activations'
import type { LayerAttention, Sight } from './attention'
import { attentionOf, ffnWidth, type GemmaConfig, queryWidth } from './config'
import type { KeptWeights, LayerWeights } from './weights'

export type LayerStep = (step: Step, sight: Sight) => void

/** What a layer works with besides its weights and the pass's memory; other layers have the same. */
interface Shared {
  readonly attention: LayerAttention
  /** Rotations of the layer's kind. */
  readonly table: GPUBuffer
  /** As many ones as a head has values: what has no weight is normed with them. */
  readonly ones: GPUBuffer
}

/** Keys and values of layer `i`, one that owns them, from the normed stream in `a.normed`. */
export async function keeping(
  device: Device,
  config: GemmaConfig,
  weights: KeptWeights,
  a: Activations,
  i: number,
  { attention, table, ones }: Shared
): Promise<LayerStep> {
  const { kvHeads, headDim, rope } = attentionOf(config, i)
  const kv = a.kv[config.layers[i]]
  const toKv = await product(device, weights.kv, a.codes)
  const norm = await headNorm(device, headDim, config.normEps)
  const turn = await rotate(device, headDim, rope.pairs, rope.turned)
  return (step, sight) => {
    const { batch, rows, tableRow } = step
    project(step, toKv, a.normed, kv)
    norm(batch, kv, weights.kNorm, kvHeads, rows)
    norm(batch, kv, ones, kvHeads, rows, kvHeads * headDim)
    turn(batch, kv, { heads: kvHeads, rows, table, tableRow })
    attention.keep(step, kv, sight)
  }
}

/** Layer `i` as a pass runs it. While reading an owner keeps its keys and values first; while answering they are there. */
export async function layer(
  device: Device,
  config: GemmaConfig,
  weights: LayerWeights,
  a: Activations,
  i: number,
  pass: Pass,
  shared: Shared
): Promise<LayerStep> {
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const keep =
    pass === 'reading' && weights.kept ? await keeping(device, config, weights.kept, a, i, shared) : undefined
  // Queries are of the rows that keys and values were made of just before.
  const q = await product(device, weights.q, a.codes, keep && weights.kept?.kv)
  const attend = await attending(device, config, weights, a, i, shared, q)
  const ffn = await feedForward(device, config, weights, a, i)
  const join = await joining(device, config, weights, a, i - layersOf(config, pass)[0])
  return (step, sight) => {
    norm(step.batch, step.x, 0, weights.norm, a.normed, step.rows)
    keep?.(step, sight)
    attend(step, sight)
    ffn(step)
    join(step)
  }
}

async function attending(
  device: Device,
  config: GemmaConfig,
  weights: LayerWeights,
  a: Activations,
  i: number,
  { attention, table }: Shared,
  toQueries: Linear
): Promise<LayerStep> {
  const shape = attentionOf(config, i)
  const { heads, headDim, rope } = shape
  const kind = config.layers[i]
  const [q, mixed] = [a.q[kind], a.mixed[kind]]
  if (q.shape[1] !== queryWidth(shape)) throw new Error(`gemma: queries of layer ${i} have another width`)
  const norm = await headNorm(device, headDim, config.normEps)
  const turn = await rotate(device, headDim, rope.pairs, rope.turned)
  const out = await product(device, weights.out, a.codes)
  const plus = await normAdd(device, config.dim, config.normEps)
  return (step, sight) => {
    const { batch, rows, tableRow } = step
    project(step, toQueries, a.normed, q)
    norm(batch, q, weights.qNorm, heads, rows)
    turn(batch, q, { heads, rows, table, tableRow })
    attention.attend(step, q, mixed, sight, a)
    project(step, out, mixed, a.delta)
    plus(batch, step.x, a.delta, weights.attentionNorm, rows)
  }
}

async function feedForward(
  device: Device,
  config: GemmaConfig,
  weights: LayerWeights,
  a: Activations,
  i: number
): Promise<(step: Step) => void> {
  const width = up4(ffnWidth(config, i))
  const [inputs, inner] = [a.ffnInput(width), a.ffn(width)]
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const toInner = await product(device, weights.ffnInput, a.codes)
  const gate = await geglu(device, width)
  const down = await product(device, weights.ffnDown, a.codes)
  const plus = await normAdd(device, config.dim, config.normEps)
  return step => {
    const { batch, rows } = step
    norm(batch, step.x, 0, weights.ffnNorm, a.normed, rows)
    project(step, toInner, a.normed, inputs)
    gate(batch, { gate: inputs, up: inputs, upFirst: width }, inner, rows)
    project(step, down, inner, a.delta)
    plus(batch, step.x, a.delta, weights.ffnOutNorm, rows)
  }
}

/** The end of a layer: what it gets of the token, gated by the stream as it is, and the scalar. `place`: among the pass's layers. */
async function joining(
  device: Device,
  config: GemmaConfig,
  weights: LayerWeights,
  a: Activations,
  place: number
): Promise<(step: Step) => void> {
  const width = config.perLayerDim
  const toGate = await product(device, weights.perLayerGate, a.codes)
  const gate = await geglu(device, width)
  const out = await product(device, weights.perLayerOut, a.codes)
  const plus = await normAdd(device, config.dim, config.normEps)
  return step => {
    const { batch, rows } = step
    project(step, toGate, step.x, a.perLayerGate)
    gate(batch, { gate: a.perLayerGate, up: a.perLayer, upFirst: place * width }, a.perLayerGated, rows)
    project(step, out, a.perLayerGated, a.delta)
    plus(batch, step.x, a.delta, weights.perLayerNorm, rows, weights.scalar)
  }
}
