/**
 * A Gemma 4 model on a device. Reading runs the layers below the last owner of keys and values, and of that owner its keys
 * and values alone; an answer goes on from the stream before it, through its attention and every layer above:
 *   read     token ids -> embedding, per-layer inputs -> layers 0 ... own - 2 -> keys and values of layer own - 1
 *   answer   rows of that stream -> per-layer inputs of the others -> layers own - 1 ... -> logits
 * What the lower layers hand to the upper ones is the residual stream and the tokens themselves.
 */
import type { Device } from '../device/device'
import type { Tensor } from '../device/tensor'
import { embed } from '../kernels/embed'
import { gridPages } from '../kernels/grid-pages'
import { type PageLayout, pageLayout } from '../kernels/page-layout'
import { rmsNorm } from '../kernels/rms-norm'
import { softcap } from '../kernels/softcap'
import { product } from '../kernels/static-linear'
import { layoutOf, type LoadOptions, type Tensors } from '../model/family'
import { answerRows, type Chunk, type Model } from '../model/model'
import { project, type Step } from '../model/step'
import { rowSource } from '../weights/row-source'
import { rounded } from '../weights/tensor-values'
import { type Activations, allocateActivations, layersOf, longestChunk, type Pass } from './activations'
import { attentions, type Sight } from './attention'
import type { GemmaConfig } from './config'
import { keeping, layer, type LayerPlace, type LayerStep, type NormedReader, normedReader } from './layer'
import { perLayerInputs } from './per-layer-inputs'
import { readingPlan } from './plan'
import { idsOf, type Uploads, uploads } from './uploads'
import { loadWeights, type Weights } from './weights'

type Memory = Readonly<Record<Pass, Activations>>

export async function loadModel(
  device: Device,
  config: GemmaConfig,
  tensors: Tensors,
  options: LoadOptions
): Promise<Model> {
  const longest = options.longest ?? longestChunk(config)
  const weights = await device.allocating(
    'The model',
    () => loadWeights(device, config, tensors, options),
    'gpu-lacking'
  )
  const memory: Memory = {
    reading: allocateActivations(device, config, 'reading', Math.max(longest, answerRows)),
    answering: allocateActivations(device, config, 'answering', answerRows)
  }
  const { reading: lower, answering: upper } = memory
  const plan = readingPlan(config)
  const { grid } = weights
  const layout = grid ? pageLayout(plan.kept, gridPages(grid.pages)) : layoutOf(plan, options.pages)
  const upload = uploads(device, config, memory)
  const embedding = await embed(device, weights.embed, embeddingScale(config, tensors))
  const { reading, answering, pages } = await passes(device, config, weights, layout, memory, upload)
  const inputs = {
    reading: await perLayerInputs(device, config, weights.perLayer.reading, weights.perLayerNorm, lower),
    answering: await perLayerInputs(device, config, weights.perLayer.answering, weights.perLayerNorm, upper)
  }
  const { logits, toLogits } = await output(device, config, weights, upper)
  const table = tensors.get('embed.perLayer')!
  const [, readingLayers] = layersOf(config, 'reading')
  const tokenRows = {
    reading: rowSource(table, readingLayers * config.perLayerDim),
    answering: rowSource(table)
  }
  /** The chunk read last: what `answer` goes on from. */
  let last: { readonly chunk: Chunk; readonly tableRow: number }

  return {
    device,
    vocabSize: config.vocabSize,
    plan,
    layout,
    longest,
    readingSteps: reading.steps.length,
    logits,
    tokenRows,
    read(batch, chunk, carry, from = 0, to = reading.steps.length) {
      const { start, rows, answering: alone = false } = chunk
      if (from === 0) last = { chunk, tableRow: upload.chunk(chunk) }
      const { tableRow } = last
      const step = { batch, x: lower.x, rows, start, tableRow, answering: alone }
      if (from === 0) {
        embedding(batch, upload.tokens, tableRow, rows, lower.x)
        inputs.reading(step, tableRow)
        reading.enter(step)
      }
      const sight = sightOf(chunk, carry)
      for (let i = from; i < to; i++) reading.steps[i](step, sight)
      if (to === reading.steps.length) carry.position = start + rows
    },
    // All pages lie in graphics memory, since reading attends to them: only rows of the table are waited for.
    async answer(batch, first, count, view) {
      const { chunk } = last
      const row = first - chunk.start
      const ids = idsOf(chunk).subarray(row, row + count)
      // The row of an answer came with all that its token has in the table.
      const whole = (chunk.answering && chunk.tokenRows) || (await tokenRows.answering.rows(ids))
      const tokenRow = upload.answered(whole)
      const tableRow = last.tableRow + row
      const step = { batch, x: upper.x, rows: count, start: first, tableRow, answering: count === 1 }
      embedding(batch, upload.tokens, tableRow, count, upper.x)
      inputs.answering(step, tokenRow)
      const rowBytes = lower.x.shape[1] * 4
      batch.copy(lower.x.buffer, row * rowBytes, upper.x.buffer, 0, count * rowBytes)
      answering.enter(step)
      for (const run of answering.steps) run(step, view)
      toLogits(step)
    },
    tileRows: pages.tileRows,
    allocateScratch: (rows, bankRows) => pages.allocate(rows, bankRows),
    spanCount: bankRows => pages.spanCount(bankRows)
  }
}

/**
 * The root of the width as the embedding's own type holds it: so the official code scales, in the type that it runs in. Where
 * the table was coded later, in the type that it had before, which vectors still have where config.json names none; mobile
 * checkpoints were trained with the exact root.
 */
function embeddingScale({ dim, floatType, quantisation }: GemmaConfig, tensors: Tensors): number {
  const { dtype, codes } = tensors.get('embed')!
  const norm = tensors.get('norm')!
  const type = !codes ? dtype : (floatType ?? (norm.codes ? undefined : norm.dtype))
  return quantisation || !type ? Math.sqrt(dim) : rounded(Math.sqrt(dim), type)
}

/** The steps of a pass, and what makes the first one's input of the stream. */
interface Steps {
  readonly enter: (step: Step) => void
  readonly steps: readonly LayerStep[]
}

/** Reading ends with the keys and values of the last owner, where answering begins, and answering with the head. */
async function passes(
  device: Device,
  config: GemmaConfig,
  weights: Weights,
  layout: PageLayout,
  memory: Memory,
  { tables }: Uploads
) {
  const { of, pages } = await attentions(device, config, layout, weights.grid)
  const placeOf = (pass: Pass, i: number): LayerPlace => {
    const kind = config.layers[i]
    return { device, config, a: memory[pass], i, pass, attention: of(i), table: tables[kind] }
  }
  const steps = async (pass: Pass, last: NormedReader): Promise<Steps> => {
    const [a, [from, to]] = [memory[pass], layersOf(config, pass)]
    const own = weights.layers.slice(from, to)
    const readers = [...own.map(({ norm, input }) => normedReader(norm, input, a)), last]
    const norm = await rmsNorm(device, { width: config.dim, eps: config.normEps }, readers[0].input)
    return {
      enter: ({ batch, x, rows }) => norm(batch, x, readers[0].norm, rows),
      steps: await Promise.all(own.map((each, i) => layer(placeOf(pass, from + i), each, readers[i + 1])))
    }
  }
  const last = config.own - 1
  const [lower, upper] = [memory.reading, memory.answering]
  const lowest = await steps('reading', normedReader(weights.layers[last].norm, weights.kept.kv, lower))
  const handOver = await keeping(placeOf('reading', last), weights.kept)
  return {
    reading: { ...lowest, steps: [...lowest.steps, handOver] },
    answering: await steps('answering', normedReader(weights.norm, weights.head, upper)),
    pages
  }
}

/** The head, on what the last layer left it, and the cap. */
async function output(device: Device, config: GemmaConfig, weights: Weights, a: Activations) {
  const head = await product(device, weights.head, a.codes, true)
  const cap = config.logitCap === undefined ? undefined : await softcap(device, config.logitCap)
  const width = weights.head.outputs
  const logits: Tensor = {
    name: 'logits',
    buffer: device.buffer('scratch', 'logits', answerRows * width * 4),
    shape: [answerRows, width]
  }
  const toLogits = (step: Step): void => {
    project(step, head, a.normed, logits)
    cap?.(step.batch, logits, step.rows)
  }
  return { logits, toLogits }
}

/** What a chunk being read looks at: pages of the document before it, its own up to its last row. */
function sightOf({ before = [], pages, row, rows, scratch }: Chunk, carry: Sight['carry']): Sight {
  const { bank, row: bankRow } = pages.locate(row)
  const earlier = before.reduce((sum, each) => sum + each.rows, 0)
  return {
    carry,
    banks: [...before, ...pages.view(row + rows, 0)],
    visible: earlier + row + 1,
    into: { bank: bank.buffer, row: bankRow },
    scratch
  }
}
