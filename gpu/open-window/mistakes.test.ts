/** That the logits of model.test.ts would show a mistake: by far more than the engine may err, and where it would be made. */
import { beforeAll, describe, expect, it } from 'vitest'
import { describeGpu, device } from '../testing/gpu-testing'
import { logitsOf, openModel as open, readWhole } from '../testing/open-model'
import { Random } from '../testing/random'
import { referenceOpenWindow } from '../testing/reference-open-window'
import { relativeError } from '../testing/relative-error'
import { tinyOpenWindow } from '../testing/tiny-open-window'
import { toldLogits } from '../testing/told-logits'
import type { OpenWindowConfig } from './config'

const tolerance = 1e-4
const least = 3 * tolerance
const flat = (rows: readonly Float64Array[]): number[] => rows.flatMap(row => [...row])

describeGpu('mistakes that the engine’s logits would show', () => {
  const { config, tensor, files } = tinyOpenWindow({ seed: 1 })
  const [tokens, told] = [new Random(40).tokens(60, config.vocabSize), 40]
  let read: Float64Array[]
  let asked: Float64Array[]
  beforeAll(async () => {
    const model = await open(files, device, 'f32', 64)
    read = await logitsOf(model, tokens, { positions: tokens.slice(0, told).map((_, at) => at) })
    asked = await toldLogits(model, await readWhole(model, tokens.slice(0, told)), tokens.slice(told))
  })

  const spoilt =
    (part: string, change: (value: number, i: number) => number) =>
    (role: string): Float64Array =>
      role.endsWith(part) ? tensor(role).map(change) : tensor(role)
  /** By far more than the engine may err: where the document is read, and where the question is. */
  const errors = (otherConfig: OpenWindowConfig, other: typeof tensor, first = told) => {
    const { logits } = referenceOpenWindow(otherConfig, other, tokens, { told: first })
    return [
      relativeError(flat(read), flat(logits.slice(0, told))),
      relativeError(flat(asked), flat(logits.slice(told)))
    ] as const
  }

  it('nothing wrong', () => {
    expect(Math.max(...errors(config, tensor))).toBeLessThan(tolerance)
  })

  describe('in reading and asking', () => {
    it.each([
      ['no score of the sinks', config, spoilt('.sink', () => 0)],
      ['no values of the sinks', config, spoilt('.sinkValues', () => 0)],
      ['a wider window', { ...config, attention: { ...config.attention, window: 13 } }, tensor]
    ] as [string, OpenWindowConfig, typeof tensor][])('%s', (_, otherConfig, other) => {
      expect(Math.min(...errors(otherConfig, other))).toBeGreaterThan(least)
    })
  })

  describe('in asking alone', () => {
    it.each([
      ['another distance', { ...config, distance: 8 }],
      ['the other K/V head open', { ...config, opened: [[], [0], [0, 1], [0]] }],
      ['one of two open', { ...config, opened: [[], [1], [1], [0]] }],
      ['none open', { ...config, opened: [[], [], [], []] }]
    ] as [string, OpenWindowConfig][])('%s', (_, otherConfig) => {
      const [reading, asking] = errors(otherConfig, tensor)
      expect(reading).toBeLessThan(tolerance)
      expect(asking).toBeGreaterThan(least)
    })

    it('told a token too late', () => {
      expect(errors(config, tensor, told + 1)[1]).toBeGreaterThan(least)
    })
  })
})
