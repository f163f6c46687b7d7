/** Google's mobile format: the goldens' tensors found in place, and files that contradict their configuration refused. */
import { describe, expect, it } from 'vitest'
import { filesWithWeights } from '../derived-weights'
import {
  goldenConfig,
  goldenFiles,
  goldenWeights,
  missingGoldens,
  type MobileGolden,
  mobileGoldens
} from '../testing/mobile-goldens'
import { field, type JsonObject } from '../text/json'
import type { SafetensorsFile, TensorEntry } from '../text/safetensors'
import { sameTensor } from '../weights/same-tensor'
import { readStep } from '../weights/static-matrix'
import { readQuantisation } from './quantisation'
import { readGemmaConfig } from './read-config'
import { locateTensors } from './tensor-table'

const config = (change: object): JsonObject => ({
  quantization_config: {
    quant_method: 'gemma',
    num_bits: 4,
    quantize_embeddings: true,
    module_quant_configs: { '^lm_head$': { num_bits: 2 } },
    modules_to_not_convert: ['per_layer_model_projection'],
    ...change
  }
})

describe('quantization_config', () => {
  it('is read where its method is "gemma", and left alone where it is another', () => {
    expect(readQuantisation(config({}))).toEqual({
      bits: 4,
      modules: [{ pattern: '^lm_head$', bits: 2 }],
      skipped: ['per_layer_model_projection']
    })
    expect(readQuantisation({})).toBeUndefined()
    expect(readQuantisation(config({ quant_method: 'compressed-tensors' }))).toBeUndefined()
  })

  it.each([
    [{ num_bits: 3 }, /num_bits is 3, expected codes of 2, 4 or 8 bits/],
    [{ module_quant_configs: { a: { num_bits: '4' } } }, /module_quant_configs\["a"\] is "4"/],
    [{ module_quant_configs: [] }, /module_quant_configs is \[\], expected bits by pattern/],
    [{ module_quant_configs: { '(': 4 } }, /"\(", which is no regular expression/],
    [{ module_quant_configs: { '(a+)+$': 4 } }, /nested repetition could run for ever/],
    [{ modules_to_not_convert: 'x' }, /modules_to_not_convert is "x"/],
    [{ quantize_embeddings: false }, /quantize_embeddings is false/]
  ])('%o is refused', (change, message) => {
    expect(() => readQuantisation(config(change))).toThrow(message)
  })
})

/** The golden's file with some tensors renamed, left out or seen as others. */
async function changed(
  name: MobileGolden,
  change: (tensors: Map<string, TensorEntry>) => void
): Promise<SafetensorsFile> {
  const file = await goldenWeights(name)
  const tensors = new Map(file.tensors)
  change(tensors)
  return { ...file, tensors }
}
const language = 'model.language_model.'

describe.skipIf(missingGoldens !== undefined)(`mobile files (${missingGoldens ?? 'goldens'})`, () => {
  it.each(mobileGoldens)('%s: every tensor is found as it lies', async name => {
    const shape = readGemmaConfig(goldenConfig(name))
    const tensors = locateTensors(shape, [await goldenWeights(name)])
    const bits = (role: string) => tensors.get(role)?.codes?.bits
    const [e2b, last] = [name === 'gemma4-mobile-e2b', shape.layers.length - 1]
    expect([bits('embed'), bits('head')]).toEqual([2, 2])
    expect(bits('embed.perLayer')).toBe(e2b ? 4 : 2)
    expect(tensors.get('embed.perLayer')?.codes?.block).toBe(shape.perLayerDim)
    expect([bits('layer.0.q'), bits('layer.0.ffn.down')]).toEqual([4, 4])
    expect(bits(`layer.${last}.ffn.up`)).toBe(e2b ? 2 : 4)
    expect([bits('layer.0.perLayer.gate'), bits('layer.0.perLayer.out')]).toEqual([8, 8])
    expect(tensors.get('perLayer.project')?.dtype).toBe('BF16')
    expect(tensors.get('layer.0.q')?.codes?.inputStep?.shape).toEqual([1])
    expect(tensors.get('layer.0.kStep')?.shape).toEqual([])
    // What layers without keys and values of their own have of them is not computed with.
    expect(tensors.has(`layer.${last}.k`) || tensors.has(`layer.${last}.kStep`)).toBe(false)
    // U8 begins anywhere in E2B.
    const codes = [...tensors.values()].filter(tensor => tensor.dtype === 'U8')
    expect(codes.some(tensor => tensor.start % 4 !== 0)).toBe(e2b)
    expect(await sameTensor(tensors.get('embed')!, tensors.get('head')!)).toBe(e2b)
  })

  it('steps that are zero and steps that are missing round nothing', async () => {
    const steps = async (name: MobileGolden, role: string) => {
      const { codes } = locateTensors(readGemmaConfig(goldenConfig(name)), [await goldenWeights(name)]).get(
        role
      )!
      return [
        codes?.inputStep !== undefined,
        await readStep(codes?.inputStep),
        await readStep(codes?.outputStep)
      ]
    }
    expect(await steps('gemma4-mobile-e2b', 'layer.5.perLayer.gate')).toEqual([true, 0, 0])
    expect(await steps('gemma4-mobile-e2b', 'head')).toEqual([true, 0, 0])
    expect(await steps('gemma4-mobile-e4b', 'layer.3.out')).toEqual([false, 0, 0])
    const [, q] = await steps('gemma4-mobile-e4b', 'layer.3.q')
    expect(q).toBeGreaterThan(0)
    // Its input step is that of k and v, so that all three are one product.
    expect(await steps('gemma4-mobile-e4b', 'layer.3.k').then(([, step]) => step)).toBe(q)
  })

  it.each([
    [
      'other bits than the configuration says',
      'layers.1.mlp.gate_proj',
      (entry: TensorEntry): TensorEntry => ({ ...entry, shape: [entry.shape[0]!, entry.shape[1]! / 2] }),
      /gate_proj.weight" holds codes of 2 bits, config.json says 4/
    ],
    [
      'floats, as after further training',
      'layers.1.self_attn.q_proj',
      (entry: TensorEntry): TensorEntry => ({ ...entry, dtype: 'BF16', shape: [entry.shape[0]!, 64] }),
      /q_proj.weight" holds BF16, expected codes of 4 bits .*trained further or merged/
    ],
    [
      'a width of no number of bits',
      'layers.1.self_attn.o_proj',
      (entry: TensorEntry): TensorEntry => ({ ...entry, shape: [entry.shape[0]!, entry.shape[1]! + 1] }),
      /o_proj.weight" has shape .*expected \[64,64\] \(8 bits\)/
    ]
  ])('%s: refused by name', async (_name, module, seenAs, message) => {
    const shape = readGemmaConfig(goldenConfig('gemma4-mobile-e2b'))
    const file = await changed('gemma4-mobile-e2b', tensors => {
      const key = `${language}${module}.weight`
      tensors.set(key, seenAs(tensors.get(key)!))
      if (tensors.get(key)!.dtype === 'BF16')
        for (const beside of ['weight_scale', 'input_activation_scale', 'output_activation_scale'])
          tensors.delete(`${language}${module}.${beside}`)
    })
    expect(() => locateTensors(shape, [file])).toThrow(message)
  })

  it('scales that are missing, steps of another shape, tensors that nobody knows: refused by name', async () => {
    const shape = readGemmaConfig(goldenConfig('gemma4-mobile-e4b'))
    const refusal = async (change: (tensors: Map<string, TensorEntry>) => void) => {
      const file = await changed('gemma4-mobile-e4b', change)
      return () => locateTensors(shape, [file])
    }
    const scale = `${language}embed_tokens.embedding_scale`
    expect(await refusal(tensors => tensors.delete(scale))).toThrow(
      'no tensor "model.language_model.embed_tokens.embedding_scale"'
    )
    const step = `${language}layers.2.mlp.up_proj.output_activation_scale`
    const row = `${language}layers.2.mlp.up_proj.weight_scale`
    expect(await refusal(tensors => tensors.set(step, tensors.get(row)!))).toThrow(
      'output_activation_scale" is F32 [64,1], expected one F32 number'
    )
    expect(await refusal(tensors => tensors.set('lm_head.bias', tensors.get(row)!))).toThrow(
      'holds the tensor "lm_head.bias"'
    )
    // Without the configuration these tensors have no place.
    const plain = { ...shape, quantisation: undefined }
    const file = await goldenWeights('gemma4-mobile-e4b')
    expect(() => locateTensors(plain, [file])).toThrow('no tensor "embed_tokens.weight"')
  })

  it.each(['f16', 'int8', 'int4'] as const)(
    'are not made anew as %s: their grids would be lost',
    async precision => {
      const nothing = { open: async () => undefined, keep: () => Promise.reject(new Error('kept')) }
      await expect(filesWithWeights(goldenFiles('gemma4-mobile-e2b'), precision, nothing)).rejects.toThrow(
        'which run as they are. Leave the precision of weights out.'
      )
    }
  )

  it('the configuration is of Gemma 4 without architectures', () => {
    expect(field(goldenConfig('gemma4-mobile-e4b'), 'architectures')).toBeUndefined()
    expect(readGemmaConfig(goldenConfig('gemma4-mobile-e4b')).tiedHead).toBe(false)
  })
})
