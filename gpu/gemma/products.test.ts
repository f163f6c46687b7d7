/** Single products of the mobile goldens: what a float64 reference put in and got out, as codes, in either kernel. */
import { expect, it } from 'vitest'
import { tileRows } from '../kernels/linear'
import { codeRows, staticLinear } from '../kernels/static-linear'
import { describeGpu, device, poisoned, run, tensorOf, valuesOf } from '../testing/gpu-testing'
import {
  goldenConfig,
  goldenTrace,
  goldenWeights,
  missingGoldens,
  mobileGoldens
} from '../testing/mobile-goldens'
import { readStep, uploadStatic } from '../weights/static-matrix'
import { readGemmaConfig } from './read-config'
import { locateTensors } from './tensor-table'

/** From the file's word to ours. */
const parts: Readonly<Record<string, string>> = {
  'self_attn.q_proj': 'q',
  'self_attn.k_proj': 'k',
  'self_attn.v_proj': 'v',
  'self_attn.o_proj': 'out',
  'mlp.gate_proj': 'ffn.gate',
  'mlp.up_proj': 'ffn.up',
  'mlp.down_proj': 'ffn.down',
  per_layer_input_gate: 'perLayer.gate',
  per_layer_projection: 'perLayer.out'
}

function roleOf(module: string): string {
  const [, layer, part] = /^layers\.(\d+)\.(.*)$/.exec(module)!
  return `layer.${layer}.${parts[part!]!}`
}

const times = (rows: readonly (readonly number[])[], step: number): number[] =>
  rows.flatMap(row => row.map(value => value * step))

describeGpu('products of mobile checkpoints', () => {
  it.skipIf(missingGoldens !== undefined).each(mobileGoldens)('%s: codes equal to the trace', async name => {
    const tensors = locateTensors(readGemmaConfig(goldenConfig(name)), [await goldenWeights(name)])
    const { modules } = goldenTrace(name)
    const kinds = new Set<string>()
    for (const [module, { x, x_is_codes, y, y_is_codes }] of Object.entries(modules)) {
      const tensor = tensors.get(roleOf(module))
      // Keys and values of layers that own none are not computed.
      if (!tensor) continue
      const [outputs, inputs] = tensor.shape as [number, number]
      const [inputStep, outputStep] = [
        await readStep(tensor.codes?.inputStep),
        await readStep(tensor.codes?.outputStep)
      ]
      expect(x_is_codes && y_is_codes && inputStep > 0 && outputStep > 0, module).toBe(true)
      kinds.add(`${tensor.codes?.bits} bits`)
      const matrix = await uploadStatic(device, module, [{ tensor, group: outputs, padded: outputs }], false)
      const product = await staticLinear(device, matrix, codeRows(device, tileRows, inputs))
      const source = tensorOf(times(x, inputStep), inputs, tileRows)
      const [many, one] = [poisoned(tileRows, outputs), poisoned(1, outputs)]
      await run(batch => {
        product.rows(batch, source, many, x.length)
        product.row(batch, source, x.length - 1, one)
      })
      const found = (await valuesOf(many)).subarray(0, x.length * outputs)
      const expected = times(y, outputStep)
      const codes = (values: ArrayLike<number>) =>
        Array.from(values, value => Math.round(value / outputStep) + 0)
      expect(codes(found), module).toEqual(codes(expected))
      expect(await valuesOf(one), module).toEqual(found.subarray(-outputs))
    }
    // A module without steps is not among those traced; static-linear.test.ts has it.
    const wide = name === 'gemma4-mobile-e2b' ? [2] : []
    expect([...kinds].sort()).toEqual([...wide, 4, 8].map(bits => `${bits} bits`))
  })
})
