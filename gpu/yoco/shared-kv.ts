/**
 * The one global cache: n = norm(x), K = rope(n Wk), V = n Wv, once per token, into the pages that every cross
 * layer reads. Source: paper section 2.2; `CrossDecoder.forward` of YOCO/yoco/models/decoder/yoco.py.
 */
import type { Device } from '../device/device'
import { addBias } from '../kernels/add-bias'
import { writePages } from '../kernels/heads'
import { linear } from '../kernels/linear'
import type { PageLayout } from '../kernels/page-layout'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import type { Weights } from './weights'

/** Writes the rows of the step, normed in `a.normed`, to `bank` from row `bankRow` on. */
type SharedKv = (step: Step, bank: GPUBuffer, bankRow: number) => void

export async function sharedKv(
  device: Device,
  config: ModelConfig,
  weights: Weights,
  a: Activations,
  layout: PageLayout
): Promise<SharedKv> {
  const kv = await linear(device, weights.kv)
  const bias = weights.kvBias ? await addBias(device, a.kv.shape[1]) : undefined
  const write = await writePages(device, layout, { heads: 0, rope: config.cross.rope })
  return (step, bank, bankRow) => {
    const { batch, rows, tableRow } = step
    project(step, kv, a.normed, a.kv)
    if (bias && weights.kvBias) bias(batch, a.kv, weights.kvBias, rows)
    const rotations = { table: a.crossTable, row: tableRow }
    write(batch, { x: a.kv, rows, rotations }, { bank, row: bankRow })
  }
}
