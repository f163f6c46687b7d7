/**
 * What every layer of a pass gets of the tokens beside the stream: ple = (N(W x / sqrt(H)) + t sqrt(P)) / sqrt(2), x being the
 * embedded tokens and t their rows of the table. Source: `project_per_layer_inputs` of modular_gemma4.py.
 */
import type { Device } from '../device/device'
import { linear } from '../kernels/linear'
import { perLayerInput } from '../kernels/per-layer-input'
import type { Matrix } from '../kernels/weights'
import { project, type Step } from '../model/step'
import type { Activations } from './activations'
import type { GemmaConfig } from './config'

/** From the embedded tokens in `step.x` and rows of `a.tokenRows` from `tokenRow` on, to `a.perLayer`. */
type PerLayerInputs = (step: Step, tokenRow: number) => void

export async function perLayerInputs(
  device: Device,
  { dim, perLayerDim, normEps }: GemmaConfig,
  matrix: Matrix,
  norm: GPUBuffer,
  a: Activations
): Promise<PerLayerInputs> {
  const product = await linear(device, matrix)
  const scales = { product: dim ** -0.5, table: Math.sqrt(perLayerDim), eps: normEps }
  const join = await perLayerInput(device, perLayerDim, scales)
  return (step, tokenRow) => {
    project(step, product, step.x, a.perLayer)
    join(step.batch, a.perLayer, a.tokenRows, tokenRow, norm, step.rows)
  }
}
