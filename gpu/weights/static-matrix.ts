/** Stacked matrices of codes whose inputs and outputs lie on fixed grids, from their files onto the GPU. */
import type { Device } from '../device/device'
import { columnSteps, inverseOf } from '../kernels/round-columns'
import type { StaticMatrix, StaticStack } from '../kernels/static-linear'
import type { Matrix } from '../kernels/weights'
import { broken, shown, unsupported } from '../text/json'
import { type FloatTensor, hasSteps, type TensorLocation } from './tensor-location'
import { floatsOf, readTensor } from './tensor-values'
import { type Piece, uploadMatrix } from './upload-matrix'

/** A static matrix where the file keeps steps of activations beside any of the tensors, a plain one where it does not. */
export const uploadProduct = (
  device: Device,
  name: string,
  pieces: readonly Piece[],
  blank: boolean
): Promise<Matrix | StaticMatrix> =>
  pieces.some(({ tensor }) => hasSteps(tensor))
    ? uploadStatic(device, name, pieces, blank)
    : uploadMatrix(device, name, pieces, {}, blank)

/** A step of activations; 0 where there is none and where it says so: nothing is rounded then. Throws broken-model. */
export async function readStep(tensor: FloatTensor | undefined): Promise<number> {
  if (!tensor) return 0
  const [step] = floatsOf(tensor.dtype, await readTensor(tensor))
  if (step === 0 || (step > 0 && Number.isFinite(step) && Number.isFinite(inverseOf(step)))) return step
  throw broken(
    `${tensor.file}: the tensor ${shown(tensor.name)} is ${step}, expected a step of activations: a number above 0, or 0 ` +
      'for activations that are not rounded. The file is damaged; download it again.'
  )
}

interface Stepped {
  readonly piece: Piece
  readonly inputStep: number
  readonly outputStep: number
}

/**
 * Neighbours with the same input step become one matrix: their inputs are rounded once and multiplied in one go. `blank`
 * reads nothing and takes 1 for every step. Throws broken-model or unsupported-model.
 */
export async function uploadStatic(
  device: Device,
  name: string,
  pieces: readonly Piece[],
  blank: boolean
): Promise<StaticMatrix> {
  const stepped: Stepped[] = []
  for (const piece of pieces) {
    const { codes } = piece.tensor
    const [inputStep, outputStep] = blank
      ? [1, 1]
      : [await readStep(codes?.inputStep), await readStep(codes?.outputStep)]
    if (inputStep !== 0) checkRowCodes(piece.tensor)
    stepped.push({ piece, inputStep, outputStep })
  }
  const stacks: StaticStack[] = []
  const outputSteps: number[] = []
  for (let at = 0; at < stepped.length;) {
    const { inputStep } = stepped[at]
    let end = at + 1
    while (end < stepped.length && stepped[end].inputStep === inputStep) end++
    const own = stepped.slice(at, end)
    const pieces = own.map(({ piece }) => piece)
    const matrix = await uploadMatrix(device, name, pieces, {}, blank)
    const first = outputSteps.length
    stacks.push({ matrix, first, inputStep })
    for (const { piece, outputStep } of own)
      for (let row = outputsOf(piece); row > 0; row--) outputSteps.push(outputStep)
    // Behind the last output a matrix is padded; between two nothing may be.
    const padding = first + matrix.outputs - outputSteps.length
    if (padding > 0 && end < stepped.length)
      throw new Error(
        `static-matrix: ${name} has ${outputSteps.length} outputs before others, expected a multiple of 4`
      )
    for (let row = 0; row < padding; row++) outputSteps.push(0)
    at = end
  }
  const steps = columnSteps(device, 'weights', `${name} steps`, outputSteps, !blank)
  return {
    name,
    inputs: stacks[0].matrix.inputs,
    outputs: outputSteps.length,
    stacks,
    steps,
    roundsOutputs: blank || outputSteps.some(step => step !== 0)
  }
}

const outputsOf = ({ tensor, group, padded }: Piece): number => Math.ceil(tensor.shape[0] / group) * padded

/** Sums of whole numbers need one scale for all inputs of an output, and codes about zero. */
function checkRowCodes({ file, name, codes }: TensorLocation): void {
  if (codes && codes.block === undefined && codes.minimum === undefined) return
  const found = !codes
    ? 'floats'
    : codes.minimum
      ? 'codes with a minimum'
      : `codes with a scale for every ${codes.block} inputs`
  throw unsupported(
    `${file}: the tensor ${shown(name)} holds ${found} and has a step of activations beside it; expected codes with one ` +
      'scale a row. This program does not run such a mixture.'
  )
}
