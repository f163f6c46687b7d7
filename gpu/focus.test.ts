import { expect, it } from 'vitest'
import { passagesToSee, toAnswer, toRefuse } from './focus'
import { spanTokens } from './kernels/page-attention'

/** Attention by span of a document, all small except where it is said. */
function attention(rows: number, strong: Readonly<Record<number, number>>): Float32Array {
  const mass = new Float32Array(Math.ceil(rows / spanTokens)).fill(0.001)
  for (const [span, value] of Object.entries(strong)) mass[Number(span)] = value
  return mass
}

it('the strongest blocks of 32 rows with two on either side, and the beginning', () => {
  expect(passagesToSee(attention(4000, { 20: 1, 61: 0.9, 200: 0.8 }), 4000, 2, toRefuse)).toEqual([
    { first: 0, end: 16 },
    { first: 256, end: 416 },
    { first: 896, end: 1056 },
    { first: 3136, end: 3296 }
  ])
})

it('neighbours are one passage, the ends of the text are its ends', () => {
  expect(passagesToSee(attention(1003, { 0: 1, 5: 0.9, 62: 0.8 }), 1003, 2, toRefuse)).toEqual([
    { first: 0, end: 160 },
    { first: 928, end: 1003 }
  ])
})

it.each([
  [
    'a refusal, three blocks at least, further ones where they have half of the best',
    toRefuse,
    [3, 8, 3, 12]
  ],
  ['an answer, the best block alone, further ones where they have 0.7 of it', toAnswer, [3, 1, 1, 12]]
])('for %s, twelve at most', (_, choice, counts) => {
  const blocks = (count: number, equal: number, share: number): number => {
    const strong = Object.fromEntries(
      Array.from({ length: count }, (_, i) => [20 * i + 20, i < equal ? 1 : share])
    )
    return passagesToSee(attention(12_000, strong), 12_000, 2, choice).length - 1
  }
  expect([blocks(3, 3, 1), blocks(8, 1, 0.6), blocks(8, 1, 0.4), blocks(20, 3, 0.9)]).toEqual(counts)
})
