/**
 * The upper half: queries only, all layers against the same pages. Runs for the tokens being answered and never
 * for text being read. Source: paper section 2.2; `CrossAttention` of YOCO/yoco/models/decoder/cross_attention.py.
 */
import type { Device } from '../device/device'
import { addBias } from '../kernels/add-bias'
import { turnHeads } from '../kernels/heads'
import { linear } from '../kernels/linear'
import type { PageAttention } from '../kernels/page-attention'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import type { View } from '../model/model'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import { feedForward, normedReader } from '../model/feed-forward'
import type { CrossLayerWeights } from './weights'

/** FLA builds the query norm with its class's default, whatever the configuration's norm_eps says. */
const queryNormEps = 1e-5

/** Waits only where a bank of the view has to be brought. */
type CrossLayer = (step: Step, view: View) => Promise<void>

/** From norm(x) in `a.normed` to what `next` reads. */
export async function crossLayer(
  device: Device,
  config: ModelConfig,
  weights: CrossLayerWeights,
  a: Activations,
  pages: PageAttention,
  next: NextReader
): Promise<CrossLayer> {
  const { heads, headDim, rope } = config.cross
  const q = await linear(device, weights.q)
  const bias = weights.qBias ? await addBias(device, a.crossQ.shape[1]) : undefined
  const turn = await turnHeads(device, { headDim, rope, normEps: weights.qNorm && queryNormEps })
  const out = await linear(device, weights.out)
  const shape = { width: config.dim, eps: config.normEps }
  const plus = await residualNorm(device, shape, undefined, normedReader(weights.ffn.norm, a))
  const ffn = await feedForward(device, shape, weights.ffn, a, next)
  return async (step, view) => {
    const { batch, rows, tableRow } = step
    project(step, q, a.normed, a.crossQ)
    if (bias && weights.qBias) bias(batch, a.crossQ, weights.qBias, rows)
    const rotations = { table: a.crossQueryTable, row: tableRow }
    turn(batch, { x: a.crossQ, rows, weight: weights.qNorm, rotations }, heads)
    await pages.attendInTurn(batch, { q: a.crossQ, y: a.crossOut, rows, ...view })
    project(step, out, a.crossOut, a.delta)
    plus(batch, step.x, a.delta, rows)
    ffn(step)
  }
}
