/**
 * A model with open windows on a device. Reading takes tokens through all layers, each looking no further back than its window; tokens
 * of a question or an answer come the same way with the open heads looking at all pages. An answer's logits are the head alone.
 */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { embed } from '../kernels/embed'
import { linear } from '../kernels/linear'
import { moveColumns } from '../kernels/move-columns'
import type { PageAttention } from '../kernels/page-attention'
import { rmsNorm } from '../kernels/rms-norm'
import { inverseFrequencies, rotationTable } from '../kernels/rope'
import { floatRows } from '../kernels/row-output'
import type { Carry } from '../kv/carry'
import { layoutOf, type LoadOptions, type Tensors } from '../model/family'
import { normedReader } from '../model/feed-forward'
import { answerRows, type Chunk, type Model } from '../model/model'
import { placesIn } from '../model/places'
import { project, type Step } from '../model/step'
import { type Activations, allocateActivations, longestChunk } from './activations'
import { openedLayers, type OpenWindowConfig } from './config'
import { layer } from './layer'
import { type OpenHeads, openHeads, type Sight } from './open-heads'
import { readingPlan } from './plan'
import { loadWeights } from './weights'

export async function loadModel(
  device: Device,
  config: OpenWindowConfig,
  tensors: Tensors,
  options: LoadOptions
): Promise<Model> {
  const longest = options.longest ?? longestChunk(config)
  const weights = await device.allocating(
    'The model',
    () => loadWeights(device, config, tensors, options),
    'gpu-lacking'
  )
  const a = allocateActivations(device, config, Math.max(longest, answerRows))
  const plan = readingPlan(config)
  const layout = layoutOf(plan, options.pages)
  const embedding = await embed(device, weights.embed, 1)
  const shape = { width: config.dim, eps: config.normEps }
  const norm = await rmsNorm(device, shape, floatRows(a.normed))
  const move = await moveColumns(device)
  const opened = openedLayers(config)
  const open = await Promise.all(
    weights.layers.map((_, i) => {
      const own = opened.get(i)
      return own && openHeads(device, config, a, layout, move, own, config.findingLayer === i)
    })
  )
  const layers = await Promise.all(
    weights.layers.map((own, i) => {
      const next = normedReader(weights.layers[i + 1]?.norm ?? weights.norm, a)
      return layer(device, config, own, a, i, next, open[i])
    })
  )
  const head = await linear(device, weights.head)
  const tensor = (name: string, width: number): Tensor => ({
    name,
    buffer: device.buffer('scratch', name, answerRows * width * 4),
    shape: [answerRows, width]
  })
  const answered = tensor('answered', up4(config.dim))
  const logits = tensor('logits', weights.head.outputs)
  const upload = uploads(device, config, a)
  const pages = widestOf(config, open)
  /** The chunk read last: what `answer` goes on from. */
  let last: Step

  return {
    device,
    vocabSize: config.vocabSize,
    plan,
    layout,
    longest,
    readingSteps: layers.length,
    toFind: config.findingLayer === undefined ? undefined : config.findingLayer + 1,
    logits,
    read(batch, chunk, carry, from = 0, to = layers.length) {
      const { start, rows, answering = false, tokens } = chunk
      if (from === 0) {
        const at = upload(chunk)
        last = { batch, x: a.x, rows, start, tableRow: at, answering }
        if (tokens instanceof Uint32Array) embedding(batch, a.tokens, at, rows, a.x)
        else embedding(batch, tokens.buffer, tokens.first, rows, a.x)
        norm(batch, a.x, weights.layers[0].norm, rows)
      }
      const step = { ...last, batch }
      const sight = sightOf(chunk, carry)
      for (let i = from; i < to; i++) layers[i](step, sight)
      if (to === layers.length) carry.position = start + rows
    },
    answer(batch, first, count) {
      const row = first - last.start
      const rowBytes = a.normed.shape[1] * 4
      batch.copy(a.normed.buffer, row * rowBytes, answered.buffer, 0, count * rowBytes)
      const step = { ...last, batch, rows: count, answering: count === 1 }
      project(step, head, answered, logits)
      return Promise.resolve()
    },
    tileRows: pages.tileRows,
    allocateScratch: (rows, bankRows) => pages.allocate(rows, bankRows),
    spanCount: bankRows => pages.spanCount(bankRows)
  }
}

/** Attention of the layer with most open heads, whose working memory serves all of them. */
function widestOf(config: OpenWindowConfig, open: readonly (OpenHeads | undefined)[]): PageAttention {
  const counts = config.opened.map(heads => heads.length)
  const widest = open[counts.indexOf(Math.max(...counts))]
  if (!widest) throw new Error('open-window: no layer has open heads')
  return widest.pages
}

function sightOf({ before, pages, row, rows, scratch, mass, findingFrom }: Chunk, carry: Carry): Sight {
  const { bank, row: bankRow } = pages.locate(row)
  const into = { bank: bank.buffer, row: bankRow }
  if (!before) return { carry, into }
  const earlier = before.reduce((sum, each) => sum + each.rows, 0)
  const told = { banks: [...before, ...pages.view(row + rows, 0)], visible: earlier + row + 1 }
  return { carry, into, told, scratch, mass, findingFrom }
}

/** Sends what a chunk brings from the CPU, its rotations and perhaps its ids, and returns the row where they begin. */
function uploads(
  device: Device,
  { attention: { rope, headDim } }: OpenWindowConfig,
  a: Activations
): (chunk: Chunk) => number {
  const frequencies = inverseFrequencies(rope, headDim)
  const placeOf = placesIn(a.rows)
  return ({ start, rows, tokens }) => {
    const at = placeOf(rows)
    const { queue } = device.raw
    const table = rotationTable(frequencies, start, rows)
    queue.writeBuffer(a.table, (at * table.byteLength) / rows, table)
    if (tokens instanceof Uint32Array) queue.writeBuffer(a.tokens, at * 4, tokens.slice())
    return at
  }
}
