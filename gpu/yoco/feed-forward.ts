/** x = x + down(silu(gate(n)) * up(n)), n = norm(x): the second half of every layer of both decoders. */
import type { Device } from '../device/device'
import { glu } from '../kernels/glu'
import { linear } from '../kernels/linear'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import { floatRows } from '../kernels/row-output'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { ModelConfig } from './config'
import type { FeedForwardWeights } from './weights'

type FeedForward = (step: Step) => void

/** What reads the stream behind a norm: its input is left in `a.normed` by whoever adds to the stream before it. */
export const normedReader = (norm: GPUBuffer, a: Activations): Required<NextReader> => ({
  norm,
  input: floatRows(a.normed)
})

/** From n in `a.normed` to what `next` reads. */
export async function feedForward(
  device: Device,
  config: ModelConfig,
  weights: FeedForwardWeights,
  a: Activations,
  next: NextReader
): Promise<FeedForward> {
  const input = await linear(device, weights.input)
  const gate = await glu(device, 'silu', floatRows(a.ffn))
  const down = await linear(device, weights.down)
  const plus = await residualNorm(device, { width: config.dim, eps: config.normEps }, undefined, next)
  return step => {
    project(step, input, a.normed, a.ffnInput)
    gate(step.batch, { gate: a.ffnInput, up: a.ffnInput, upFirst: a.ffn.shape[1] }, step.rows)
    project(step, down, a.ffn, a.delta)
    plus(step.batch, step.x, a.delta, step.rows)
  }
}
