/**
 * y = srq(W srq(x, input step), output step), srq(v, s) = clamp(round(v / s), -128, 127) s and srq(v, 0) = v: products of a
 * model that was trained with activations on fixed grids of 8 bits ("static ranges"). Inputs become whole numbers once for
 * all matrices that read them, sums are exact, and results lie on their grid again, as f32.
 * Source: `apply_srq`, `QuantizedLinear` in integrations/gemma_quant.py of transformers.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor } from '../device/tensor'
import { kernelChoice } from './kernel-choice'
import { linear, type Linear, tileRows } from './linear'
import { type ProductKernel, productPair } from './product-kernels'
import quantiseWgsl from './quantise-rows.wgsl?raw'
import { type ColumnSteps, inverseOf, roundColumns } from './round-columns'
import { floatRows, rowForms, type RowOutput } from './row-output'
import type { Matrix } from './weights'

/** Matrices of codes with one scale a row, one below another, that read the same rows. */
export interface StaticMatrix {
  readonly name: string
  readonly inputs: number
  readonly outputs: number
  readonly stacks: readonly StaticStack[]
  /** Of every output. */
  readonly steps: ColumnSteps
  /** Whether any of the steps is one. */
  readonly roundsOutputs: boolean
}

export interface StaticStack {
  readonly matrix: Matrix
  /** Its first output among all, a multiple of 4. */
  readonly first: number
  /** Zero: inputs stay as they are. */
  readonly inputStep: number
}

/** Working memory for the codes of rows of inputs; one serves many products, one after another. */
export interface CodeRows {
  readonly buffer: GPUBuffer
  readonly bytes: number
}

/** Words of a row of codes: whole elements of the narrowest weights, 16 inputs. Behind the inputs weights are zeros and codes may be anything. */
const wordsOf = (inputs: number): number => Math.ceil(inputs / 16) * 4

/** With room for `rows` rows of `inputs` values. */
export function codeRows(device: Device, rows: number, inputs: number): CodeRows {
  const bytes = codeRowsBytes(rows, inputs)
  return { buffer: device.buffer('scratch', 'codes', bytes), bytes }
}

export const codeRowsBytes = (rows: number, inputs: number): number =>
  Math.ceil(rows / tileRows) * tileRows * wordsOf(inputs) * 4

/** More inputs than that, and a sum of 8-bit codes may leave 32 bits. */
const mostInputs = (1 << 17) - 1

export type ProductMatrix = Matrix | StaticMatrix

/** The one step by which all that read a matrix's inputs want codes of them; 0 where there is none. */
const commonStep = (matrix: ProductMatrix): number =>
  'stacks' in matrix && matrix.stacks.length === 1 ? matrix.stacks[0].inputStep : 0

/** Where a product finds its input: in x, or in `codes` where whoever makes the input may make the product's codes of it. */
export function inputOf(matrix: ProductMatrix, x: Tensor, codes: CodeRows): RowOutput {
  const step = commonStep(matrix)
  if (step === 0) return floatRows(x)
  const stride = wordsOf(matrix.inputs)
  return {
    name: `codes of ${matrix.name}`,
    form: 'codes',
    buffer: codes.buffer,
    rows: Math.floor(codes.bytes / (stride * 4)),
    width: matrix.inputs,
    stride,
    inverse: inverseOf(step)
  }
}

/** Of either kind; `codes` is working memory for the static ones. `fed`: its input was put where `inputOf` says. */
export const product = (
  device: Device,
  matrix: ProductMatrix,
  codes: CodeRows,
  fed = false
): Promise<Linear> =>
  'stacks' in matrix
    ? staticLinear(device, matrix, codes, fed ? commonStep(matrix) : 0)
    : linear(device, matrix)

/** `held`: the step of the codes of x that are there already; 0: of none. */
export async function staticLinear(
  device: Device,
  matrix: StaticMatrix,
  codes: CodeRows,
  held = 0
): Promise<Linear> {
  const { name, inputs, outputs, stacks } = matrix
  if (inputs > mostInputs)
    throw new Error(`static-linear: ${name} has ${inputs} inputs, at most ${mostInputs} fit a sum of 32 bits`)
  const stride = wordsOf(inputs)
  const quantise = await device.compile(
    { name: 'quantise-rows', wgsl: quantiseWgsl },
    { ROW: rowForms.codes }
  )
  const products = await Promise.all(
    stacks.map(stack => (stack.inputStep === 0 ? ofFloats : ofCodes)(device, matrix, stack, codes))
  )

  const each = (batch: Batch, x: Tensor, at: number, y: Tensor, rows: number, to: (p: Linear) => void) => {
    expectShape('static-linear', `y of ${name}`, y, rows, outputs)
    const bytes = codeRowsBytes(rows, inputs)
    if (codes.bytes < bytes)
      throw new Error(`static-linear: codes of ${name} take ${bytes} bytes, there is room for ${codes.bytes}`)
    let step = held
    for (const [i, { inputStep }] of stacks.entries()) {
      if (inputStep !== 0 && inputStep !== step) {
        step = inputStep
        const params = { x_first: (at * inputs) / 4, x_stride: inputs / 4, stride, inverse: inverseOf(step) }
        batch.run(quantise, [x.buffer, codes.buffer], params, [Math.ceil(inputs / 4 / 64), rows])
      }
      to(products[i])
    }
  }
  return {
    rows(batch, x, y, rows) {
      expectShape('static-linear', `x of ${name}`, x, rows, inputs)
      each(batch, x, 0, y, rows, product => product.rows(batch, x, y, rows))
    },
    row(batch, x, at, y) {
      expectShape('static-linear', `x of ${name}`, x, at + 1, inputs)
      each(batch, x, at, y, 1, product => product.row(batch, x, at, y))
    }
  }
}

/** From the codes of x, which are there already. */
async function ofCodes(
  device: Device,
  { inputs, outputs, steps }: StaticMatrix,
  { matrix, first: stackFirst, inputStep }: StaticStack,
  codes: CodeRows
): Promise<Linear> {
  const { kernels } = await kernelChoice(device)
  const { tile, row } = await productPair(device, kernels, 'codes', matrix)
  const run = (batch: Batch, { kernel, ...own }: ProductKernel, y: Tensor, rows: number): void => {
    for (const part of matrix.parts) {
      const columns = Math.min(part.rows, matrix.outputs - part.first) / 4
      const params = {
        rows,
        x_stride: wordsOf(inputs),
        y_stride: outputs / 4,
        first: (stackFirst + part.first) / 4,
        columns,
        inverses: outputs / 4,
        input_step: inputStep
      }
      batch.run(kernel, [codes.buffer, part.buffer, steps.buffer, y.buffer], params, [
        Math.ceil(columns / own.columns),
        Math.ceil(rows / own.rows)
      ])
    }
  }
  return {
    rows: (batch, _x, y, rows) => run(batch, tile, y, rows),
    row: (batch, _x, _at, y) => run(batch, row, y, 1)
  }
}

/** From x as it is, which has no grid. */
async function ofFloats(
  device: Device,
  { outputs, steps, roundsOutputs }: StaticMatrix,
  { matrix, first }: StaticStack
): Promise<Linear> {
  const product = await linear(device, matrix, { first, width: outputs })
  const round = await roundColumns(device)
  const roundRows = (batch: Batch, y: Tensor, rows: number): void => {
    if (roundsOutputs) round(batch, y, first, rows, steps, first, matrix.outputs)
  }
  return {
    rows(batch, x, y, rows) {
      product.rows(batch, x, y, rows)
      roundRows(batch, y, rows)
    },
    row(batch, x, at, y) {
      product.row(batch, x, at, y)
      roundRows(batch, y, 1)
    }
  }
}
