/** A branch of a layer joins the stream, and what reads the stream next is made of it in the same dispatch. */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { expectShape, type Tensor, up4 } from '../device/tensor'
import normAddWgsl from './norm-add.wgsl?raw'
import wgsl from './residual-norm.wgsl?raw'
import { type NormShape, normLanes } from './rms-norm'
import { expectOutput, rowForms, type RowOutput } from './row-output'

/** What reads the stream behind a branch. */
export interface NextReader {
  /** Weights of the norm in front of it, f32, as they are used; absent: it reads the stream itself. */
  readonly norm?: GPUBuffer
  /** Where it finds its input; absent: it reads the stream where it lies. */
  readonly input?: RowOutput
}

/** The branch y: [.., width padded to 4] joins the first rows of x, of the same width. */
export type Residual = (batch: Batch, x: Tensor, y: Tensor, rows: number, scalar?: number) => void

/**
 * x = (x + branch) * scalar and the next reader's input. `branchNorm`: weights of the branch's own norm, behind its last
 * product; the branch is y as it is where absent.
 */
export async function residualNorm(
  device: Device,
  { width, eps }: NormShape,
  branchNorm: GPUBuffer | undefined,
  { norm, input }: NextReader
): Promise<Residual> {
  const padded = up4(width)
  const sizes = { WIDTH: width, WIDTH4: padded / 4, LANES: normLanes(device) }
  const check = (x: Tensor, y: Tensor, rows: number): void => {
    expectShape('residual-norm', 'x', x, rows, padded)
    expectShape('residual-norm', 'y', y, rows, padded)
  }
  if (!input) {
    if (!branchNorm || norm) throw new Error('residual-norm: a norm without a place for what comes of it')
    const kernel = await device.compile({ name: 'norm-add', wgsl: normAddWgsl }, sizes)
    return (batch, x, y, rows, scalar = 1) => {
      check(x, y, rows)
      batch.run(kernel, [y.buffer, branchNorm, x.buffer], { eps, scalar }, [rows])
    }
  }
  // A weight that is not read must be bound all the same.
  const any = branchNorm ?? norm
  if (!any) throw new Error('residual-norm: neither branch nor stream has a norm')
  const kernel = await device.compile(
    { name: 'residual-norm', wgsl },
    {
      ...sizes,
      ROW: rowForms[input.form],
      OUT4: input.stride,
      KINDS: `const BRANCH_NORM = ${branchNorm !== undefined}; const NORM = ${norm !== undefined};`
    }
  )
  return (batch, x, y, rows, scalar = 1) => {
    check(x, y, rows)
    expectOutput('residual-norm', input, rows, padded)
    const bindings = [y.buffer, branchNorm ?? any, x.buffer, norm ?? any, input.buffer]
    batch.run(kernel, bindings, { eps, scalar, inverse: input.inverse }, [rows])
  }
}
