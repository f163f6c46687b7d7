/**
 * Products of small whole numbers, exact in every order and precision, on the adapter and on the CPU. Drivers that miscompile
 * subgroup operations are known, and what comes out then is fluent nonsense: so kernels are tried before they are trusted.
 */
import type { ProductKernels } from '../device/adapter'
import { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { copyFromBuffer } from '../device/readback'
import { type Operands, type ProductKernel, productPair } from './product-kernels'
import { rowCodeFormat } from './row-code-format'
import { panelRows } from './weight-format'

/** More than one tile of rows and outputs, inputs that end inside a quad of sixteen and beyond every split; see matrix-shape.ts. */
const [rows, inputs, outputs] = [70, 1020, 72]
const words = Math.ceil(inputs / 16) * 4
const format = rowCodeFormat(8)

const codeOf = (row: number, k: number): number => ((row * 7 + k * 5) % 13) - 6
/** Floats have some numbers of 13 bits among them: halves, and what some adapters make of f32 in matrices, have 11. */
const inputOf: Readonly<Record<Operands, typeof codeOf>> = {
  floats: (row, k) => codeOf(row, k) + (k % 128 === 1 ? 4096 : 0),
  codes: codeOf
}
const weightOf = (n: number, k: number): number => ((n * 3 + k * 11) % 17) - 8

/** [count, inputs] of them. */
const table = (count: number, of: typeof codeOf): Float32Array<ArrayBuffer> =>
  Float32Array.from({ length: count * inputs }, (_, i) => of(Math.floor(i / inputs), i % inputs))

const activations: Readonly<Record<Operands, () => ArrayBuffer>> = {
  floats: () => table(rows, inputOf.floats).buffer,
  codes: () =>
    Int8Array.from({ length: rows * words * 4 }, (_, i) => {
      const k = i % (words * 4)
      return k < inputs ? codeOf(Math.floor(i / (words * 4)), k) : 77 // what others left
    }).buffer
}

function weights(): ArrayBuffer {
  const panel = format.panelBytes(inputs)
  const view = new DataView(new ArrayBuffer(panel * Math.ceil(outputs / panelRows)))
  for (let n = 0; n < outputs; n++) {
    const [start, own] = [Math.floor(n / panelRows) * panel, n % panelRows]
    view.setFloat32(start + format.place.scale(0, own), 1, true)
    for (let k = 0; k < inputs; k++) view.setInt8(start + format.place.code(k, own), weightOf(n, k))
  }
  return view.buffer
}

/** Somebody waits for the program to start: 5 million steps take 14 ms with the numbers from tables, 66 when each is made anew. */
function expected(operands: Operands): Float32Array {
  const [x, w] = [table(rows, inputOf[operands]), table(outputs, weightOf)]
  const y = new Float32Array(rows * outputs)
  for (let row = 0; row < rows; row++)
    for (let n = 0; n < outputs; n++) {
      let sum = 0
      for (let k = 0; k < inputs; k++) sum += x[row * inputs + k] * w[n * inputs + k]
      y[row * outputs + n] = sum
    }
  return y
}

const params: Readonly<Record<Operands, Readonly<Record<string, number>>>> = {
  floats: { x_first: 0, x_stride: inputs / 4, y_first: 0, y_stride: outputs / 4, columns: outputs / 4 },
  codes: {
    ...{ x_stride: words, y_stride: outputs / 4, first: 0, columns: outputs / 4 },
    ...{ inverses: outputs / 4, input_step: 1 }
  }
}

/**
 * What is wrong with the family's kernels on this adapter, in words; undefined: nothing. `plain` is what all adapters can do.
 * Extensions of WGSL change while they are experimental: kernels that do not compile are as good as none.
 */
export async function wrongProduct(device: Device, kernels: ProductKernels): Promise<string | undefined> {
  if (kernels === 'plain' || !device.computes) return undefined
  device.raw.pushErrorScope('validation')
  const found = await firstWrong(device, kernels).catch((error: Error) => error)
  const invalid = await device.raw.popErrorScope().catch(() => null)
  device.check()
  return found instanceof Error ? found.message.split('\n')[0] : (found ?? invalid?.message)
}

/** The kernel whose products differ. */
async function firstWrong(device: Device, kernels: ProductKernels): Promise<string | undefined> {
  const filled = (name: string, bytes: ArrayBuffer): GPUBuffer => {
    const buffer = device.buffer('scratch', name, bytes.byteLength)
    device.raw.queue.writeBuffer(buffer, 0, bytes)
    return buffer
  }
  const shared = {
    w: filled('known weights', weights()),
    steps: filled('no steps', new ArrayBuffer(outputs * 8))
  }
  const made = Object.values(shared)
  try {
    for (const operands of ['floats', 'codes'] as const) {
      const pair = await productPair(device, kernels, operands, { format, inputs, outputs })
      const right = expected(operands)
      const x = filled('known inputs', activations[operands]())
      const y = device.buffer('scratch', 'known products', right.byteLength)
      made.push(x, y)
      const compute = async ({ kernel, ...own }: ProductKernel, count: number): Promise<boolean> => {
        const batch = new Batch(device)
        batch.clear(y)
        batch.run(
          kernel,
          operands === 'floats' ? [x, shared.w, y] : [x, shared.w, shared.steps, y],
          { ...params[operands], rows: count },
          [Math.ceil(outputs / 4 / own.columns), Math.ceil(count / own.rows)]
        )
        batch.submit()
        const bytes = await copyFromBuffer(device, y, 0, count * outputs * 4)
        return new Float32Array(bytes.buffer).every((value, i) => value === right[i])
      }
      if (!(await compute(pair.tile, rows))) return `${pair.tile.kernel.name} of ${rows} rows`
      if (!(await compute(pair.row, 1))) return `${pair.row.kernel.name} of one row`
    }
    return undefined
  } finally {
    for (const buffer of made) device.free(buffer)
  }
}
