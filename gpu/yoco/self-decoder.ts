/**
 * The lower half: rows in, rows out, the carry moved on. Constant memory, whatever came before.
 * Source: paper section 2.1 and 3.1; `SelfDecoder` of YOCO/yoco/models/decoder/yoco.py.
 */
import type { Device } from '../device/device'
import { add, addBias } from '../kernels/add'
import { headGate } from '../kernels/head-gate'
import { linear } from '../kernels/linear'
import { retention } from '../kernels/retention'
import { rmsNorm } from '../kernels/rms-norm'
import { rotate } from '../kernels/rope'
import { windowAttention } from '../kernels/window-attention'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { Carry } from '../kv/carry'
import type { ModelConfig } from './config'
import { feedForward } from './feed-forward'
import type { SelfLayerWeights } from './weights'

/** Layer `i` on the rows of the step: x = x + mixer(norm(x)); x = x + ffn(norm(x)). */
type SelfLayer = (step: Step, carry: Carry, i: number) => void

export async function selfLayer(
  device: Device,
  config: ModelConfig,
  weights: SelfLayerWeights,
  a: Activations
): Promise<SelfLayer> {
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const mix = await linear(device, weights.mix)
  const bias = weights.mixBias ? await addBias(device, a.mix.shape[1]) : undefined
  const mixer = await (config.self.kind === 'window'
    ? windowMixer(device, config, a)
    : retentionMixer(device, config, a))
  const out = await linear(device, weights.out)
  const plus = await add(device)
  const ffn = await feedForward(device, config, weights.ffn, a)
  return (step, carry, i) => {
    norm(step.batch, step.x, 0, weights.norm, a.normed, step.rows)
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
  const { heads, kvHeads, headDim, rope } = config.self
  const turn = await rotate(device, headDim, rope.pairs)
  const attention = await windowAttention(device, config.self)
  return ({ batch, rows, start, tableRow }, carry, i) => {
    turn(batch, a.mix, { heads: heads + kvHeads, rows, table: a.selfTable, tableRow })
    // The ring counts from where the lower half started fresh; rotations keep the position in the text.
    const own = start - carry.since
    attention.write(batch, a.mix, carry.rings[i], own, rows)
    attention.attend(batch, a.mix, carry.rings[i], a.inner, own, rows, scratch)
  }
}

async function retentionMixer(device: Device, config: ModelConfig, a: Activations): Promise<SelfLayer> {
  if (config.self.kind !== 'gated-retention') throw new Error('self-decoder: not a retention model')
  const { heads, headDim, rope } = config.self
  const inner = a.inner.shape[1]
  const turn = await rotate(device, headDim, rope.pairs)
  const retain = await retention(device, config.self)
  const gate = await headGate(device, heads, headDim, config.normEps)
  return ({ batch, rows, tableRow }, carry, i) => {
    turn(batch, a.mix, { heads: 2 * heads, rows, table: a.selfTable, tableRow })
    retain(batch, a.mix, carry.states[i], a.inner, rows)
    gate(batch, a.inner, a.mix, 3 * inner, rows)
  }
}
