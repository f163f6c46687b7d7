/** Folders of models that cannot be run as they lie: each is told by name, with the words that the window says in its own language. */
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { type FailureWord, inEnglish } from '../../contract/failure-words'
import { type EngineFailure, inspectModel } from '../../gpu/index'
import { tinyModel } from '../../gpu/testing/tiny-model'
import { openModelFolder } from './model-files'

const root = mkdtempSync(join(tmpdir(), 'readonce-checkpoints-'))
afterAll(() => rmSync(root, { recursive: true }))

const good = tinyModel('fla-window', { seed: 3 }).bytes
const config = JSON.parse(new TextDecoder().decode(good.get('config.json'))) as object
type Files = Record<string, Uint8Array | string | undefined>
const configured = (more: object): Files => ({
  'config.json': JSON.stringify({ ...config, model_type: 'gemma4', ...more })
})

/** What is said of the folder with these files in place of its own, where it is refused. */
async function said(name: string, changed: Files) {
  const folder = join(root, name)
  mkdirSync(folder)
  for (const [file, bytes] of Object.entries({ ...Object.fromEntries(good), ...changed }))
    if (bytes !== undefined) writeFileSync(join(folder, file), bytes)
  try {
    const files = await openModelFolder(folder)
    return await inspectModel(files).finally(() => files.close())
  } catch (error) {
    return error as EngineFailure
  }
}

const weights = good.get('model.safetensors')!
const cases: [name: string, files: Files, word: FailureWord, message: RegExp][] = [
  [
    'mlx',
    configured({ quantization: { group_size: 64, bits: 4 } }),
    'checkpointMlx',
    /packed into 4 bits by MLX/
  ],
  [
    'packed',
    configured({ quantization_config: { quant_method: 'compressed-tensors' } }),
    'checkpointPacked',
    /packed as compressed-tensors/
  ],
  [
    'gptq',
    configured({ quantization_config: { quant_method: 'gptq', bits: 4 } }),
    'checkpointPacked',
    /packed as gptq/
  ],
  ['bare', { 'tokenizer.json': undefined }, 'checkpointNoTokenizer', /bare has no tokenizer.json/],
  [
    'cut',
    { 'model.safetensors': weights.slice(0, -1000) },
    'checkpointCut',
    new RegExp(`has ${weights.length - 1000} of ${weights.length} bytes`)
  ],
  [
    'unfinished',
    { 'model.safetensors': undefined, 'model.safetensors.crdownload': weights.slice(0, 500) },
    'checkpointUnfinished',
    /model.safetensors.crdownload has not ended/
  ],
  [
    'pointer',
    { 'model.safetensors': 'version https://git-lfs.github.com/spec/v1\noid sha256:00\nsize 2458111846\n' },
    'weightsPointer',
    /is a Git LFS pointer.*2\.5 GB/
  ],
  [
    'gguf',
    { 'model.safetensors': undefined, 'gemma-4-E2B-it-Q4_0.gguf': 'GGUF\0\0\0\0\x80' },
    'weightsGguf',
    /GGUF model of llama.cpp.* and Gemma 4 E2B and E4B.*google\/gemma-4-E2B-it-qat-mobile-transformers .*E4B-it-qat-mobile/
  ],
  [
    'onnx',
    { 'model.safetensors': undefined, 'model.onnx': '\x08\x07\x12\x07pytorch\x00\x80' },
    'weightsOther',
    /model for ONNX/
  ],
  [
    'litert',
    { 'model.safetensors': undefined, 'gemma-4-E2B-it.litertlm': 'LITERTLM\0\0\0\x80' },
    'weightsOther',
    /model for MediaPipe.*google\/gemma-4-E2B-it-qat-mobile-transformers/
  ]
]

test.each(cases)('%s', async (name, files, word, message) => {
  const failure = await said(name, files)
  if (!(failure instanceof Error)) throw new Error(`${name} was taken`)
  expect(failure.message).toMatch(message)
  expect(failure.said?.name).toBe(word)
  expect(failure.message).toBe(inEnglish(word, failure.said!.values))
})

test('a folder that lacks nothing is taken', async () => {
  expect(await said('good', {})).toMatchObject({ prompted: true })
})
