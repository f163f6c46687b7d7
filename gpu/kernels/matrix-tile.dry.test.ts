/** matrix-tile is valid WGSL to Dawn's compiler, in every kind: on the null backend, a test file of its own (testing/dry-device.ts). */
import { expect, it } from 'vitest'
import { openDry } from '../testing/dry-device'
import { codeFormat } from './code-format'
import { type MatrixShape, matrixShapes } from './matrix-shape'
import { matrixSource, wgslOf } from './product-kernels'
import { rowCodeFormat } from './row-code-format'
import { weightFormats } from './weight-format'

const square = (component: string, side: number) => ({ component, result: 'f32', M: side, N: side, K: side })

it('compiles with every kind of weights, shape and component', async () => {
  const device = await openDry(false)
  const blocks = codeFormat({ bits: 4, block: 32, minimum: true, scale: 'f16' })
  const compile = (operands: 'floats' | 'codes', { wgsl }: { wgsl: string }, shape: MatrixShape) =>
    device.compile(matrixSource(operands, shape), { WEIGHTS: wgsl, K4: 33, ...wgslOf(shape) })
  let count = 0
  for (const size of [16, 32, 64, 128])
    for (const matrix of [square('f16', 8), square('f16', 16), square('f32', 8)])
      for (const shape of matrixShapes({
        ...device.adapter,
        subgroups: { least: size, most: size },
        matrices: [matrix]
      })) {
        for (const bits of [2, 4, 8] as const) await compile('codes', rowCodeFormat(bits), shape)
        if (shape.COMPONENT === 'f32')
          for (const format of [...Object.values(weightFormats), blocks])
            await compile('floats', format, shape)
        count++
      }
  expect(count).toBe(12)
  await device.idle()
})

it('the compiler sees what is wrong with matrices', async () => {
  const device = await openDry(false)
  const [shape] = matrixShapes({ ...device.adapter, matrices: [square('f16', 16)] })
  const source = matrixSource('codes', shape!)
  const swapped = {
    ...source,
    wgsl: source.wgsl.replace('Accumulate(inputs, weights[c]', 'Accumulate(weights[c], inputs')
  }
  const constants = { WEIGHTS: rowCodeFormat(4).wgsl, K4: 33, ...wgslOf(shape!) }
  await expect(device.compile(swapped, constants)).rejects.toThrow(
    /matrix-tile, codes.wgsl:\d+: no matching call to/
  )
})
