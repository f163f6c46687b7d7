/** A branch that joins the stream and what reads the stream next, against float64 and against the dispatches it stands for. */
import { expect, it } from 'vitest'
import { up4 } from '../device/tensor'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  expectRows,
  padded,
  poisoned,
  run,
  tensorOf,
  valuesOf,
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { add, rmsNorm as normReference } from '../testing/reference'
import { normAdd } from '../testing/reference-gemma'
import { residualNorm } from './residual-norm'
import { rmsNorm } from './rms-norm'
import { floatRows } from './row-output'

const eps = 1e-6
const cases = workgroups.flatMap(shape => [4, 31, 36, 260, 1030].map(width => [shape, width] as const))
/** Rows and what the whole stream is multiplied by. */
const rowsAndScalars = [
  [1, 1],
  [7, 0.0045],
  [40, -1.5]
] as const

function sample(width: number) {
  const random = new Random(width)
  // Weights may be large and negative.
  const [branch, next] = [random.normals(width, 100, -20), random.normals(width, 3, 1)].map(w =>
    w.map(Math.fround)
  )
  const buffer = (w: Float64Array) => bufferOf(Float32Array.from(padded(w, width)))
  const rowsOf = (rows: number) => {
    const [x, y] = [3, 500].map(size => random.normals(rows * width, size).map(Math.fround))
    const tensor = (values: Float64Array) => tensorOf(padded(values, width), up4(width), rows + 1)
    return { x: x!, y: y!, stream: tensor(x!), branch: tensor(y!) }
  }
  return { branch: branch!, next: next!, branchNorm: buffer(branch!), norm: buffer(next!), rowsOf }
}

describeGpu('residual-norm', () => {
  it.each(cases)(
    '%s workgroups, width %i: a normed branch, the stream scaled and normed',
    async (shape, width) => {
      const device = deviceWith(shape)
      const { branch, next, branchNorm, norm, rowsOf } = sample(width)
      for (const [rows, scalar] of rowsAndScalars) {
        const { x, y, stream, branch: tensor } = rowsOf(rows)
        const out = poisoned(rows + 1, up4(width))
        const join = await residualNorm(device, { width, eps }, branchNorm, { norm, input: floatRows(out) })
        await run(batch => join(batch, stream, tensor, rows, scalar), device)
        const expected = normAdd(x, y, branch, eps, Math.fround(scalar))
        await expectRows(stream, padded(expected, width), 2e-6, `${rows} rows`)
        await expectRows(out, padded(normReference(expected, next, eps), width), 4e-6, `${rows} rows, normed`)
      }
    }
  )

  it.each(cases)('%s workgroups, width %i: a branch as it is', async (shape, width) => {
    const device = deviceWith(shape)
    const { next, norm, rowsOf } = sample(width)
    for (const [rows] of rowsAndScalars) {
      const { x, y, stream, branch } = rowsOf(rows)
      const out = poisoned(rows + 1, up4(width))
      const join = await residualNorm(device, { width, eps }, undefined, { norm, input: floatRows(out) })
      await run(batch => join(batch, stream, branch, rows), device)
      const sum = add(x, y).map(Math.fround)
      await expectRows(stream, padded(sum, width), 1e-30, `${rows} rows`)
      await expectRows(out, padded(normReference(sum, next, eps), width), 2e-6, `${rows} rows, normed`)
    }
  })

  it.each(cases)('%s workgroups, width %i: the bits of two dispatches', async (shape, width) => {
    const device = deviceWith(shape)
    const { branchNorm, norm, rowsOf } = sample(width)
    for (const [rows, scalar] of rowsAndScalars) {
      const { stream, branch } = rowsOf(rows)
      const again = tensorOf(await valuesOf(stream), up4(width))
      const [once, twice] = [poisoned(rows, up4(width)), poisoned(rows, up4(width))]
      const both = await residualNorm(device, { width, eps }, branchNorm, { norm, input: floatRows(once) })
      const join = await residualNorm(device, { width, eps }, branchNorm, {})
      const behind = await rmsNorm(device, { width, eps }, floatRows(twice))
      await run(batch => {
        both(batch, stream, branch, rows, scalar)
        join(batch, again, branch, rows, scalar)
        behind(batch, again, norm, rows)
      }, device)
      expect(await valuesOf(stream)).toEqual(await valuesOf(again))
      expect(await valuesOf(once)).toEqual(await valuesOf(twice))
    }
  })

  it('a branch beyond what halves hold, and a stream that is read where it lies', async () => {
    const device = deviceWith('software')
    const ones = bufferOf(Float32Array.of(1, 1, 1, 1))
    const join = await residualNorm(device, { width: 4, eps }, ones, {})
    const [x, y] = [Float64Array.of(1, 2, 3, 4), Float64Array.of(1e9, -2e9, 3e9, 7e9)]
    const stream = tensorOf(x, 4)
    await run(batch => join(batch, stream, tensorOf(y, 4), 1), device)
    await expectRows(stream, normAdd(x, y, Float64Array.of(1, 1, 1, 1), eps), 2e-6)
  })

  it('refuses a norm without a place, and neither norm nor place', async () => {
    const [device, norm] = [deviceWith('software'), bufferOf(new Float32Array(4))]
    await expect(residualNorm(device, { width: 4, eps }, norm, { norm })).rejects.toThrow('without a place')
    await expect(residualNorm(device, { width: 4, eps }, undefined, {})).rejects.toThrow('without a place')
  })
})
