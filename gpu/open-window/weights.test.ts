/** Weights in fewer bits made of a model with open windows: beside it, and as a model of their own. */
import { expect, it } from 'vitest'
import { filesWithWeights, ownWeights } from '../derived-weights'
import { describeGpu, device } from '../testing/gpu-testing'
import { inMemory, modelValues } from '../testing/made-weights'
import { openModel as open, readWhole } from '../testing/open-model'
import { Random } from '../testing/random'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow } from '../testing/tiny-open-window'
import { toldLogits } from '../testing/told-logits'
import type { ModelFiles } from '../text/byte-source'
import type { OpenWindowConfig } from './config'

const tiny = tinyOpenWindow({ seed: 2, dtype: 'F16', head: 'own' })
const tokens = new Random(6).tokens(60, tiny.config.vocabSize)
const told = 30
const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap(row => [...row])

/** The logits of a question are those of the values that the codes stand for, in f32. */
async function expectAsCoded(files: ModelFiles): Promise<(role: string) => Float64Array> {
  const { config, tensor } = await modelValues(files)
  const { logits } = referenceOpenWindow(config as OpenWindowConfig, tensor, tokens, { told })
  const model = await open(files, device, 'f32', 64)
  const { carry, pages } = await readWhole(model, tokens.slice(0, told))
  const found = await toldLogits(model, { carry, pages }, tokens.slice(told))
  carry.free()
  pages.free()
  expect(relativeError(flat(found), flat(logits.slice(told)))).toBeLessThan(1e-4)
  return tensor
}

describeGpu('weights made of a model with open windows', () => {
  it.each(['int8', 'int4'] as const)('%s: matrices in codes, sinks and norms as they were', async made => {
    const tensor = await expectAsCoded(await filesWithWeights(tiny.files, made, inMemory))
    for (const role of ['embed', 'head', 'layer.0.q', 'layer.2.k'])
      expect(tensor(role), role).not.toEqual(tiny.tensor(role))
    for (const role of ['layer.0.sink', 'layer.2.sinkValues', 'layer.3.norm2', 'norm'])
      expect(tensor(role), role).toEqual(tiny.tensor(role))
  })

  it('compact: a folder of its own, 4 bits in the embedding too', async () => {
    const source = await inMemory.keep('compact', (await ownWeights(tiny.files, 'int4', true))!)
    const tensor = await expectAsCoded({
      ...tiny.files,
      open: async name => (name === 'model.safetensors' ? source : tiny.files.open(name))
    })
    // A block of 32 values.
    expect(new Set(tensor('embed').subarray(0, 32)).size).toBeLessThanOrEqual(16)
  })
})
