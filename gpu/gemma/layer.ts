/**
 * One layer: x = x + N(attention(N x)); x = x + N(ffn(N x)); x = (x + N(what the layer gets of the token)) * scalar.
 * Source: `Gemma4TextDecoderLayer` of modular_gemma4.py in huggingface/transformers.
 *
 * Between two products lies one dispatch, which leaves what the second one reads: a branch joins the stream and the norm
 * behind it is taken at once, also the first one of the next layer. Where inputs are rounded to codes it writes the codes.
 */
import type { Device } from '../device/device'
import { up4 } from '../device/tensor'
import { glu } from '../kernels/glu'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import { inputOf, product, type ProductMatrix } from '../kernels/static-linear'
import { project, type Step } from '../model/step'
import { type Activations, layersOf, type Pass } from './activations'
import type { LayerAttention, Sight } from './attention'
import { ffnWidth, type GemmaConfig } from './config'
import type { KeptWeights, LayerWeights } from './weights'

export type LayerStep = (step: Step, sight: Sight) => void

/** A layer in its pass. */
export interface LayerPlace {
  readonly device: Device
  readonly config: GemmaConfig
  readonly a: Activations
  /** Which of all layers. */
  readonly i: number
  readonly pass: Pass
  readonly attention: LayerAttention
  /** Rotations of the layer's kind. */
  readonly table: GPUBuffer
}

/** What reads the stream behind a norm: the first product of a layer, or the head. */
export type NormedReader = Required<NextReader>

export const normedReader = (norm: GPUBuffer, matrix: ProductMatrix, a: Activations): NormedReader => ({
  norm,
  input: inputOf(matrix, a.normed, a.codes)
})

/** What of layer `place.i` must be kept where nothing else of it is run: keys and values, of what `normedReader` reads. */
export async function keeping(place: LayerPlace, weights: KeptWeights): Promise<LayerStep> {
  const { device, config, a, i, attention, table } = place
  const kv = a.kv[config.layers[i]]
  const toKv = await product(device, weights.kv, a.codes, true)
  const keep = await attention.keeping(0)
  return (step, sight) => {
    const { rows, tableRow } = step
    project(step, toKv, a.normed, kv)
    keep(step, { x: kv, rows, weight: weights.kNorm, rotations: { table, row: tableRow } }, sight)
  }
}

/**
 * A layer as a pass runs it, from what its `normedReader` reads to what `next` reads. While reading it keeps the keys and
 * values of the rows; while answering they are there.
 */
export async function layer(place: LayerPlace, weights: LayerWeights, next: NextReader): Promise<LayerStep> {
  const attend = await attending(place, weights)
  const ffn = await feedForward(place, weights)
  const join = await joining(place, weights, next)
  return (step, sight) => {
    attend(step, sight)
    ffn(step)
    join(step)
  }
}

async function attending(place: LayerPlace, weights: LayerWeights): Promise<LayerStep> {
  const { device, config, a, i, pass, attention, table } = place
  const kind = config.layers[i]
  const [qkv, mixed] = [pass === 'reading' ? a.qkv[kind] : a.q[kind], a.mixed[kind]]
  if (weights.input.outputs !== qkv.shape[1])
    throw new Error(`gemma: queries of layer ${i} have another width`)
  const codes = attention.codes(pass)
  const y = codes ? inputOf(weights.out, mixed, a.codes) : mixed
  const toHeads = await product(device, weights.input, a.codes, true)
  const heads = await (pass === 'reading' ? attention.keeping(config[kind].heads) : attention.turning())
  const out = await product(device, weights.out, a.codes, codes)
  const plus = await residualNorm(
    device,
    { width: config.dim, eps: config.normEps },
    weights.attentionNorm,
    normedReader(weights.ffnNorm, weights.ffnInput, a)
  )
  return (step, sight) => {
    const { batch, rows, tableRow } = step
    project(step, toHeads, a.normed, qkv)
    heads(step, { x: qkv, rows, weight: weights.headNorms, rotations: { table, row: tableRow } }, sight)
    attention.attend(step, qkv, y, sight, a)
    project(step, out, mixed, a.delta)
    plus(batch, step.x, a.delta, rows)
  }
}

async function feedForward(
  { device, config, a, i }: LayerPlace,
  weights: LayerWeights
): Promise<(step: Step) => void> {
  const width = up4(ffnWidth(config, i))
  const [inputs, inner] = [a.ffnInput(width), a.ffn(width)]
  const toInner = await product(device, weights.ffnInput, a.codes, true)
  const gate = await glu(device, 'gelu', inputOf(weights.ffnDown, inner, a.codes))
  const down = await product(device, weights.ffnDown, a.codes, true)
  // The gate behind it reads the stream itself: where it lies, or codes of it.
  const stream = inputOf(weights.perLayerGate, a.x, a.codes)
  const plus = await residualNorm(
    device,
    { width: config.dim, eps: config.normEps },
    weights.ffnOutNorm,
    stream.form === 'codes' ? { input: stream } : {}
  )
  return step => {
    const { batch, rows } = step
    project(step, toInner, a.normed, inputs)
    gate(batch, { gate: inputs, up: inputs, upFirst: width }, rows)
    project(step, down, inner, a.delta)
    plus(batch, step.x, a.delta, rows)
  }
}

/** The end of a layer: what it gets of the token, gated by the stream as it is, and the scalar. */
async function joining(
  { device, config, a, i, pass }: LayerPlace,
  weights: LayerWeights,
  next: NextReader
): Promise<(step: Step) => void> {
  const width = config.perLayerDim
  // Its stretch of what the pass's layers get.
  const upFirst = (i - layersOf(config, pass)[0]) * width
  const toGate = await product(device, weights.perLayerGate, a.codes, true)
  const gate = await glu(device, 'gelu', inputOf(weights.perLayerOut, a.perLayerGated, a.codes))
  const out = await product(device, weights.perLayerOut, a.codes, true)
  const plus = await residualNorm(
    device,
    { width: config.dim, eps: config.normEps },
    weights.perLayerNorm,
    next
  )
  return step => {
    const { batch, rows } = step
    project(step, toGate, step.x, a.perLayerGate)
    gate(batch, { gate: a.perLayerGate, up: a.perLayer, upFirst }, rows)
    project(step, out, a.perLayerGated, a.delta)
    plus(batch, step.x, a.delta, rows, weights.scalar)
  }
}
