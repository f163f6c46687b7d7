import { describe, expect, test } from 'vitest'
import { openModelFolder } from './model-folder'
import { damaged, jsonText, outcome, seeded, twisted } from './testing/hostile'
import { memoryFiles } from './testing/memory-files'
import { type MemoryTensor, safetensorsBytes } from './testing/safetensors-writer'
import { readFlaConfig, readOfficialParams } from './yoco/read-config'
import { tensorTable } from './yoco/tensor-table'

const params = {
  dim: 8,
  n_layers: 2,
  hidden_dim: 6,
  n_self_heads: 2,
  n_attn_heads: 4,
  n_attn_kv_heads: 2,
  vocab_size: 10
}
const fla = {
  model_type: 'yoco',
  hidden_size: 8,
  num_hidden_layers: 3,
  num_self_decoder_layers: 1,
  vocab_size: 10,
  intermediate_size: 6,
  eos_token_id: [2, 3],
  self_decoder_attn: { type: 'swa', num_heads: 2, num_v_heads: 1, window_size: 4, qkv_bias: true },
  cross_decoder_attn: { num_heads: 2, num_kv_heads: 1, qkv_bias: true, qk_norm: true }
}
type Tensors = Record<string, MemoryTensor>

function tensorsFor(json: object, dtype = 'F16', prefix = ''): Tensors {
  const config = 'model_type' in json ? readFlaConfig({ ...json }) : readOfficialParams({ ...json })
  const bytes = dtype === 'F32' ? 4 : 2
  return Object.fromEntries(
    tensorTable(config).map(({ name, shape }) => [
      prefix + name,
      { dtype, shape, bytes: new Uint8Array(shape.reduce((a, b) => a * b, bytes)) }
    ])
  )
}
const without = (tensors: Tensors, name: string): Tensors =>
  Object.fromEntries(Object.entries(tensors).filter(([each]) => each !== name))
const officialFiles = (tensors: Tensors = tensorsFor(params), json: object = params) => ({
  'params.json': JSON.stringify(json),
  'model.safetensors': safetensorsBytes(tensors)
})
const flaFiles = (tensors: Tensors = tensorsFor(fla), json: object = fla) => ({
  'config.json': JSON.stringify(json),
  'model.safetensors': safetensorsBytes(tensors)
})
const open = (files: Record<string, Uint8Array | string>) => openModelFolder(memoryFiles('tiny', files))
const refusal = (code: string, message: RegExp) => ({
  name: 'EngineFailure',
  code,
  message: expect.stringMatching(message)
})

describe('opens', () => {
  test('the official layout, with a prefix and wrapped names', async () => {
    const names = Object.entries(tensorsFor(params, 'BF16', 'decoder.model.'))
    const tensors = Object.fromEntries(
      names.map(([name, tensor]) => [
        name.replace('layers.0.', 'layers.0._checkpoint_wrapped_module.'),
        tensor
      ])
    )
    const model = await open(officialFiles(tensors))
    expect(model.tensors.has('head')).toBe(true)
    expect(model.tensors.get('self.0.ffn.gate')).toMatchObject({
      name: 'decoder.model.self_decoder.layers.0._checkpoint_wrapped_module.ffn.fc1.weight',
      dtype: 'BF16',
      shape: [6, 8]
    })
    expect(model.tensors.get('kv.k')?.shape).toEqual([4, 8])
    expect([...model.tensors.keys()]).toEqual([
      'embed',
      'self.0.norm1',
      'self.0.q',
      'self.0.k',
      'self.0.v',
      'self.0.g',
      'self.0.gateLogit',
      'self.0.out',
      'self.0.norm2',
      'self.0.ffn.gate',
      'self.0.ffn.up',
      'self.0.ffn.down',
      'kv.norm',
      'kv.k',
      'kv.v',
      'cross.0.norm1',
      'cross.0.q',
      'cross.0.out',
      'cross.0.norm2',
      'cross.0.ffn.gate',
      'cross.0.ffn.up',
      'cross.0.ffn.down',
      'norm',
      'head'
    ])
  })

  test('a head that is left out or declared tied, listed or not', async () => {
    const tensors = tensorsFor(params)
    const headless = await open(officialFiles(without(tensors, 'output_projection.weight')))
    expect(headless.tensors.has('head')).toBe(false)
    const tied = await open(officialFiles(tensors, { ...params, share_input_output_embed: true }))
    expect(tied.tensors.has('head')).toBe(false)
    expect(
      (await open(flaFiles(tensorsFor(fla), { ...fla, tie_word_embeddings: true }))).tensors.has('head')
    ).toBe(false)
  })

  test('the fla layout with biases, query norm and rotary tables left in the file', async () => {
    const inv = { dtype: 'F32', shape: [2], bytes: new Uint8Array(8) }
    const model = await open(
      flaFiles({ ...tensorsFor(fla, 'F32'), 'model.self_layers.0.attn.rotary.inv_freq': inv })
    )
    expect(model.tensors.get('self.0.q.bias')).toMatchObject({
      name: 'model.self_layers.0.attn.q_proj.bias',
      shape: [8]
    })
    expect(model.tensors.get('self.0.k.bias')?.shape).toEqual([4])
    expect(model.tensors.get('kv.v.bias')?.name).toBe('model.shared_kv_builder.v_proj.bias')
    expect(model.tensors.get('cross.1.qNorm')).toMatchObject({
      name: 'model.cross_layers.1.attn.q_norm.weight',
      shape: [4]
    })
    expect(model.generation.eosIds).toEqual([2, 3])
  })

  test('shards, a single file of another name, the tokenizer and a template beside it', async () => {
    const entries = Object.entries(tensorsFor(params))
    const half = entries.length >> 1
    const files = {
      'params.json': JSON.stringify(params),
      'a.safetensors': safetensorsBytes(Object.fromEntries(entries.slice(0, half))),
      'b.safetensors': safetensorsBytes(Object.fromEntries(entries.slice(half))),
      'model.safetensors.index.json': JSON.stringify({
        weight_map: Object.fromEntries(
          entries.map(([name], index) => [name, index < half ? 'a.safetensors' : 'b.safetensors'])
        )
      })
    }
    const model = await open(files)
    expect(new Set([...model.tensors.values()].map(({ file }) => file))).toEqual(
      new Set(['a.safetensors', 'b.safetensors'])
    )
    const other = await open({
      'params.json': JSON.stringify(params),
      'yoco.safetensors': safetensorsBytes(tensorsFor(params)),
      'tokenizer.json': '{}',
      'tokenizer_config.json': '{"model_max_length":512}',
      'chat_template.jinja': '{{ 1 }}'
    })
    expect(other).toMatchObject({
      tokenizerConfig: '{"model_max_length":512,"chat_template":"{{ 1 }}"}',
      config: { trainedLength: 512 }
    })
    expect(new TextDecoder().decode(await other.readTokenizer())).toBe('{}')
  })

  test('digests follow the content of weights, configuration and tokenizer', async () => {
    const files = { ...officialFiles(), 'tokenizer.json': '{"a":1}' }
    const base = await (await open(files)).digests()
    const again = await (await open(files)).digests()
    const other = await (await open({ ...files, 'tokenizer.json': '{"a":2}' })).digests()
    expect(again).toEqual(base)
    expect(base.weights).toMatch(/^[0-9a-f]{64}$/)
    expect({ ...other, tokenizer: base.tokenizer }).toEqual(base)
    expect(other.tokenizer).not.toBe(base.tokenizer)
  })
})

describe('refuses by name', () => {
  const q = 'self_decoder.layers.0.mixer.q_proj.weight'
  const wrong = (tensor: Partial<MemoryTensor>) => ({
    ...tensorsFor(params),
    [q]: { ...tensorsFor(params)[q]!, ...tensor }
  })
  const weights = safetensorsBytes({})
  const cases: [string, () => Promise<unknown>, string, RegExp][] = [
    [
      'a Llama',
      () => open({ 'config.json': '{"model_type":"llama","architectures":["LlamaForCausalLM"]}' }),
      'unsupported-model',
      /Llama checkpoint \(model_type "llama", LlamaForCausalLM\)/
    ],
    [
      'Phi-4-mini-flash',
      () => open({ 'config.json': '{"model_type":"phi4flash"}' }),
      'unsupported-model',
      /Phi-4-mini-flash.*not support the family yet/
    ],
    [
      'params.json of Llama',
      () => open({ 'params.json': '{"dim":8,"n_heads":2}' }),
      'unsupported-model',
      /no n_self_heads.*Llama and Mistral/
    ],
    [
      'GGUF alone',
      () => open({ 'yoco-q4.gguf': '' }),
      'unsupported-model',
      /"yoco-q4\.gguf", a GGUF file.*google\/gemma-4-E2B-it-qat-mobile/
    ],
    [
      'GGUF beside a configuration',
      () => open({ 'params.json': JSON.stringify(params), 'x.GGUF': '' }),
      'unsupported-model',
      /"x\.GGUF", a GGUF file.*google\/gemma-4-E2B-it-qat-mobile/
    ],
    [
      'a pickle',
      () => open({ 'params.json': JSON.stringify(params), 'checkpoint.pth': '' }),
      'unsupported-model',
      /"checkpoint\.pth".*Convert them offline/
    ],
    ['an empty folder', () => open({}), 'unsupported-model', /found nothing/],
    ['no weights', () => open({ 'params.json': JSON.stringify(params) }), 'broken-model', /holds no weights/],
    [
      'several files without an index',
      () =>
        open({ 'params.json': JSON.stringify(params), 'a.safetensors': weights, 'b.safetensors': weights }),
      'broken-model',
      /2 safetensors files but no model\.safetensors\.index\.json/
    ],
    [
      'a missing tensor',
      () => open(officialFiles(without(tensorsFor(params), q))),
      'broken-model',
      /no tensor "self_decoder\.layers\.0\.mixer\.q_proj\.weight", expected one of shape \[8,8\]/
    ],
    [
      'a wrong shape',
      () => open(officialFiles(wrong({ shape: [4, 16] }))),
      'broken-model',
      /q_proj\.weight" has shape \[4,16\], expected \[8,8\]/
    ],
    [
      'a wrong dtype',
      () => open(officialFiles(wrong({ dtype: 'I16' }))),
      'unsupported-model',
      /q_proj\.weight" has dtype "I16", expected F32, F16 or BF16/
    ],
    [
      'an unknown dtype',
      () => open(officialFiles(wrong({ dtype: 'NF4' }))),
      'unsupported-model',
      /dtype "NF4"/
    ],
    [
      'a surplus tensor',
      () =>
        open(
          officialFiles({
            ...tensorsFor(params),
            extra: { dtype: 'U8', shape: [1], bytes: new Uint8Array(1) }
          })
        ),
      'broken-model',
      /tensor "extra", which this configuration has no place for/
    ],
    [
      'the other self-decoder',
      () => open(officialFiles(tensorsFor(params), { ...params, sliding_window: 4 })),
      'broken-model',
      /"self_decoder\.layers\.0\.mixer\.g_proj\.weight", which/
    ],
    [
      'a missing head in fla',
      () => open(flaFiles(without(tensorsFor(fla), 'lm_head.weight'))),
      'broken-model',
      /no tensor "lm_head\.weight"/
    ]
  ]
  test.each(cases)('%s', async (_, run, code, message) => {
    await expect(run()).rejects.toMatchObject(refusal(code, message))
  })

  test('an index that leaves the folder, names no file, or disagrees with the shards', async () => {
    const files = {
      'params.json': JSON.stringify(params),
      'a.safetensors': safetensorsBytes(tensorsFor(params))
    }
    const withMap = (map: unknown) =>
      open({ ...files, 'model.safetensors.index.json': JSON.stringify({ weight_map: map }) })
    const map = Object.fromEntries(Object.keys(tensorsFor(params)).map(name => [name, 'a.safetensors']))
    await expect(withMap(map)).resolves.toBeDefined()
    for (const path of [
      '../a.safetensors',
      '/etc/a.safetensors',
      'x\\a.safetensors',
      'c:a.safetensors',
      'a.bin',
      7
    ]) {
      await expect(withMap({ ...map, [q]: path })).rejects.toMatchObject(
        refusal('broken-model', /expected a plain name/)
      )
    }
    await expect(withMap({ ...map, [q]: 'b.safetensors' })).rejects.toMatchObject(
      refusal('broken-model', /"b\.safetensors", which is not in the folder/)
    )
    await expect(withMap({ ...map, ghost: 'a.safetensors' })).rejects.toMatchObject(
      refusal('broken-model', /places "ghost" in "a\.safetensors", which does not hold it/)
    )
    await expect(withMap(without(map as never, q))).rejects.toMatchObject(
      refusal('broken-model', /a\.safetensors holds .*q_proj/)
    )
    await expect(withMap(undefined)).rejects.toMatchObject(refusal('broken-model', /weight_map/))
  })
})

test('300 folders with damaged or twisted configurations, indices and weights', async () => {
  const random = seeded(21)
  const seen = new Map<string, number>()
  for (let index = 0; index < 300; index++) {
    const files: Record<string, Uint8Array | string> = index % 2 === 0 ? officialFiles() : flaFiles()
    const name = index % 2 === 0 ? 'params.json' : 'config.json'
    const json = index % 2 === 0 ? params : fla
    if (index % 3 === 0) files[name] = jsonText(twisted(random, json))
    else if (index % 3 === 1) files[name] = damaged(random, new TextEncoder().encode(JSON.stringify(json)))
    else files['model.safetensors'] = damaged(random, files['model.safetensors'] as Uint8Array)
    const result = await outcome(() => open(files))
    seen.set(result, (seen.get(result) ?? 0) + 1)
  }
  expect((seen.get('broken-model') ?? 0) + (seen.get('unsupported-model') ?? 0)).toBeGreaterThan(150)
})
