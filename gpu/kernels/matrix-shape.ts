/** Which of an adapter's subgroup matrices a product takes, and how 64 x 64 outputs are divided among subgroups. */
import type { AdapterDescription, SubgroupMatrix } from '../device/adapter'
import type { WeightFormat } from './weight-format'

/** Constants of matrix-tile.wgsl. */
export interface MatrixShape {
  readonly COMPONENT: 'f16' | 'f32'
  readonly M: number
  readonly N: number
  readonly K: number
  /** Lanes of a subgroup. */
  readonly SIZE: number
  /** Results of M x N of a subgroup. */
  readonly ROWS: number
  readonly COLUMNS: number
  /** Inputs at a time: 8 KiB of rows and weights, and as much again for results, make 16 KiB. */
  readonly BLOCK: number
}

const workgroupLanes = 128

/** Subgroups of one size that fills workgroups; undefined: it has none. */
function sizeOf({ subgroups }: AdapterDescription): number | undefined {
  if (!subgroups || subgroups.least !== subgroups.most) return undefined
  return workgroupLanes % subgroups.most === 0 ? subgroups.most : undefined
}

function shapeOf({ component, result, M, N, K }: SubgroupMatrix, size: number): MatrixShape | undefined {
  if (result !== 'f32' || (component !== 'f16' && component !== 'f32')) return undefined
  const subgroups = workgroupLanes / size
  // As square as they can be: 4 subgroups make 32 x 32 outputs each.
  const down = 2 ** Math.floor(Math.log2(subgroups) / 2)
  const [rows, columns] = [64 / down / M, (64 * down) / subgroups / N]
  const block = component === 'f16' ? 32 : 16
  const whole = [rows, columns, block / K, N / 4].every(Number.isInteger)
  if (!whole || subgroups * M * N * 4 > 8192) return undefined
  return { COMPONENT: component, M, N, K, SIZE: size, ROWS: rows, COLUMNS: columns, BLOCK: block }
}

/** All that the kernel could use. */
export function matrixShapes(adapter: AdapterDescription): MatrixShape[] {
  const size = sizeOf(adapter)
  if (size === undefined) return []
  return adapter.matrices.flatMap(each => shapeOf(each, size) ?? [])
}

/**
 * Floats want f32 in both places. Codes are exact in f16, which is multiplied faster; their sums have to be whole numbers of
 * 24 bits. Undefined: this product is none for matrices.
 */
export function matrixShape(
  adapter: AdapterDescription,
  operands: 'floats' | 'codes',
  {
    format,
    inputs
  }: {
    readonly format: WeightFormat & { readonly codes?: { readonly bits: number } }
    readonly inputs: number
  }
): MatrixShape | undefined {
  const shapes = matrixShapes(adapter)
  const of = (component: string) => shapes.find(({ COMPONENT }) => COMPONENT === component)
  if (operands === 'floats') return of('f32')
  const exact = inputs * 128 * 2 ** ((format.codes?.bits ?? 8) - 1) < 1 << 24
  return exact ? (of('f16') ?? of('f32')) : undefined
}
