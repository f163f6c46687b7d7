/**
 * Where a kernel puts rows that a product reads next: as f32, or as the whole numbers of 8 bits ("codes") that a product with
 * static ranges would have to make of them in a dispatch of its own. A kernel that has an output of `array<row4>` and puts
 * an output's WGSL before itself writes either.
 */
import { expectShape, type Tensor } from '../device/tensor'

/**
 * WGSL that declares an element of such rows, four neighbouring values,
 *   row4
 *   fn packRow(v: vec4f, inverse: f32) -> row4
 * Codes are clamp(round(v / step), -128, 127), half to even. The quotient is a product with 1 / step: a division may be 2.5
 * units off, a product is exact to half a one, and for steps that are powers of two the ties of a file stay ties.
 */
export const rowForms = {
  floats: 'alias row4 = vec4f; fn packRow(v: vec4f, inverse: f32) -> row4 { return v; }',
  codes:
    'alias row4 = u32; fn packRow(v: vec4f, inverse: f32) -> row4 ' +
    '{ return pack4xI8(vec4i(clamp(round(v * inverse), vec4f(-128f), vec4f(127f)))); }'
} as const
export type RowForm = keyof typeof rowForms

export interface RowOutput {
  readonly name: string
  readonly form: RowForm
  readonly buffer: GPUBuffer
  /** Rows that there is room for. */
  readonly rows: number
  /** Values of a row, a multiple of 4. */
  readonly width: number
  /** Elements from row to row; what lies behind the values of a row is left as it is. */
  readonly stride: number
  /** What `packRow` is told: 1 / step, made on the CPU. */
  readonly inverse: number
}

/** Rows of a tensor as they are. */
export const floatRows = ({ name, buffer, shape: [rows, width] }: Tensor): RowOutput => ({
  name,
  form: 'floats',
  buffer,
  rows,
  width,
  stride: width / 4,
  inverse: 0
})

/** What a kernel that takes either is given: rows of a tensor are written as they are. */
export const outputOf = (y: Tensor | RowOutput): RowOutput => ('form' in y ? y : floatRows(y))

/** A kernel in the forms that its outputs may have. */
export async function inForms<T>(
  forms: readonly RowForm[],
  compile: (wgsl: string) => Promise<T>
): Promise<(y: RowOutput) => T> {
  const made = await Promise.all(forms.map(async form => [form, await compile(rowForms[form])] as const))
  const byForm = new Map<RowForm, T>(made)
  return ({ name, form }) => {
    const kernel = byForm.get(form)
    if (!kernel) throw new Error(`row-output: no kernel writes ${form} to ${name}`)
    return kernel
  }
}

/** Refuses our own mistakes, as `expectShape` does. */
export const expectOutput = (who: string, y: RowOutput, rows: number, width: number): void =>
  expectShape(who, 'y', { name: y.name, buffer: y.buffer, shape: [y.rows, y.width] }, rows, width)
