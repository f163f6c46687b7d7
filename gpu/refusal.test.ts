import { describe, expect, it } from 'vitest'
import { firstToken, sharesOf } from './refusal'

describe('the first token of an answer and a refusal', () => {
  const four = Float32Array.of(0.5, 0.3, 0.15, 0.05)

  it('becomes the refusal where it is refused, whichever was chosen', () => {
    expect(firstToken(four, 0, 2, true)).toEqual({ said: 2, share: four[2] })
    expect(firstToken(four, 2, 2, true)).toBeUndefined()
  })

  it('is the likeliest other one where the refusal was chosen and it is not refused', () => {
    expect(firstToken(four, 0, 0, false)).toEqual({ said: 1, share: four[1] })
    expect(firstToken(four, 1, 0, false)).toBeUndefined()
  })

  it('shares leave out what must not be said, and large logits are none too large', () => {
    const shares = sharesOf(Float32Array.of(Math.log(0.5) + 900, -Infinity, Math.log(0.25) + 900))
    expect([...shares].map(share => Math.round(share * 1e4))).toEqual([6667, 0, 3333])
  })
})
