import { Tokenizer } from '@huggingface/tokenizers'
import { describe, expect, it } from 'vitest'
import { ReferenceModel } from './reference-model'
import { Random } from './random'
import { decode, round, type FloatType } from './rounding'
import { randomModel, tinyKinds, tinyModel, type RandomModel } from './tiny-model'
import { byteId } from './tiny-tokenizer'

interface Entry {
  dtype: FloatType
  shape: number[]
  data_offsets: [number, number]
}

/** All tensors of a model's files by name, read by nothing but the format's own rules. */
function tensorsIn(
  bytes: RandomModel['bytes']
): Map<string, { dtype: FloatType; shape: number[]; values: Float64Array }> {
  const found = new Map()
  for (const [file, content] of bytes) {
    if (!file.endsWith('.safetensors')) continue
    const length = Number(new DataView(content.buffer).getBigUint64(0, true))
    const header = JSON.parse(new TextDecoder().decode(content.subarray(8, 8 + length)))
    for (const [name, { dtype, shape, data_offsets }] of Object.entries<Entry>(header)) {
      if (name === '__metadata__') continue
      const data = content.subarray(8 + length + data_offsets[0], 8 + length + data_offsets[1])
      found.set(name, { dtype, shape, values: decode(data, dtype) })
    }
  }
  return found
}

const json = (model: RandomModel, file: string) => JSON.parse(new TextDecoder().decode(model.bytes.get(file)))

describe('tiny models', () => {
  it('hold the official names and shapes', () => {
    const tensors = tensorsIn(tinyModel('official-retention', { seed: 1 }).bytes)
    const shape = (name: string) => tensors.get(name)?.shape
    expect(shape('embed_tokens.weight')).toEqual([271, 40])
    expect(shape('output_projection.weight')).toEqual([271, 40])
    expect(shape('self_decoder.layers.2.mixer.gt_proj.weight')).toEqual([2, 40])
    expect(shape('self_decoder.layers.0.mixer.g_proj.weight')).toEqual([40, 40])
    expect(shape('self_decoder.layers.1.ffn.fc1.weight')).toEqual([72, 40])
    expect(shape('self_decoder.layers.1.ffn.fc2.weight')).toEqual([40, 72])
    expect(shape('cross_decoder.k_proj.weight')).toEqual([20, 40])
    expect(shape('cross_decoder.kv_layer_norm.weight')).toEqual([40])
    expect(shape('cross_decoder.layers.2.final_layer_norm.weight')).toEqual([40])
    expect(shape('layer_norm.weight')).toEqual([40])
    expect(tensors.size).toBe(3 + 3 * 11 + 3 + 3 * 7)
  })

  it('hold the names and shapes of FLA', () => {
    const tensors = tensorsIn(tinyModel('fla-retention', { seed: 1 }).bytes)
    const shape = (name: string) => tensors.get(name)?.shape
    expect(shape('model.embeddings.weight')).toEqual([277, 48])
    expect(shape('lm_head.weight')).toBeUndefined()
    expect(shape('model.self_layers.2.attn.gk_proj.weight')).toEqual([3, 48])
    expect(shape('model.self_layers.2.mlp.down_proj.weight')).toEqual([48, 84])
    expect(shape('model.self_layers.0.attn.q_proj.bias')).toBeUndefined()
    expect(shape('model.shared_kv_builder.k_proj.bias')).toEqual([12])
    expect(shape('model.cross_layers.1.attn.q_proj.bias')).toEqual([48])
    expect(shape('model.cross_layers.1.attn.q_norm.weight')).toEqual([12])
    expect(shape('model.cross_layers.1.attn.o_proj.bias')).toBeUndefined()
    expect(shape('model.cross_layers.2.attn.q_proj.weight')).toBeUndefined()
    const windowed = tensorsIn(tinyModel('fla-window', { seed: 1 }).bytes)
    expect(windowed.get('model.self_layers.1.attn.k_proj.bias')?.shape).toEqual([20])
    expect(windowed.get('lm_head.weight')?.shape).toEqual([265, 60])
  })

  it.each(['F32', 'F16', 'BF16', 'mixed'] as const)('give the values that their files hold: %s', dtype => {
    const model = tinyModel('official-window', { seed: 5, dtype, prefix: 'decoder.model.', shards: 3 })
    const tensors = tensorsIn(model.bytes)
    const stored = tensors.get('decoder.model.self_decoder.layers.1.ffn.gate.weight')!
    expect(model.tensor('self.1.ffn.up')).toEqual(stored.values)
    expect(stored.values.every(x => round(x, stored.dtype) === x)).toBe(true)
    const types = new Set([...tensors.values()].map(tensor => tensor.dtype))
    expect(types.size).toBe(dtype === 'mixed' ? 3 : 1)
    const { weight_map, metadata } = json(model, 'model.safetensors.index.json')
    expect(Object.keys(weight_map).sort()).toEqual([...tensors.keys()].sort())
    expect(new Set(Object.values(weight_map)).size).toBe(3)
    expect(metadata.total_size).toBeGreaterThan(0)
  })

  it('are the same for the same seed and others for another', () => {
    const weights = (seed: number) => tinyModel('fla-window', { seed }).bytes.get('model.safetensors')
    expect(weights(3)).toEqual(weights(3))
    expect(weights(3)).not.toEqual(weights(4))
  })

  it('have gates that shut and gates that stay open', () => {
    const model = tinyModel('official-retention', { seed: 2 })
    const reference = new ReferenceModel(model.config, model.tensor)
    const seen = reference.run(new Random(1).tokens(200, 271))
    expect([...seen.values()].every(rows => rows.every(Number.isFinite))).toBe(true)
    const decays = [0, 1, 2]
      .flatMap(i => Array.from(seen.get(`self.${i}.a`)!, Math.exp))
      .sort((a, b) => a - b)
    expect(decays[0]).toBeLessThan(0.55)
    expect(decays[300]).toBeLessThan(0.9)
    expect(decays[1199]).toBeGreaterThan(0.9999)
  })

  it.each(tinyKinds)('have a tokenizer that gives every text back: %s', kind => {
    const model = tinyModel(kind, { seed: 1 })
    const tokenizer = new Tokenizer(json(model, 'tokenizer.json'), json(model, 'tokenizer_config.json'))
    const text = 'Größe 漢字 🙂\n\ttwo  spaces'
    const ids = tokenizer.encode(text).ids
    expect(ids).toEqual([...new TextEncoder().encode(text)].map(byteId))
    expect(tokenizer.decode(ids)).toBe(text)
    expect(tokenizer.encode('<|bos|><|doc|>a<|enddoc|>').ids).toEqual([1, 6, byteId(97), 7])
    expect(Math.max(...ids)).toBeLessThan(model.config.vocabSize)
  })

  it('read as files: length, ranges and digest', async () => {
    const { files, bytes } = tinyModel('fla-window', { seed: 1 })
    const source = await files.open('model.safetensors')
    const head = new Uint8Array(8)
    await source.read(0, head)
    expect(head).toEqual(bytes.get('model.safetensors')!.slice(0, 8))
    await expect(source.read(source.size - 7, head)).rejects.toThrow(RangeError)
    await expect(files.open('absent')).rejects.toThrow('absent')
    expect(await files.digest('config.json')).toMatch(/^[0-9a-f]{64}$/)
    expect((await files.list()).sort()).toEqual(
      ['config.json', 'model.safetensors', 'tokenizer.json', 'tokenizer_config.json'].sort()
    )
  })

  it('come in large sizes too', () => {
    const model = randomModel({
      dim: 512,
      layers: 12,
      heads: 8,
      kvHeads: 2,
      ffn: 1376,
      vocab: 4096,
      window: 256
    })
    const sample = model.tensor('self.3.ffn.gate')
    const deviation = Math.sqrt(sample.reduce((sum, x) => sum + x * x, 0) / sample.length)
    expect(sample.length).toBe(1376 * 512)
    expect(deviation * Math.sqrt(512)).toBeCloseTo(1, 1)
  })
})
