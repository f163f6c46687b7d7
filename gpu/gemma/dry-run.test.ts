/** E2B and E4B at their whole context on Dawn's null backend, as a checkpoint in BF16 has them. A test file of its own: see testing/dry-device.ts. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../device/batch'
import { chooseToken, greedy } from '../kernels/choose-token'
import { Pages } from '../kv/pages'
import { newCarry } from '../model/model'
import { readChunk } from '../prefill'
import { dryTensors, mib, openDry } from '../testing/dry-device'
import type { GemmaConfig, LayerKind } from './config'
import { loadModel } from './model'
import { tensorTable } from './tensor-table'

const gemma4 = (
  other: Pick<GemmaConfig, 'dim' | 'own' | 'ffnDim' | 'sharedFfnDim'>,
  kvHeads: number,
  sliding: number
) => {
  const rope = { exponents: 'llama', pairs: 'half' } as const
  const shape = { heads: 8, kvHeads }
  const config: GemmaConfig = {
    ...other,
    vocabSize: 262_144,
    layers: Array.from({ length: 7 * (sliding + 1) }, (_, i): LayerKind =>
      (i + 1) % (sliding + 1) === 0 ? 'full' : 'sliding'
    ),
    sliding: { ...shape, headDim: 256, window: 512, rope: { ...rope, theta: 1e4 } },
    full: { ...shape, headDim: 512, rope: { ...rope, theta: 1e6, turned: 64 } },
    perLayerDim: 256,
    normEps: 1e-6,
    logitCap: 30,
    tiedHead: true,
    floatType: 'BF16',
    trainedLength: 131_072
  }
  return config
}

const configs = {
  E2B: gemma4({ dim: 1536, own: 15, ffnDim: 6144, sharedFfnDim: 12_288 }, 1, 4),
  E4B: gemma4({ dim: 2560, own: 24, ffnDim: 10_240, sharedFfnDim: 10_240 }, 2, 5)
}

const tensorsOf = (config: GemmaConfig) => dryTensors(tensorTable(config), 'BF16')

const tokens = 131_072

describe.each(Object.entries(configs))('Gemma 4 %s, 131,072 tokens', (name, config) => {
  it.each([
    ['software', true, 'f16', undefined],
    // With subgroup matrices, which come first.
    ['hardware', false, 'f16', undefined],
    ['hardware', false, 'int8', 'subgroups']
  ] as const)(
    'workgroups of %s: reads, answers and chooses without a complaint',
    async (shape, software, kind, kernels) => {
      const device = await openDry(software, kernels)
      const model = await loadModel(device, config, tensorsOf(config), { pages: kind, blank: true })
      expect(model.longest).toBeGreaterThanOrEqual(32)
      const pages = await Pages.allocate(device, tokens, model.layout.pageBytes)
      const carry = newCarry(model)
      const ids = Uint32Array.from({ length: tokens }, (_, i) => (i * 40_503) % config.vocabSize)
      await readChunk(model, { ids, at: 0, rows: model.longest, carry, pages })
      const rows = Math.min(model.longest, 77)
      const start = tokens - rows - 1
      await readChunk(model, { ids, at: start, rows, carry, pages }, 3)
      await device.idle()

      // One answering step: lower layers on all pages, its own row, upper layers, span sums, the choice.
      const visible = start + rows + 1
      const view = pages.view(visible, 100)
      const banks = view.map(bank => bank.rows)
      const scratch = model.allocateScratch(1, banks)
      const mass = device.buffer('scratch', 'mass', model.spanCount(banks) * 4)
      const [bits, chosen, probabilities] = [
        device.buffer('scratch', 'token bits', config.vocabSize * 4),
        device.buffer('scratch', 'chosen', 16),
        device.buffer('scratch', 'probabilities', 16)
      ]
      const choose = await chooseToken(device, config.vocabSize)
      const own = Uint32Array.of(9)
      const tokenRows = await model.tokenRows!.answering.rows(own)
      const batch = new Batch(device)
      const at = { start: visible - 1, row: visible - 1, rows: 1, tokens: own, tokenRows, pages }
      model.read(batch, { ...at, answering: true, scratch }, carry)
      await model.answer(batch, visible - 1, 1, { carry, banks: view, visible, scratch, mass })
      choose(batch, model.logits, { bits, tokens: chosen, probabilities }, 1, greedy)
      const perToken = batch.dispatches
      batch.submit()
      await device.idle()

      const memory = device.memory()
      const parts = Object.entries(memory).map(([purpose, bytes]) => `${purpose} ${mib(bytes)}`)
      console.info(
        `${name}, ${shape}, ${kind}: chunk ${model.longest}, ${pages.banks.length} banks, ${perToken} dispatches a token, ${parts.join(', ')}`
      )
      expect(memory.scratch + memory.staging).toBeLessThanOrEqual(96 << 20)
      // Two bytes a weight and what padding adds; the table of every layer's rows stays in its file.
      const weights = [...tensorsOf(config)]
        .filter(([role]) => role !== 'embed.perLayer')
        .reduce((sum, [, tensor]) => sum + tensor.end, 0)
      expect(memory.weights).toBeGreaterThanOrEqual(weights)
      expect(memory.weights).toBeLessThan(weights * 1.001)
      expect(memory.pages).toBe((tokens / 256) * model.layout.pageBytes)
      device.close()
    }
  )

  it('keeps as many bytes a token as the specification says', async () => {
    const device = await openDry(false)
    for (const [kind, bytes] of [
      ['f16', { E2B: 6144, E4B: 16_384 }],
      ['f32', { E2B: 12_288, E4B: 32_768 }]
    ] as const) {
      const model = await loadModel(device, config, tensorsOf(config), { pages: kind, blank: true })
      expect(model.layout.rowBytes).toBe(bytes[name as keyof typeof configs])
    }
    device.close()
  })
})
