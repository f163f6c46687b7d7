/** A piece of GPU memory with a shape: rows of f32 (activations), or raw words where the kernels agree on a layout. */
export interface Tensor {
  readonly name: string
  readonly buffer: GPUBuffer
  /** [rows the buffer has room for, f32 values per row]. Row widths are multiples of 4 (vec4 loads). */
  readonly shape: readonly [number, number]
}

/** Refuses our own mistakes before the GPU sees them: `who: x is [3, 200], expected [at least 5, 201]`. */
export function expectShape(who: string, what: string, tensor: Tensor, rows: number, width: number): void {
  const [r, w] = tensor.shape
  if (r < rows || w !== width) {
    throw new Error(`${who}: ${what} (${tensor.name}) is [${r}, ${w}], expected [at least ${rows}, ${width}]`)
  }
}

/** The same for rows of which only the beginning is read. */
export function expectRoom(who: string, what: string, tensor: Tensor, rows: number, width: number): void {
  const [r, w] = tensor.shape
  if (r < rows || w < width)
    throw new Error(
      `${who}: ${what} (${tensor.name}) is [${r}, ${w}], expected [at least ${rows}, at least ${width}]`
    )
}

/** The next multiple of 4: every row of values starts at a vec4. */
export const up4 = (n: number): number => Math.ceil(n / 4) * 4
