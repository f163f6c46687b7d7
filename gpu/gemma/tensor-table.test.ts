import { describe, expect, it } from 'vitest'
import { openModelFolder } from '../model-folder'
import { memoryFiles } from '../testing/memory-files'
import { writeWeights, type StoredTensor } from '../testing/safetensors-writer'
import { type TinyGemmaOptions, tinyGemma } from '../testing/tiny-gemma'
import { tensorTable } from './tensor-table'
import { tinyGemmaConfig } from '../testing/tiny-gemma'

const namesOf = (config = tinyGemmaConfig) => tensorTable(config).map(({ name }) => name)

it('the official names of an owner, of a layer above, and of what stands beside the layers', () => {
  const names = namesOf()
  expect(names.filter(name => !name.startsWith('layers.'))).toEqual([
    'embed_tokens.weight',
    'embed_tokens_per_layer.weight',
    'per_layer_model_projection.weight',
    'per_layer_projection_norm.weight',
    'norm.weight'
  ])
  const shared = [
    'input_layernorm.weight',
    'layer_scalar',
    'mlp.down_proj.weight',
    'mlp.gate_proj.weight',
    'mlp.up_proj.weight',
    'per_layer_input_gate.weight',
    'per_layer_projection.weight',
    'post_attention_layernorm.weight',
    'post_feedforward_layernorm.weight',
    'post_per_layer_input_norm.weight',
    'pre_feedforward_layernorm.weight',
    'self_attn.o_proj.weight',
    'self_attn.q_norm.weight',
    'self_attn.q_proj.weight'
  ]
  const of = (layer: number) =>
    names
      .filter(name => name.startsWith(`layers.${layer}.`))
      .map(name => name.replace(`layers.${layer}.`, ''))
  expect(of(9).sort()).toEqual(shared)
  const own = ['self_attn.k_norm.weight', 'self_attn.k_proj.weight', 'self_attn.v_proj.weight']
  expect(of(8).sort()).toEqual([...shared, ...own].sort())
})

const opened = (options: TinyGemmaOptions) => openModelFolder(tinyGemma(options).files)

describe('the same tensors are found', () => {
  const count = namesOf().length
  it.each([
    ['flat', { seed: 1 }, count],
    ['nested, beside what sees and hears', { seed: 1, flat: false }, count],
    ['with keys and values of layers above the owners', { seed: 1, unused: true }, count],
    ['in several files', { seed: 1, shards: 3 }, count],
    ['tied, and the head stored again', { seed: 1, head: 'also' }, count],
    ['with a head of its own', { seed: 1, head: 'own', flat: false }, count + 1]
  ] as [string, TinyGemmaOptions, number][])('%s', async (_, options, expected) => {
    const { tensors, family } = await opened(options)
    expect(family.name).toBe('gemma')
    expect(tensors.size).toBe(expected)
  })
})

describe('what does not belong together is refused by name', () => {
  const changed = (change: (tensors: StoredTensor[]) => StoredTensor[]) => {
    const { bytes } = tinyGemma({ seed: 1 })
    const file = bytes.get('model.safetensors')!
    const length = Number(new DataView(file.buffer, file.byteOffset).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(file.subarray(8, 8 + length)))
    const tensors = Object.entries(header)
      .filter(([name]) => name !== '__metadata__')
      .map(([name, entry]): StoredTensor => {
        const { dtype, shape, data_offsets } = entry as never as {
          dtype: 'F32'
          shape: number[]
          data_offsets: [number, number]
        }
        const [from, to] = data_offsets.map(at => 8 + length + at)
        return { name, type: dtype, shape, bytes: file.slice(from, to) }
      })
    return openModelFolder(memoryFiles('changed', new Map([...bytes, ...writeWeights(change(tensors))])))
  }

  it('a norm that is missing', async () => {
    await expect(
      changed(all => all.filter(({ name }) => !name.endsWith('3.post_feedforward_layernorm.weight')))
    ).rejects.toThrow(
      'The weights have no tensor "model.layers.3.post_feedforward_layernorm.weight", expected one of shape [48].'
    )
  })

  it('keys of an owner that are missing', async () => {
    await expect(
      changed(all => all.filter(({ name }) => !name.endsWith('layers.8.self_attn.k_proj.weight')))
    ).rejects.toThrow(
      /no tensor "model\.layers\.8\.self_attn\.k_proj\.weight", expected one of shape \[64,48\]/
    )
  })

  it('a feed-forward that is not twice as wide', async () => {
    await expect(
      changed(all =>
        all.map(each =>
          each.name.endsWith('layers.9.mlp.up_proj.weight')
            ? { ...each, shape: [72, 48], bytes: each.bytes.slice(0, 72 * 48 * 4) }
            : each
        )
      )
    ).rejects.toThrow(/"model\.layers\.9\.mlp\.up_proj\.weight" has shape \[72,48\], expected \[144,48\]/)
  })

  it('a tensor that nobody knows', async () => {
    await expect(
      changed(all => [
        ...all,
        { name: 'model.altup.weight', type: 'F32', shape: [1], bytes: new Uint8Array(4) }
      ])
    ).rejects.toThrow(/holds the tensor "model\.altup\.weight", which this configuration has no place for/)
  })
})
