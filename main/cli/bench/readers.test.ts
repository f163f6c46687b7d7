/** The readers that `readonce bench` times: models of every kind, and the Transformer that has no upper half. */
import { expect, it, vi } from 'vitest'
import { openBenchReader } from '../../../gpu/index'
import { openDawn } from '../../../gpu/node/dawn'
import { describeGpu } from '../../../gpu/testing/gpu-testing'
import { tinyOpenWindow, tinyOpenWindowConfig } from '../../../gpu/testing/tiny-open-window'
import { Output } from '../output'
import { Report } from './report'
import { randomModel, transformerOf } from './setting'
import { benchTransformer } from './transformer'

const small = (kind: Parameters<typeof randomModel>[0]) => ({
  ...randomModel(kind),
  ...{ dim: 64, ffnDim: 96, vocabSize: 256, selfLayers: 2, crossLayers: 2 },
  cross: { ...randomModel(kind).cross, heads: 4, kvHeads: 2, headDim: 16 }
})
const window = small('window')
const windows = {
  ...window,
  self: { ...window.cross, kind: 'window', kvHeads: 4, window: 64, bias: false }
} as const
const retention = small('gated-retention')
const kinds = {
  'sliding window': windows,
  'gated retention': { ...retention, self: { ...retention.self, heads: 4, headDim: 16 } },
  Transformer: transformerOf(windows, 400)
} as const

describeGpu('what bench times', () => {
  it.each(Object.entries(kinds))('%s: reads, projects, goes on behind a kept place', async (kind, config) => {
    const reader = await openBenchReader(openDawn(), config, { mostTokens: 400, longest: 64 })
    try {
      expect(await reader.readTo(200)).toBeGreaterThan(0)
      expect(await reader.project()).toBeGreaterThan(0)
      const kept = reader.keep()
      expect(await reader.again(kept, 32, 16)).toBeGreaterThan(0)
      if (kind !== 'Transformer') {
        const { first, all } = await reader.answer(kept, 3)
        expect(first).toBeGreaterThan(0)
        expect(all).toBeGreaterThan(first)
      }
      reader.restart()
      expect(await reader.readTo(100)).toBeGreaterThan(0)
    } finally {
      reader.close()
    }
  })

  const { files } = tinyOpenWindow({ seed: 5 }, { findingLayer: 2 })

  it('a model of another family: its own matrices, and the rows that its answers look at', async () => {
    const reader = await openBenchReader(openDawn(), files, { mostTokens: 3000, longest: 64 })
    try {
      const { dim, ffnDim, layers, attention } = tinyOpenWindowConfig
      const [queries, keys] = [attention.heads * attention.headDim, attention.kvHeads * attention.headDim]
      const matrices = layers * dim * (2 * queries + 2 * keys + 3 * ffnDim)
      expect(reader.weightsPerToken / matrices).toBeCloseTo(1, 1)
      await reader.readTo(2900)
      const { rows } = await reader.answer(reader.keep(), 3)
      expect(rows).toBeGreaterThan(100)
      expect(rows).toBeLessThan(2000)
    } finally {
      reader.close()
    }
  })

  it('only a YOCO is compared with a Transformer', async () => {
    const report = new Report(new Output(true))
    const remark = vi.spyOn(report, 'remark').mockReturnValue()
    const best = { gigaflops: 1, gigabytes: 1 }
    await benchTransformer({ gpu: openDawn(), files, kv: undefined, report, extent: 'quick', best })
    expect(remark.mock.calls).toEqual([[expect.stringContaining('is no YOCO')]])
  })
})
