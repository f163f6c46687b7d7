/**
 * The lower half: rows in, rows out, the carry moved on. Constant memory, whatever came before.
 * Source: paper section 2.1 and 3.1; `SelfDecoder` of YOCO/yoco/models/decoder/yoco.py.
 */
import type { Device } from '../device/device'
import { addBias } from '../kernels/add-bias'
import { headGate } from '../kernels/head-gate'
import { turnHeads, writeRing } from '../kernels/heads'
import { linear } from '../kernels/linear'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import { retention } from '../kernels/retention'
import { windowAttention } from '../kernels/window-attention'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { Carry } from '../kv/carry'
import type { ModelConfig } from './config'
import { feedForward, normedReader } from '../model/feed-forward'
import type { SelfLayerWeights } from './weights'

/** Layer `i` on the rows of the step: x = x + mixer(norm(x)); x = x + ffn(norm(x)). */
type SelfLayer = (step: Step, carry: Carry, i: number) => void

/** From norm(x) in `a.normed` to what `next` reads. */
export async function selfLayer(
  device: Device,
  config: ModelConfig,
  weights: SelfLayerWeights,
  a: Activations,
  next: NextReader
): Promise<SelfLayer> {
  const mix = await linear(device, weights.mix)
  const bias = weights.mixBias ? await addBias(device, a.mix.shape[1]) : undefined
  const mixer = await (config.self.kind === 'window'
    ? windowMixer(device, config, a)
    : retentionMixer(device, config, a))
  const out = await linear(device, weights.out)
  const shape = { width: config.dim, eps: config.normEps }
  const plus = await residualNorm(device, shape, undefined, normedReader(weights.ffn.norm, a))
  const ffn = await feedForward(device, shape, weights.ffn, a, next)
  return (step, carry, i) => {
    project(step, mix, a.normed, a.mix)
    if (bias && weights.mixBias) bias(step.batch, a.mix, weights.mixBias, step.rows)
    mixer(step, carry, i)
    project(step, out, a.inner, a.delta)
    plus(step.batch, step.x, a.delta, step.rows)
    ffn(step)
  }
}

async function windowMixer(device: Device, config: ModelConfig, a: Activations): Promise<SelfLayer> {
  const scratch = a.window
  if (config.self.kind !== 'window' || !scratch) throw new Error('self-decoder: not a window model')
  const write = await writeRing(device, config.self)
  const attend = await windowAttention(device, config.self)
  return ({ batch, rows, start, tableRow }, carry, i) => {
    // The ring counts from where the lower half started fresh; rotations keep the position in the text.
    const place = { ring: carry.rings[i], start: start - carry.since }
    write(batch, { x: a.mix, rows, rotations: { table: a.selfTable, row: tableRow } }, place)
    attend(batch, { q: a.mix, ...place, y: a.inner, rows, scratch })
  }
}

async function retentionMixer(device: Device, config: ModelConfig, a: Activations): Promise<SelfLayer> {
  if (config.self.kind !== 'gated-retention') throw new Error('self-decoder: not a retention model')
  const { heads, headDim } = config.self
  const inner = a.inner.shape[1]
  const turn = await turnHeads(device, config.self)
  const retain = await retention(device, config.self)
  const gate = await headGate(device, heads, headDim, config.normEps)
  return ({ batch, rows, tableRow }, carry, i) => {
    turn(batch, { x: a.mix, rows, rotations: { table: a.selfTable, row: tableRow } }, 2 * heads)
    retain(batch, a.mix, carry.states[i], a.inner, rows)
    gate(batch, a.inner, a.mix, 3 * inner, rows)
  }
}
