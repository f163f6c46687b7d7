/** x = x + down(silu(gate(n)) * up(n)), n = norm(x): the second half of every layer of both decoders. */
import type { Device } from '../device/device'
import { add } from '../kernels/add'
import { linear } from '../kernels/linear'
import { rmsNorm } from '../kernels/rms-norm'
import { swiglu } from '../kernels/swiglu'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import type { FeedForwardWeights } from './weights'

type FeedForward = (step: Step) => void

export async function feedForward(
  device: Device,
  config: ModelConfig,
  weights: FeedForwardWeights,
  a: Activations
): Promise<FeedForward> {
  const norm = await rmsNorm(device, config.dim, config.normEps)
  const input = await linear(device, weights.input)
  const gate = await swiglu(device, weights.down.inputs)
  const down = await linear(device, weights.down)
  const plus = await add(device)
  return step => {
    norm(step.batch, step.x, 0, weights.norm, a.normed, step.rows)
    project(step, input, a.normed, a.ffnInput)
    gate(step.batch, a.ffnInput, a.ffn, step.rows)
    project(step, down, a.ffn, a.delta)
    plus(step.batch, step.x, a.delta, step.rows)
  }
}
