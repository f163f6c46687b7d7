/** x = x + down(silu(gate(n)) * up(n)), n = norm(x): the second half of every layer of Llama's layout. */
import type { Device } from '../device/device'
import { type Tensor, up4 } from '../device/tensor'
import { glu } from '../kernels/glu'
import { linear } from '../kernels/linear'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import { floatRows } from '../kernels/row-output'
import type { NormShape } from '../kernels/rms-norm'
import type { Matrix } from '../kernels/weights'
import type { WeightLoader } from '../weights/weight-loader'
import { project, type Step } from './step'

export interface FeedForwardWeights {
  readonly norm: GPUBuffer
  /** gate | up, 2 * ffn dim outputs. */
  readonly input: Matrix
  readonly down: Matrix
}

/** Of a layer whose tensors have the roles `layer`.norm2, .ffn.gate, .ffn.up and .ffn.down. */
export async function feedForwardWeights(
  load: WeightLoader,
  dim: number,
  ffnDim: number,
  layer: string
): Promise<FeedForwardWeights> {
  const padded = up4(ffnDim)
  const halves = ['gate', 'up'].map(part => ({ ...load.whole(`${layer}.ffn.${part}`), padded }))
  return {
    norm: await load.norm(`${layer}.norm2`, dim),
    input: await load.matrix(`${layer}.ffn`, halves),
    down: await load.matrix(`${layer}.ffn.down`, [load.whole(`${layer}.ffn.down`)])
  }
}

/** Working memory: rows of n, of gate | up, of their product and of what joins the stream. */
export interface FeedForwardMemory {
  readonly normed: Tensor
  readonly ffnInput: Tensor
  readonly ffn: Tensor
  readonly delta: Tensor
}

type FeedForward = (step: Step) => void

/** What reads the stream behind a norm: its input is left in `a.normed` by whoever adds to the stream before it. */
export const normedReader = (
  norm: GPUBuffer,
  a: Pick<FeedForwardMemory, 'normed'>
): Required<NextReader> => ({
  norm,
  input: floatRows(a.normed)
})

/** From n in `a.normed` to what `next` reads. */
export async function feedForward(
  device: Device,
  shape: NormShape,
  weights: FeedForwardWeights,
  a: FeedForwardMemory,
  next: NextReader
): Promise<FeedForward> {
  const input = await linear(device, weights.input)
  const gate = await glu(device, 'silu', floatRows(a.ffn))
  const down = await linear(device, weights.down)
  const plus = await residualNorm(device, shape, undefined, next)
  return step => {
    project(step, input, a.normed, a.ffnInput)
    gate(step.batch, { gate: a.ffnInput, up: a.ffnInput, upFirst: a.ffn.shape[1] }, step.rows)
    project(step, down, a.ffn, a.delta)
    plus(step.batch, step.x, a.delta, step.rows)
  }
}
