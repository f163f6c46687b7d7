/**
 * A YOCO model on a device: the three stretches of its forward pass that reading and answering are made of.
 *   lower   token ids -> embedding -> self-decoder; the carry moves on        (both)
 *   share   self-decoder output -> K and V into pages                          (both; reading ends here)
 *   upper   self-decoder output -> cross-decoder -> logits                     (answering only)
 */
import { Batch } from '../device/batch'
import type { Device } from '../device/device'
import type { Profile } from '../device/profile'
import { type Tensor, up4 } from '../device/tensor'
import { embed } from '../kernels/embed'
import type { PageKind } from '../kernels/elements'
import { linear } from '../kernels/linear'
import { type PageAttention, pageAttention } from '../kernels/page-attention'
import { rmsNorm } from '../kernels/rms-norm'
import { rotationTable } from '../kernels/rope'
import { type Activations, allocateActivations, longestChunk, type Step } from './activations'
import { Carry } from './carry'
import { inverseFrequencies, type ModelConfig } from './config'
import { crossLayer, type View } from './cross-decoder'
import { selfLayer } from './self-decoder'
import { sharedKv } from './shared-kv'
import type { TensorLocation } from '../weights/tensor-location'
import type { TensorRole } from './tensor-table'
import { type LoadOptions, loadWeights } from './weights'

/** Rows that the cross-decoder takes at once when the logits of many positions are asked for. */
export const upperRows = 8

export interface ModelOptions extends LoadOptions {
  /** Precision of the shared K/V. */
  readonly pages: PageKind
  /** Rows of the longest chunk; for tests. */
  readonly longest?: number
}

export interface Model {
  readonly config: ModelConfig
  readonly device: Device
  readonly pages: PageAttention
  readonly pageKind: PageKind
  /** Rows of the longest chunk. */
  readonly longest: number
  /** Token ids of the chunk at hand; a branch brings its own buffer. */
  readonly tokens: GPUBuffer
  /** The residual stream of `lower`, and the rows that `upper` works on when they are not the same. */
  readonly x: Tensor
  readonly upperX: Tensor
  /** [upperRows, vocabulary padded to 4]. */
  readonly logits: Tensor
  newCarry(): Carry
  batch(): Batch
  /** Uploads the rotations of `rows` positions; before the batch that uses them is encoded. */
  positions(start: number, rows: number): void
  step(
    batch: Batch,
    start: number,
    rows: number,
    options?: Partial<Pick<Step, 'x' | 'tableRow' | 'answering'>>
  ): Step
  embed(step: Step, tokens: GPUBuffer, first: number): void
  /** Layers from ... to of the self-decoder. */
  lower(step: Step, carry: Carry, from?: number, to?: number): void
  share(step: Step, bank: GPUBuffer, bankRow: number): void
  upper(step: Step, view: View): void
  /** Final norm and vocabulary projection of the rows of step.x. */
  project(step: Step): void
}

export async function loadModel(
  device: Device,
  config: ModelConfig,
  tensors: ReadonlyMap<TensorRole, TensorLocation>,
  options: ModelOptions,
  profile?: Profile
): Promise<Model> {
  const longest = options.longest ?? longestChunk(config)
  const weights = await device.allocating(
    'The model',
    () => loadWeights(device, config, tensors, options),
    'gpu-lacking'
  )
  const a: Activations = allocateActivations(device, config, Math.max(longest, upperRows))
  const pages = await pageAttention(device, config.cross, options.pages)
  const embedding = await embed(device, weights.embed, Math.sqrt(config.dim))
  const layers = await Promise.all(weights.self.map(w => selfLayer(device, config, w, a)))
  const kv = await sharedKv(device, config, weights, a, pages)
  const crossLayers = await Promise.all(weights.cross.map(w => crossLayer(device, config, w, a, pages)))
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const head = await linear(device, weights.head)
  const tensor = (name: string, width: number): Tensor => ({
    name,
    buffer: device.buffer('scratch', name, upperRows * width * 4),
    shape: [upperRows, width]
  })
  const upperX = tensor('upper x', up4(config.dim))
  const logits = tensor('logits', weights.head.outputs)
  const selfFrequencies = inverseFrequencies(config.self.rope, config.self.headDim)
  const crossFrequencies = inverseFrequencies(config.cross.rope, config.cross.headDim)

  return {
    config,
    device,
    pages,
    pageKind: options.pages,
    longest,
    tokens: a.tokens,
    x: a.x,
    upperX,
    logits,
    newCarry: () => new Carry(device, config, longest),
    batch: () => new Batch(device, profile),
    positions(start, rows) {
      device.raw.queue.writeBuffer(a.selfTable, 0, rotationTable(selfFrequencies, start, rows))
      device.raw.queue.writeBuffer(a.crossTable, 0, rotationTable(crossFrequencies, start, rows))
    },
    step: (batch, start, rows, more = {}) => ({
      batch,
      start,
      rows,
      x: a.x,
      tableRow: 0,
      answering: false,
      ...more
    }),
    embed: (step, tokens, first) => embedding(step.batch, tokens, first, step.rows, step.x),
    lower(step, carry, from = 0, to = layers.length) {
      for (let i = from; i < to; i++) layers[i](step, carry, i)
      if (to === layers.length) carry.position = step.start + step.rows
    },
    share: kv,
    upper(step, view) {
      for (const layer of crossLayers) layer(step, view)
    },
    project(step) {
      norm(step.batch, step.x, 0, weights.norm, a.normed, step.rows)
      if (step.answering && step.rows === 1) head.row(step.batch, a.normed, 0, logits)
      else head.rows(step.batch, a.normed, logits, step.rows)
    }
  }
}
