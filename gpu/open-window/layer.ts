/** One layer: x = x + attention(norm(x)); x = x + ffn(norm(x)). Source: `LlamaDecoderLayer` of huggingface/transformers. */
import type { Device } from '../device/device'
import { writeRing } from '../kernels/heads'
import { linear } from '../kernels/linear'
import { type NextReader, residualNorm } from '../kernels/residual-norm'
import { windowAttention } from '../kernels/window-attention'
import { feedForward, normedReader } from '../model/feed-forward'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { OpenWindowConfig } from './config'
import type { OpenHeads, Sight } from './open-heads'
import type { LayerWeights } from './weights'

export type Layer = (step: Step, sight: Sight) => void

/** Layer `i`, from norm(x) in `a.normed` to what `next` reads; `open`: its open heads, if it has some. */
export async function layer(
  device: Device,
  config: OpenWindowConfig,
  weights: LayerWeights,
  a: Activations,
  i: number,
  next: NextReader,
  open: OpenHeads | undefined
): Promise<Layer> {
  const shape = { width: config.dim, eps: config.normEps }
  const mix = await linear(device, weights.mix)
  const write = await writeRing(device, config.attention)
  const attend = await windowAttention(device, config.attention)
  const out = await linear(device, weights.out)
  const plus = await residualNorm(device, shape, undefined, normedReader(weights.ffn.norm, a))
  const ffn = await feedForward(device, shape, weights.ffn, a, next)
  const { window: scratch } = a
  const { sinks } = weights
  return (step, sight) => {
    const { batch, rows, tableRow } = step
    const { carry } = sight
    project(step, mix, a.normed, a.mix)
    // Before the window's own rotation turns the queries in place.
    open?.keep(step, a.mix, sight)
    const place = { ring: carry.rings[i], start: step.start - carry.since }
    write(batch, { x: a.mix, rows, rotations: { table: a.table, row: tableRow } }, place)
    attend(batch, { q: a.mix, ...place, y: a.inner, rows, scratch, sinks, isFresh: carry.since > 0 })
    open?.look(step, a.inner, sight)
    project(step, out, a.inner, a.delta)
    plus(batch, step.x, a.delta, rows)
    ffn(step)
  }
}
