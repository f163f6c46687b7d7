import { expect, it } from 'vitest'
import { softmax } from './reference'
import { samplingDistribution } from './reference-sampling'

const logits = Float64Array.of(2, 1, 2, -1, 0)
const plain = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1 }

function expectDistribution(actual: Float64Array, expected: ArrayLike<number>): void {
  expect(actual.length).toBe(expected.length)
  actual.forEach((p, id) => expect(p).toBeCloseTo(expected[id]!, 12))
}

it('is the softmax when nothing is cut', () => {
  expectDistribution(samplingDistribution(logits, plain), softmax(logits))
})

it('is certain of the first of the largest at temperature 0', () => {
  expectDistribution(samplingDistribution(logits, { ...plain, temperature: 0 }), [1, 0, 0, 0, 0])
})

it('keeps the k largest', () => {
  const [p, q] = softmax(Float64Array.of(2, 1))
  expectDistribution(samplingDistribution(Float64Array.of(2, 1, 0.5), { ...plain, topK: 2 }), [p!, q!, 0])
})

it('keeps the token that crosses the top-p line, and at least one', () => {
  const halves = Float64Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2))
  expectDistribution(samplingDistribution(halves, { ...plain, topP: 0.6 }), [0.625, 0.375, 0])
  expectDistribution(samplingDistribution(halves, { ...plain, topP: 0.01 }), [1, 0, 0])
})

it('takes top-p of what top-k left', () => {
  const values = Float64Array.from([0.4, 0.35, 0.25], Math.log)
  // Of the two kept, the first alone holds 0.533 and crosses 0.5; of all three it would not.
  expectDistribution(samplingDistribution(values, { ...plain, topK: 2, topP: 0.5 }), [1, 0, 0])
})

it('penalises earlier tokens once, towards less likely on both sides of zero', () => {
  const penalised = samplingDistribution(logits, { ...plain, repetitionPenalty: 2, earlier: [0, 3, 3] })
  expectDistribution(penalised, softmax(Float64Array.of(1, 1, 2, -2, 0)))
})
