/** A random model with open windows on the engine says what PyTorch said (testing/golden/make_open_window.py), of a document and of what is told behind it. */
import { readFileSync } from 'node:fs'
import { beforeAll, expect, it } from 'vitest'
import type { Model } from '../model/model'
import { describeGpu, device } from '../testing/gpu-testing'
import { memoryFiles } from '../testing/memory-files'
import { logitsOf, openModel, readWhole } from '../testing/open-model'
import { relativeError } from '../testing/relative-error'
import { tinyTokenizerFiles } from '../testing/tiny-tokenizer'
import { toldLogits } from '../testing/told-logits'

const golden = JSON.parse(
  readFileSync(new URL('../testing/golden/open-window.json', import.meta.url), 'utf8')
) as { config: { vocab_size: number }; weights: string; tokens: number[]; told: number; logits: string }
const { tokens, told } = golden
const values = new Float32Array(Uint8Array.from(Buffer.from(golden.logits, 'base64')).buffer)
const wanted = tokens.map((_, t) =>
  values.subarray(t * golden.config.vocab_size, (t + 1) * golden.config.vocab_size)
)
const flat = (rows: readonly ArrayLike<number>[]): number[] => rows.flatMap(row => [...Array.from(row)])

describeGpu('open windows by PyTorch', () => {
  let model: Model

  beforeAll(async () => {
    const files = new Map([
      ['config.json', new TextEncoder().encode(JSON.stringify(golden.config))],
      ['model.safetensors', Uint8Array.from(Buffer.from(golden.weights, 'base64'))],
      ...tinyTokenizerFiles()
    ])
    model = await openModel(memoryFiles('golden open window', files), device, 'f32', 32)
  })

  it('every logit of the document', async () => {
    const positions = Array.from({ length: told }, (_, t) => t)
    const found = await logitsOf(model, tokens.slice(0, told), { positions, chunk: 20 })
    expect(relativeError(flat(found), flat(wanted.slice(0, told)))).toBeLessThan(1e-4)
  })

  it('every logit of what is told', async () => {
    const reading = await readWhole(model, tokens.slice(0, told), { chunk: 20 })
    const found = await toldLogits(model, reading, tokens.slice(told), 11)
    expect(relativeError(flat(found), flat(wanted.slice(told)))).toBeLessThan(1e-4)
    reading.carry.free()
    reading.pages.free()
  })
})
