/**
 * matrix-tile without an adapter that has subgroup matrices: its text with loads, products and stores of matrices written out,
 * so that everything else in it runs. matrix-tile.dry.test.ts shows that the text itself is accepted.
 */
import { expect, it } from 'vitest'
import type { SubgroupMatrix } from '../device/adapter'
import { Device } from '../device/device'
import type { CompiledKernel, Constants, KernelSource } from '../device/kernel'
import { up4 } from '../device/tensor'
import {
  asStored,
  describeGpu,
  device,
  expectRows,
  matrixOf,
  padded,
  poisoned,
  run,
  tensorOf
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { linear as referenceLinear } from '../testing/reference'
import { kernelChoice } from './kernel-choice'
import { wrongProduct } from './known-products'
import { linear } from './linear'
import { matrixShape, matrixShapes } from './matrix-shape'
import { rowCodeFormat } from './row-code-format'
import { weightFormats } from './weight-format'

/** Every lane of a subgroup holds the whole matrix, which the first one stores. */
const written = (wgsl: string): string =>
  `${wgsl
    .replace(/alias Left = [^;]*/, 'alias Left = array<f32, M * K>')
    .replace(/alias Right = [^;]*/, 'alias Right = array<f32, K * N>')
    .replace(/alias Result = [^;]*/, 'alias Result = array<f32, M * N>')
    .replace(/@builtin\(subgroup_id\) subgroup: u32,/, '')
    .replace(/@builtin\(subgroup_invocation_id\) inside: u32/, '')
    .replace('let first =', 'let subgroup = lane / SIZE; let inside = lane % SIZE; let first =')
    .replace(/subgroupMatrixLoad<Right>\(&blocks, (.*), false, (.*)\);/, 'loadRight($1, $2);')
    .replace(/subgroupMatrixLoad<Left>\(&lines, (.*), false, (.*)\);/, 'loadLeft($1, $2);')
    .replace(/subgroupMatrixStore\(&staged, (.*), (.*), false, N\);/, 'if (inside == 0u) { store($1, $2); }')
    .replace('subgroupMatrixMultiplyAccumulate(', 'multiplied(')}
fn loadLeft(at: u32, stride: u32) -> Left {
  var m: Left;
  for (var i = 0u; i < M * K; i++) { m[i] = f32(lines[at + i / K * stride + i % K]); }
  return m;
}
fn loadRight(at: u32, stride: u32) -> Right {
  var m: Right;
  for (var i = 0u; i < K * N; i++) { m[i] = f32(blocks[at + i / N * stride + i % N]); }
  return m;
}
fn multiplied(a: Left, b: Right, c: Result) -> Result {
  var m: Result;
  for (var i = 0u; i < M * N; i++) {
    var sum = c[i];
    for (var k = 0u; k < K; k++) { sum += a[i / N * K + k] * b[k * N + i % N]; }
    m[i] = sum;
  }
  return m;
}
fn store(at: u32, m: Result) { for (var i = 0u; i < M * N; i++) { staged[at + i] = m[i]; } }`

class Written extends Device {
  readonly seen = new Set<string>()
  /** A change of the text, which has to be found out. */
  broken: readonly [string, string] | undefined

  override compile(source: KernelSource, constants: Constants): Promise<CompiledKernel> {
    if (!source.name.startsWith('matrix-tile')) return super.compile(source, constants)
    this.seen.add(source.name)
    const enable = source.enable?.filter(each => each === 'f16')
    const wgsl = this.broken ? source.wgsl.replace(...this.broken) : source.wgsl
    if (this.broken) expect(wgsl).not.toBe(source.wgsl)
    return super.compile(
      { name: source.name, wgsl: written(wgsl), ...(enable?.length ? { enable } : {}) },
      constants
    )
  }
}

const square = (component: string, side: number): SubgroupMatrix => ({
  component,
  result: 'f32',
  M: side,
  N: side,
  K: side
})
const adapterWith = (size: number, matrices: readonly SubgroupMatrix[]) => ({
  ...device.adapter,
  software: false,
  // split-row shuffles inside the subgroups that there are.
  subgroups: { least: size, most: size },
  matrices
})
const writtenWith = (size: number, matrices: readonly SubgroupMatrix[]): Written => {
  const made = new Written(device.raw, adapterWith(size, matrices), false)
  made.kernels = 'matrices'
  return made
}

describeGpu('products by subgroup matrices, written out', () => {
  it.each([
    ['f16 and f32, 8 x 8, subgroups of 8', 8, [square('f16', 8), square('f32', 8)]],
    [
      'codes 8 x 16 x 16, floats 8 x 8',
      8,
      [{ component: 'f16', result: 'f32', M: 8, N: 16, K: 16 }, square('f32', 8)]
    ]
  ] as const)('%s: whole numbers are exact', async (_name, size, matrices) => {
    const on = writtenWith(size, matrices)
    expect(await wrongProduct(on, 'matrices')).toBe(undefined)
    expect([...on.seen].sort()).toEqual(['matrix-tile, codes', 'matrix-tile, floats'])
  })

  it.each([
    ['the row of a result', '+ part / COLUMNS * M', '+ part % COLUMNS * M'],
    ['the outputs of a block', 'left + c * N, false', 'left + r0 * N, false'],
    ['the inputs of a step', '* BLOCK + k, false', '* BLOCK, false']
  ])('a mistake in %s is found out', async (_name, right, wrong) => {
    const on = writtenWith(8, [square('f16', 8), square('f32', 8)])
    on.broken = [right, wrong.replace('r0', '0u')]
    expect(await wrongProduct(on, 'matrices')).toBe('matrix-tile, floats of 70 rows')
  })

  it('rows and outputs that fill no tile, several parts, against float64', async () => {
    const on = writtenWith(8, [square('f32', 8)])
    for (const [rows, n, k] of [
      [1, 7, 7],
      [65, 130, 36],
      [70, 68, 132]
    ] as const) {
      const random = new Random(rows)
      const w = asStored(random.normals(n * k, k ** -0.5), 'bf16')
      const x = random.normals(rows * k).map(Math.fround)
      const product = await linear(on, matrixOf(w, k, 'bf16', 2))
      const y = poisoned(rows + 1, up4(n))
      const source = tensorOf(padded(x, k), up4(k), Math.ceil(rows / 8) * 8)
      await run(batch => product.rows(batch, source, y, rows), on)
      await expectRows(y, padded(referenceLinear(x, w, k), n), 2e-6, `${rows} x ${n} x ${k}`)
    }
    expect([...on.seen]).toEqual(['matrix-tile, floats', 'matrix-tile, codes'])
  })

  it('text that does not compile any more is left to the next line of the table, and nothing stays behind', async () => {
    const on = new Written(device.raw, adapterWith(8, [square('f32', 8)]), false)
    on.broken = ['subgroupMatrixStore', 'subgroupMatrixPut']
    expect((await kernelChoice(on)).kernels).toBe('subgroups')
    on.check()
    on.kernels = 'matrices'
    expect(await wrongProduct(on, 'matrices')).toMatch(/matrix-tile, floats.wgsl:\d+: unresolved call target/)
  })
})

describeGpu('the shape of matrices', () => {
  it('divides 64 x 64 outputs among the subgroups', () => {
    expect(matrixShapes(adapterWith(32, [square('f16', 16)]))).toEqual([
      { COMPONENT: 'f16', M: 16, N: 16, K: 16, SIZE: 32, ROWS: 2, COLUMNS: 2, BLOCK: 32 }
    ])
    expect(matrixShapes(adapterWith(64, [square('f32', 8)]))).toEqual([
      { COMPONENT: 'f32', M: 8, N: 8, K: 8, SIZE: 64, ROWS: 8, COLUMNS: 4, BLOCK: 16 }
    ])
  })

  it.each([
    ['sums in f16', 32, { ...square('f16', 8), result: 'f16' }],
    ['whole numbers', 32, { ...square('i8', 16), result: 'i32' }],
    ['more inputs than a block', 32, { ...square('f32', 8), K: 32 }],
    ['results for which there is no room', 8, square('f16', 16)]
  ])('%s: not used', (_name, size, matrix) => {
    expect(matrixShapes(adapterWith(size, [matrix]))).toEqual([])
  })

  it('floats take f32 alone, codes f16 while their sums fit 24 bits', () => {
    const [half, single] = [adapterWith(32, [square('f16', 16)]), adapterWith(32, [square('f32', 8)])]
    const of = (adapter: typeof half, operands: 'floats' | 'codes', bits: 4 | 8, inputs: number) =>
      matrixShape(adapter, operands, { format: rowCodeFormat(bits), inputs })?.COMPONENT
    expect(matrixShape(half, 'floats', { format: weightFormats.f16, inputs: 64 })).toBe(undefined)
    expect([of(half, 'codes', 4, 12_288), of(single, 'floats', 4, 12_288)]).toEqual(['f16', 'f32'])
    expect([of(half, 'codes', 8, 1020), of(half, 'codes', 8, 1024)]).toEqual(['f16', undefined])
    expect([of(half, 'codes', 4, 16_380), of(half, 'codes', 4, 16_384)]).toEqual(['f16', undefined])
  })
})
