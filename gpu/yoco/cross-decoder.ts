/**
 * The upper half: queries only, all layers against the same pages. Runs for the tokens being answered and never
 * for text being read. Source: paper section 2.2; `CrossAttention` of YOCO/yoco/models/decoder/cross_attention.py.
 */
import type { Device } from '../device/device'
import { add, addBias } from '../kernels/add'
import { headNorm } from '../kernels/head-norm'
import { linear } from '../kernels/linear'
import type { PageAttention } from '../kernels/page-attention'
import { rmsNorm } from '../kernels/rms-norm'
import { rotate } from '../kernels/rope'
import type { View } from '../model/model'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import { feedForward } from './feed-forward'
import type { CrossLayerWeights } from './weights'

/** FLA builds the query norm with its class's default, whatever the configuration's norm_eps says. */
const queryNormEps = 1e-5

/** Waits only where a bank of the view has to be brought. */
type CrossLayer = (step: Step, view: View) => Promise<void>

export async function crossLayer(
  device: Device,
  config: ModelConfig,
  weights: CrossLayerWeights,
  a: Activations,
  pages: PageAttention
): Promise<CrossLayer> {
  const { heads, headDim, rope } = config.cross
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const q = await linear(device, weights.q)
  const bias = weights.qBias ? await addBias(device, a.crossQ.shape[1]) : undefined
  const queryNorm = weights.qNorm ? await headNorm(device, headDim, queryNormEps) : undefined
  const turn = await rotate(device, headDim, rope.pairs)
  const out = await linear(device, weights.out)
  const plus = await add(device)
  const ffn = await feedForward(device, config, weights.ffn, a)
  return async (step, view) => {
    const { batch, rows } = step
    norm(batch, step.x, 0, weights.norm, a.normed, rows)
    project(step, q, a.normed, a.crossQ)
    if (bias && weights.qBias) bias(batch, a.crossQ, weights.qBias, rows)
    if (queryNorm && weights.qNorm) queryNorm(batch, a.crossQ, weights.qNorm, heads, rows)
    turn(batch, a.crossQ, { heads, rows, table: a.crossTable, tableRow: step.tableRow })
    await pages.attendInTurn(batch, { q: a.crossQ, y: a.crossOut, rows, ...view })
    project(step, out, a.crossOut, a.delta)
    plus(batch, step.x, a.delta, rows)
    ffn(step)
  }
}
