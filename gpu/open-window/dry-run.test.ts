/** SmolLM2 with open windows at 131,072 tokens on Dawn's null backend, in halves. A test file of its own: see testing/dry-device.ts. */
import { describe, expect, it } from 'vitest'
import { Batch } from '../device/batch'
import { chooseToken, greedy } from '../kernels/choose-token'
import { Pages } from '../kv/pages'
import { newCarry } from '../model/model'
import { readChunk } from '../prefill'
import { dryTensors, mib, openDry } from '../testing/dry-device'
import type { OpenWindowConfig } from './config'
import { loadModel } from './model'
import { tensorTable } from './tensor-table'

/** `openHeads`: by layer. */
const smol = (
  sizes: Pick<OpenWindowConfig, 'dim' | 'layers' | 'ffnDim'>,
  heads: number,
  openHeads: Readonly<Record<number, readonly number[]>>
): OpenWindowConfig => ({
  ...sizes,
  vocabSize: 49_152,
  normEps: 1e-5,
  attention: {
    ...{ heads, kvHeads: heads / 3, headDim: 64, window: 512, sinks: true },
    rope: { theta: 100_000, exponents: 'llama', pairs: 'half' }
  },
  opened: Array.from({ length: sizes.layers }, (_, layer) => openHeads[layer] ?? []),
  distance: 128,
  tiedHead: true,
  trainedLength: 32_768
})

const configs = {
  '135M': smol({ dim: 576, layers: 30, ffnDim: 1536 }, 9, { 7: [2], 8: [0], 18: [2], 23: [0, 2] }),
  '360M': smol({ dim: 960, layers: 32, ffnDim: 2560 }, 15, { 9: [4], 14: [0, 1, 2, 3, 4], 31: [3] })
}

const tensorsOf = (config: OpenWindowConfig) => dryTensors(tensorTable(config), 'F16')

const tokens = 131_072

describe.each(Object.entries(configs))('SmolLM2-%s with open windows, 131,072 tokens', (name, config) => {
  it.each([
    ['software', true, 'f16', undefined],
    // With subgroup matrices, which come first.
    ['hardware', false, 'f16', undefined],
    ['hardware', false, 'int8', 'subgroups']
  ] as const)(
    'workgroups of %s: reads, is asked, answers and chooses without a complaint',
    async (shape, software, kind, kernels) => {
      const device = await openDry(software, kernels)
      const model = await loadModel(device, config, tensorsOf(config), { pages: kind, blank: true })
      expect(model.longest).toBeGreaterThanOrEqual(32)
      const pages = await Pages.allocate(device, tokens, model.layout.pageBytes)
      const carry = newCarry(model)
      const ids = Uint32Array.from({ length: tokens }, (_, i) => (i * 40_503) % config.vocabSize)
      await readChunk(model, { ids, at: 0, rows: model.longest, carry, pages })
      const rows = Math.min(model.longest, 77)
      const start = tokens - rows
      await readChunk(model, { ids, at: start, rows, carry, pages }, 3)
      await device.idle()

      // A question of two chunks, its last token as the row of an answer, and the choice of the token behind it.
      const asked = Math.min(model.longest, 50)
      const own = await Pages.allocate(device, 256, model.layout.pageBytes)
      const before = pages.view(tokens, 100)
      const banks = [...before.map(bank => bank.rows), own.capacity]
      const scratch = model.allocateScratch(1, banks)
      const mass = device.buffer('scratch', 'mass', model.spanCount(banks) * 4)
      const question = { start: tokens, rows: asked, tokens: ids.slice(0, asked), before }
      const batch = new Batch(device)
      model.read(batch, { ...question, pages: own, row: 0 }, carry)
      batch.submit()
      const answer = new Batch(device)
      const last = { start: tokens + asked, row: asked, rows: 1, tokens: Uint32Array.of(9), before }
      model.read(answer, { ...last, pages: own, answering: true, scratch, mass }, carry)
      const visible = tokens + asked + 1
      const view = { carry, banks: [...before, ...own.view(asked + 1, 0)], visible, scratch, mass }
      await model.answer(answer, visible - 1, 1, view)
      const [bits, chosen, probabilities] = [
        device.buffer('scratch', 'token bits', config.vocabSize * 4),
        device.buffer('scratch', 'chosen', 16),
        device.buffer('scratch', 'probabilities', 16)
      ]
      const choose = await chooseToken(device, config.vocabSize)
      choose(answer, model.logits, { bits, tokens: chosen, probabilities }, 1, greedy)
      const perToken = answer.dispatches
      answer.submit()
      await device.idle()

      const memory = device.memory()
      const parts = Object.entries(memory).map(([purpose, bytes]) => `${purpose} ${mib(bytes)}`)
      console.info(
        `SmolLM2-${name}, ${shape}, ${kind}: chunk ${model.longest}, ${pages.banks.length} banks, ${perToken} dispatches a token, ${parts.join(', ')}`
      )
      expect(memory.scratch + memory.staging).toBeLessThanOrEqual(96 << 20)
      const weights = [...tensorsOf(config).values()].reduce((sum, tensor) => sum + tensor.end, 0)
      expect(memory.weights).toBeGreaterThanOrEqual(weights)
      // Norms and sinks are f32 there.
      expect(memory.weights).toBeLessThan(weights * 1.002)
      expect(memory.pages).toBe((tokens / 256 + 1) * model.layout.pageBytes)
      device.close()
    }
  )
})
