/**
 * A YOCO model on a device: the three stretches of its forward pass that reading and answering are made of.
 *   lower   token ids -> embedding -> self-decoder; the carry moves on        (read)
 *   share   self-decoder output -> K and V into pages                          (read)
 *   upper   self-decoder output -> cross-decoder -> logits                     (answer)
 * What the lower half hands to the upper one is the residual stream, `x`.
 */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { embed } from '../kernels/embed'
import { linear } from '../kernels/linear'
import { type PageAttention, pageAttention } from '../kernels/page-attention'
import { rmsNorm } from '../kernels/rms-norm'
import { inverseFrequencies, rotationTable } from '../kernels/rope'
import { floatRows } from '../kernels/row-output'
import { layoutOf, type LoadOptions, type Tensors } from '../model/family'
import { answerRows, type Chunk, type Model } from '../model/model'
import { placesIn } from '../model/places'
import { project, type Step } from '../model/step'
import type { AttentionTemperature } from '../text/generation-config'
import { type Activations, allocateActivations, longestChunk } from './activations'
import type { ModelConfig } from './config'
import { crossLayer } from './cross-decoder'
import { readingPlan } from './plan'
import { normedReader } from '../model/feed-forward'
import { selfLayer } from './self-decoder'
import { sharedKv } from './shared-kv'
import { loadWeights, type Weights } from './weights'

export async function loadModel(
  device: Device,
  config: ModelConfig,
  tensors: Tensors,
  options: LoadOptions
): Promise<Model> {
  const longest = options.longest ?? longestChunk(config)
  const weights = await device.allocating(
    'The model',
    () => loadWeights(device, config, tensors, options),
    'gpu-lacking'
  )
  const a: Activations = allocateActivations(device, config, Math.max(longest, answerRows), options)
  const plan = readingPlan(config)
  const layout = layoutOf(plan, options.pages)
  const attention = await pageAttention(device, config.cross.heads, layout)
  const embedding = await embed(device, weights.embed, Math.sqrt(config.dim))
  const { norm, lower, upper } = await layersOf(device, config, weights, a, attention)
  const share = await sharedKv(device, config, weights, a, layout)
  const head = await linear(device, weights.head)
  const tensor = (name: string, width: number): Tensor => ({
    name,
    buffer: device.buffer('scratch', name, answerRows * width * 4),
    shape: [answerRows, width]
  })
  const upperX = tensor('upper x', up4(config.dim))
  const logits = tensor('logits', weights.head.outputs)
  const upload = uploads(device, config, a, options.attentionTemperature)
  /** The chunk read last: what `answer` goes on from. */
  let last: Step

  return {
    device,
    vocabSize: config.vocabSize,
    plan,
    layout,
    longest,
    readingSteps: lower.layers.length,
    logits,
    read(batch, chunk, carry, from = 0, to = lower.layers.length) {
      const { start, rows, answering = false } = chunk
      if (from === 0) {
        const at = upload(chunk)
        last = { batch, x: a.x, rows, start, tableRow: at, answering }
        const { tokens } = chunk
        if (tokens instanceof Uint32Array) embedding(batch, a.tokens, at, rows, a.x)
        else embedding(batch, tokens.buffer, tokens.first, rows, a.x)
        norm(batch, a.x, lower.norm, rows)
      }
      const step = { ...last, batch }
      for (let i = from; i < to; i++) lower.layers[i](step, carry, i)
      if (to < lower.layers.length) return
      carry.position = start + rows
      const { bank, row } = chunk.pages.locate(chunk.row)
      share(step, bank.buffer, row)
    },
    async answer(batch, first, count, view) {
      const row = first - last.start
      const rowBytes = a.x.shape[1] * 4
      // Nobody needs the stream behind a single row: it is gone on with in place.
      const x = last.rows === 1 ? a.x : upperX
      if (x === upperX) batch.copy(a.x.buffer, row * rowBytes, x.buffer, 0, count * rowBytes)
      const tableRow = last.tableRow + row
      const step = { batch, x, rows: count, start: first, tableRow, answering: count === 1 }
      norm(batch, x, upper.norm, count)
      for (const layer of upper.layers) await layer(step, view)
      project(step, head, a.normed, logits)
    },
    tileRows: attention.tileRows,
    allocateScratch: (rows, bankRows) => attention.allocate(rows, bankRows),
    spanCount: bankRows => attention.spanCount(bankRows)
  }
}

/** The layers of both halves. Each leaves in `a.normed` what the next one reads; `norm` makes that of the first of a half. */
async function layersOf(
  device: Device,
  config: ModelConfig,
  weights: Weights,
  a: Activations,
  attention: PageAttention
) {
  const { self, cross } = weights
  /** A Transformer has no upper layers (gpu/bench.ts): what is read goes to the head. */
  const normOf = (layers: readonly { readonly norm: GPUBuffer }[], i: number, last: GPUBuffer) =>
    layers[i]?.norm ?? last
  const behind = (...[layers, i, last]: Parameters<typeof normOf>) =>
    normedReader(normOf(layers, i + 1, last), a)
  const shape = { width: config.dim, eps: config.normEps }
  return {
    norm: await rmsNorm(device, shape, floatRows(a.normed)),
    lower: {
      norm: normOf(self, 0, weights.kvNorm),
      layers: await Promise.all(
        self.map((own, i) => selfLayer(device, config, own, a, behind(self, i, weights.kvNorm)))
      )
    },
    upper: {
      norm: normOf(cross, 0, weights.norm),
      layers: await Promise.all(
        cross.map((own, i) => crossLayer(device, config, own, a, attention, behind(cross, i, weights.norm)))
      )
    }
  }
}

/** `table`, rotations of the positions from `start` on, each times what its position's query is multiplied by. */
function withTemperature(
  table: Float32Array,
  { floorScale, scale }: AttentionTemperature,
  start: number,
  rows: number
): Float32Array<ArrayBuffer> {
  const width = table.length / rows
  const factors = Float64Array.from(
    { length: rows },
    (_, row) => 1 + scale * Math.log1p(Math.floor((start + row + 1) / floorScale))
  )
  return Float32Array.from(table, (value, i) => value * factors[Math.floor(i / width)])
}

/** Sends what a chunk brings from the CPU, its rotations and perhaps its ids, and returns the row where they begin. */
function uploads(
  device: Device,
  { self, cross }: ModelConfig,
  a: Activations,
  temperature: AttentionTemperature | undefined
): (chunk: Chunk) => number {
  const selfFrequencies = inverseFrequencies(self.rope, self.headDim)
  const crossFrequencies = inverseFrequencies(cross.rope, cross.headDim)
  const placeOf = placesIn(a.rows)
  return ({ start, rows, tokens }) => {
    const at = placeOf(rows)
    const { queue } = device.raw
    const write = (buffer: GPUBuffer, table: Float32Array<ArrayBuffer>): void =>
      queue.writeBuffer(buffer, (at * table.byteLength) / rows, table)
    write(a.selfTable, rotationTable(selfFrequencies, start, rows))
    const keys = rotationTable(crossFrequencies, start, rows)
    write(a.crossTable, keys)
    if (temperature) write(a.crossQueryTable, withTemperature(keys, temperature, start, rows))
    if (tokens instanceof Uint32Array) queue.writeBuffer(a.tokens, at * 4, tokens.slice())
    return at
  }
}
