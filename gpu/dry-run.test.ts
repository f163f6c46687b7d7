/**
 * YOCO-3B at a million tokens on Dawn's null backend, which computes nothing but checks every pipeline, binding, size
 * and limit, on any computer. A test file of its own: the backend is chosen once per process.
 */
import { describe, expect, it } from 'vitest'
import { Batch } from './device/batch'
import { chooseToken, greedy } from './kernels/choose-token'
import { Pages } from './kv/pages'
import { newCarry } from './model/model'
import { readChunk } from './prefill'
import { dryTensors, mib, openDry } from './testing/dry-device'
import type { ModelConfig } from './yoco/config'
import { loadModel } from './yoco/model'
import { tensorTable } from './yoco/tensor-table'

const rope = { theta: 80e6, exponents: 'yoco', pairs: 'interleaved' } as const
const sizes = { heads: 24, headDim: 128, rope, bias: false }

const yoco3b = (self: ModelConfig['self']): ModelConfig => ({
  layout: 'official',
  vocabSize: 100_288,
  dim: 3072,
  ffnDim: 8192,
  normEps: 1e-5,
  selfLayers: 13,
  crossLayers: 13,
  self,
  cross: { ...sizes, kvHeads: 8, queryNorm: false },
  tiedHead: false,
  trainedLength: undefined
})

const configs = {
  'gated retention': yoco3b({ ...sizes, kind: 'gated-retention', gateNormalizer: 16 }),
  'a window of 1024': yoco3b({ ...sizes, kind: 'window', kvHeads: 24, window: 1024 })
}

/** Tensors as a checkpoint in halves would have them, without one. */
const tensorsOf = (config: ModelConfig) => dryTensors(tensorTable(config), 'F16')

const tokens = 1_000_000

describe.each(Object.entries(configs))('YOCO-3B with %s, a million tokens', (name, config) => {
  it.each([
    ['software', true],
    // With subgroup matrices, which come first.
    ['hardware', false],
    ['hardware', false, 'tiles'],
    ['hardware', false, 'subgroups']
  ] as const)('workgroups of %s: reads, answers and chooses without a complaint', async (...of) => {
    const [shape, software, kernels] = of
    const device = await openDry(software, kernels)
    expect(device.limits.maxStorageBufferBindingSize).toBe(128 << 20)
    expect(device.limits.maxComputeWorkgroupStorageSize).toBe(16384)
    const model = await loadModel(device, config, tensorsOf(config), { pages: 'f16', blank: true })
    expect(model.longest).toBeGreaterThanOrEqual(32)
    const pages = await Pages.allocate(device, tokens, model.layout.pageBytes)
    // Pages of 1 MiB, 128 to a bank.
    expect(pages.banks.length).toBe(Math.ceil(tokens / 256 / 128))
    expect(pages.capacity).toBeGreaterThanOrEqual(tokens)

    const carry = newCarry(model)
    const ids = new Uint32Array(tokens)
    readChunk(model, { ids, at: 0, rows: model.longest, carry, pages })
    // The chunk that ends in an odd place, its layers spread over submits.
    const [start, rows] = [999_000, Math.min(model.longest, 77)]
    readChunk(model, { ids, at: start, rows, carry, pages }, 3)
    await device.idle()

    // One answering step: embedding, lower half, its own row, upper half over all banks, span sums, both ways to choose.
    const visible = start + rows + 1
    const view = pages.view(visible, 100)
    expect(view.length).toBe(pages.banks.length)
    const scratch = model.allocateScratch(
      1,
      view.map(bank => bank.rows)
    )
    const mass = device.buffer('scratch', 'mass', model.spanCount(view.map(bank => bank.rows)) * 4)
    const [bits, chosen, probabilities] = [
      device.buffer('scratch', 'token bits', config.vocabSize * 4),
      device.buffer('scratch', 'chosen', 16),
      device.buffer('scratch', 'probabilities', 16)
    ]
    const choose = await chooseToken(device, config.vocabSize)
    const batch = new Batch(device)
    const own = { start: visible - 1, row: visible - 1, rows: 1, tokens: { buffer: chosen, first: 0 } }
    model.read(batch, { ...own, pages, answering: true }, carry)
    await model.answer(batch, visible - 1, 1, { carry, banks: view, visible, scratch, mass })
    const choices = { bits, tokens: chosen, probabilities }
    choose(batch, model.logits, choices, 1, greedy)
    choose(batch, model.logits, choices, 2, { ...greedy, temperature: 0.7, topK: 40, topP: 0.9 })
    batch.submit()
    await device.idle()

    const memory = device.memory()
    console.info(
      `${name}, ${shape}: chunk ${model.longest}, ${pages.banks.length} banks, ` +
        Object.entries(memory)
          .map(([purpose, bytes]) => `${purpose} ${mib(bytes)}`)
          .join(', ') +
        `; this process ${mib(process.memoryUsage().rss)}`
    )
    expect(memory.scratch + memory.staging).toBeLessThanOrEqual(64 << 20)
    // Two bytes a weight, and what padding to panels of 32 outputs adds.
    const weights = [...tensorsOf(config).values()].reduce((sum, tensor) => sum + tensor.end, 0)
    expect(memory.weights).toBeGreaterThanOrEqual(weights)
    expect(memory.weights).toBeLessThan(weights * 1.001)
    expect(memory.pages).toBe(Math.ceil(tokens / 256) * 256 * 4096)
    expect(process.memoryUsage().rss).toBeLessThan(2 * 2 ** 30)
    device.close()
  })
})

it('the backend sees what is wrong', async () => {
  const device = await openDry(true)
  const source = {
    name: 'any',
    wgsl: '@group(0) @binding(0) var<storage, read_write> x: array<u32>; @compute @workgroup_size(64) fn main() { x[0] = 1u; }'
  }
  const kernel = await device.compile(source, {})
  const large = device.raw.createBuffer({ size: (128 << 20) + 16, usage: 0x80 })
  const batch = new Batch(device)
  batch.run(kernel, [large], {}, [1])
  batch.submit()
  await expect(device.idle()).rejects.toThrow(/WebGPU: .*134217744.*larger than the maximum/)
  device.close()
})
