import { expect, it } from 'vitest'
import { softmax } from './softmax'

it('shares leave out what must not be said, and large logits are none too large', () => {
  const shares = softmax(Float32Array.of(Math.log(0.5) + 900, -Infinity, Math.log(0.25) + 900))
  expect([...shares].map(share => Math.round(share * 1e4))).toEqual([6667, 0, 3333])
})
