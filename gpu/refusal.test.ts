import { describe, expect, it } from 'vitest'
import { firstToken } from './refusal'

const logits = (...shares: number[]) => Float32Array.from(shares, Math.log)

describe('the first token of an answer and a refusal', () => {
  const four = logits(0.5, 0.3, 0.15, 0.05)

  it('becomes the refusal from its bar on, whichever was chosen', () => {
    expect(firstToken(four, 0, 2, 0.149)).toEqual({ said: 2, share: expect.closeTo(0.15, 6) })
    expect(firstToken(four, 0, 2, 0.151)).toBeUndefined()
  })

  it('is the likeliest other one where the refusal was chosen below its bar', () => {
    expect(firstToken(four, 0, 0, 0.51)).toEqual({ said: 1, share: expect.closeTo(0.3, 6) })
    expect(firstToken(four, 0, 0, 0.49)).toBeUndefined()
  })

  it('is none that must not be said, and shares are those without it', () => {
    const without = four.with(1, -Infinity)
    expect(firstToken(without, 0, 0, 0.9)).toEqual({ said: 2, share: expect.closeTo(0.15 / 0.7, 6) })
  })
})
