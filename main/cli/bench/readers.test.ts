/** The readers that `readonce bench` times: models of every kind, and the Transformer that has no upper half. */
import { expect, it } from 'vitest'
import { openBenchReader } from '../../../gpu/index'
import { openDawn } from '../../../gpu/node/dawn'
import { describeGpu } from '../../../gpu/testing/gpu-testing'
import { randomModel, transformerOf } from './setting'

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
})
