/**
 * The one global cache: n = norm(x), K = rope(n Wk), V = n Wv, once per token, into the pages that every cross
 * layer reads. Source: paper section 2.2; `CrossDecoder.forward` of YOCO/yoco/models/decoder/yoco.py.
 */
import type { Device } from '../device/device'
import { addBias } from '../kernels/add'
import { linear } from '../kernels/linear'
import type { PageAttention } from '../kernels/page-attention'
import { rmsNorm } from '../kernels/rms-norm'
import { rotate } from '../kernels/rope'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import type { Weights } from './weights'

/** Writes the rows of the step to `bank` from row `bankRow` on. */
type SharedKv = (step: Step, bank: GPUBuffer, bankRow: number) => void

export async function sharedKv(
  device: Device,
  config: ModelConfig,
  weights: Weights,
  a: Activations,
  pages: PageAttention
): Promise<SharedKv> {
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const kv = await linear(device, weights.kv)
  const bias = weights.kvBias ? await addBias(device, a.kv.shape[1]) : undefined
  const turn = await rotate(device, config.cross.headDim, config.cross.rope.pairs)
  return (step, bank, bankRow) => {
    norm(step.batch, step.x, 0, weights.kvNorm, a.normed, step.rows)
    project(step, kv, a.normed, a.kv)
    if (bias && weights.kvBias) bias(step.batch, a.kv, weights.kvBias, step.rows)
    const { rows, tableRow } = step
    turn(step.batch, a.kv, { heads: config.cross.kvHeads, rows, table: a.crossTable, tableRow })
    pages.write(step.batch, a.kv, bank, bankRow, step.rows)
  }
}
