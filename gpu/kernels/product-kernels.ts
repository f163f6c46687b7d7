/**
 * The product kernels of every family, for either kind of activations: pipelines, and how much one workgroup of them makes.
 * Which family an adapter takes is decided in kernel-choice.ts.
 */
import type { ProductKernels } from '../device/adapter'
import type { Device } from '../device/device'
import type { CompiledKernel, Constants, KernelSource } from '../device/kernel'
import codeOperands from './code-operands.wgsl?raw'
import codeRow from './code-row.wgsl?raw'
import codeTile from './code-tile.wgsl?raw'
import floatOperands from './float-operands.wgsl?raw'
import linearRow from './linear-row.wgsl?raw'
import linearTile from './linear-tile.wgsl?raw'
import { matrixShape, type MatrixShape } from './matrix-shape'
import matrixTile from './matrix-tile.wgsl?raw'
import splitRow from './split-row.wgsl?raw'
import type { Matrix } from './weights'
import workgroupTile from './workgroup-tile.wgsl?raw'

/** f32 activations and any weights, or codes of 8 bits and weights of row-code-format.ts. */
export type Operands = 'floats' | 'codes'

export interface ProductKernel {
  readonly kernel: CompiledKernel
  /** What one workgroup makes: rows, and columns of four outputs. */
  readonly rows: number
  readonly columns: number
}

/** For many rows and for one. Both take all `Params` of their operands. */
export interface ProductPair {
  readonly tile: ProductKernel
  readonly row: ProductKernel
}

/**
 * Lanes of linear-tile and code-tile: on lavapipe 64 reached 1.2 to 1.6 times what 16 did at every shape of the embedded
 * model (9 to 20 GFLOP/s), on SwiftShader the number made no difference.
 */
const tileLanes = 64

const plainOf: Readonly<Record<Operands, { readonly tile: KernelSource; readonly row: KernelSource }>> = {
  floats: { tile: { name: 'linear-tile', wgsl: linearTile }, row: { name: 'linear-row', wgsl: linearRow } },
  codes: { tile: { name: 'code-tile', wgsl: codeTile }, row: { name: 'code-row', wgsl: codeRow } }
}

const operandsOf: Readonly<Record<Operands, string>> = { floats: floatOperands, codes: codeOperands }

const sourceOf = (name: string, wgsl: string, operands: Operands, enable?: string[]): KernelSource => ({
  name: `${name}, ${operands}`,
  wgsl: `${wgsl}\n${operandsOf[operands]}`,
  enable
})

export async function productPair(
  device: Device,
  kernels: ProductKernels,
  operands: Operands,
  { format, inputs, outputs }: Pick<Matrix, 'format' | 'inputs' | 'outputs'>
): Promise<ProductPair> {
  const constants = { WEIGHTS: format.wgsl, K4: inputs / 4 }
  if (kernels === 'plain') return plainPair(device, operands, constants)
  const shape = kernels === 'matrices' ? matrixShape(device.adapter, operands, { format, inputs }) : undefined
  const [tile, row] = await Promise.all([
    shape
      ? device.compile(matrixSource(operands, shape), { ...constants, ...wgslOf(shape) })
      : device.compile(sourceOf('workgroup-tile', workgroupTile, operands), constants),
    rowKernel(device, kernels, operands, constants, outputs / 4)
  ])
  return { tile: { kernel: tile, rows: 64, columns: 16 }, row }
}

export const matrixSource = (operands: Operands, { COMPONENT }: MatrixShape): KernelSource =>
  sourceOf('matrix-tile', matrixTile, operands, [
    ...(COMPONENT === 'f16' ? ['f16'] : []),
    'subgroups',
    'chromium_experimental_subgroup_matrix'
  ])

/** A type is an alias, not a number. */
export const wgslOf = ({ COMPONENT, ...numbers }: MatrixShape): Constants => ({
  ...numbers,
  COMPONENT: `alias COMPONENT = ${COMPONENT};`
})

async function plainPair(device: Device, operands: Operands, constants: Constants): Promise<ProductPair> {
  // One row goes in slices of k only on hardware, where one workgroup per 128 outputs leaves it idle.
  const lanes = device.adapter.software ? { LANES: 16, SLICES: 1 } : { LANES: 32, SLICES: 8 }
  const { tile, row } = plainOf[operands]
  const [tiles, rows] = await Promise.all([
    device.compile(tile, { ...constants, LANES: tileLanes }),
    device.compile(row, { ...constants, ...lanes })
  ])
  return {
    tile: { kernel: tiles, rows: 8, columns: tileLanes },
    row: { kernel: rows, rows: 1, columns: lanes.LANES }
  }
}

/** Columns of a workgroup of split-row: about 200 workgroups if the matrix has so many outputs, a lane a column if it has very many. */
export const rowColumns = (columns: number): number =>
  columns >= 1 << 14 ? 256 : ([8, 4].find(each => columns / each >= 192) ?? 2)

async function rowKernel(
  device: Device,
  kernels: ProductKernels,
  operands: Operands,
  constants: Constants,
  columns: number
): Promise<ProductKernel> {
  const own = rowColumns(columns)
  const span = Math.max(own, kernels === 'tiles' ? 1 : (device.adapter.subgroups?.least ?? 1))
  const masks = Array.from({ length: Math.log2(span / own) }, (_, i) => own << i)
  const across = `fn across(own: Sum) -> Sum { var sum = own; ${masks
    .map(mask => `sum += subgroupShuffleXor(sum, ${mask}u);`)
    .join(' ')} return sum; }`
  const source = sourceOf('split-row', splitRow, operands, masks.length > 0 ? ['subgroups'] : undefined)
  const kernel = await device.compile(source, { ...constants, COLUMNS: own, SPAN: span, ACROSS: across })
  return { kernel, rows: 1, columns: own }
}
