import { expect, it } from 'vitest'
import { tinyKinds, tinyModel } from '../testing/tiny-model'
import { readingPlan } from './plan'

it.each(tinyKinds)('one set of keys and values as the cross-decoder has them, a part per layer: %s', kind => {
  const { config } = tinyModel(kind, { seed: 1 })
  const { kvHeads, headDim } = config.cross
  const plan = readingPlan(config)
  expect(plan.kept).toEqual([{ kvHeads, headDim }])
  expect(plan.carry.map(part => part.kind)).toEqual(
    Array(config.selfLayers).fill(config.self.kind === 'window' ? 'ring' : 'state')
  )
  expect(plan).toMatchObject({ residentPages: false, passesPerToken: config.crossLayers })
})
