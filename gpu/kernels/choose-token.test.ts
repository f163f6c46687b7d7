import { describe, expect, it } from 'vitest'
import {
  bufferOf,
  describeGpu,
  deviceWith,
  run,
  tensorOf,
  type Workgroups,
  wordsOf,
  workgroups
} from '../testing/gpu-testing'
import { Random } from '../testing/random'
import { choiceProbability, ranking, samplingDistribution } from '../testing/reference-sampling'
import { chooseToken, greedy, tokenBits, type Sampling, uniform } from './choose-token'

const untouched = 0xdeadbeef

/** Draws `count` tokens from the same logits, each with the bits as given. */
async function draw(
  logits: ArrayLike<number>,
  sampling: Sampling,
  count = 1,
  marked: ReadonlyMap<number, number> = new Map(),
  shape: Workgroups = 'software'
): Promise<{ tokens: Uint32Array; bitsAfter: Uint32Array; probabilities: Float32Array }> {
  const device = deviceWith(shape)
  const choose = await chooseToken(device, logits.length)
  const words = new Uint32Array(logits.length + 1)
  for (const [id, mark] of marked) words[id] = mark
  // The row behind the logits, as wide as they are, is poison.
  const padded = Math.ceil(logits.length / 4) * 4
  const input = tensorOf(
    Array.from({ length: padded }, (_, i) => logits[i] ?? NaN),
    padded,
    2
  )
  const tokens = bufferOf(new Uint32Array(count + 1).fill(untouched))
  const probabilities = bufferOf(new Uint32Array(count + 1).fill(untouched))
  const [initial, now] = [bufferOf(words), bufferOf(words)]
  for (let at = 0; at < count; at += 250) {
    await run(batch => {
      for (let step = at; step < Math.min(count, at + 250); step++) {
        batch.copy(initial, 0, now, 0, words.byteLength)
        choose(batch, input, { bits: now, tokens, probabilities }, step, sampling)
      }
    }, device)
  }
  const found = await wordsOf(tokens, count + 1)
  expect(found[count], 'only the asked-for place is written').toBe(untouched)
  const shares = await wordsOf(probabilities, count + 1)
  expect(shares[count], 'only the asked-for place is written').toBe(untouched)
  return {
    tokens: found.subarray(0, count),
    bitsAfter: await wordsOf(now, logits.length),
    probabilities: new Float32Array(Uint32Array.from(shares).buffer, 0, count)
  }
}

const first = async (...of: Parameters<typeof draw>): Promise<number> => (await draw(...of)).tokens[0]!

describeGpu('top-token', () => {
  // 16 or 256 lanes: below, at and above a workgroup, and several.
  it.each(workgroups)('%s workgroups: the largest logit, wherever it is', async shape => {
    for (const vocabulary of [1, 2, 15, 16, 17, 255, 256, 257, 1003]) {
      const logits = new Random(vocabulary).normals(vocabulary).map(Math.fround)
      for (const at of [0, vocabulary >> 1, vocabulary - 1]) {
        const raised = logits.map((x, i) => (i === at ? 9 : x))
        expect(await first(raised, greedy, 1, undefined, shape), `${at} of ${vocabulary}`).toBe(at)
      }
    }
  })

  it.each(workgroups)('%s workgroups: the lowest id wins a tie', async shape => {
    for (const ties of [
      [0, 999],
      [17, 16],
      [500, 3, 700],
      [999, 998],
      [256 + 5, 5]
    ]) {
      const logits = new Float64Array(1000).fill(-1)
      for (const id of ties) logits[id] = 2.5
      expect(await first(logits, greedy, 1, undefined, shape), `${ties}`).toBe(Math.min(...ties))
    }
    expect(await first(new Float64Array(1000), greedy, 1, undefined, shape)).toBe(0)
  })

  it('never chooses a suppressed token and marks the chosen one as seen', async () => {
    const logits = Float64Array.of(1, 9, 8, -1, 5)
    const suppressed = new Map([
      [1, tokenBits.suppressed],
      [2, tokenBits.suppressed | tokenBits.seen]
    ])
    const { tokens, bitsAfter } = await draw(logits, greedy, 1, suppressed)
    expect([...tokens]).toEqual([4])
    expect([...bitsAfter]).toEqual([
      0,
      tokenBits.suppressed,
      tokenBits.suppressed | tokenBits.seen,
      0,
      tokenBits.seen
    ])
  })

  it('penalises repetition on both sides of zero', async () => {
    const penalty = { ...greedy, repetitionPenalty: 2 }
    const seen = new Map([[1, tokenBits.seen]])
    expect(await first(Float64Array.of(4, 7.9), penalty, 1, seen)).toBe(0)
    expect(await first(Float64Array.of(4, 8.1), penalty, 1, seen)).toBe(1)
    expect(await first(Float64Array.of(-4, -1.9), penalty, 1, seen)).toBe(1)
    expect(await first(Float64Array.of(-4, -2.1), penalty, 1, seen)).toBe(0)
  })

  it('negative logits only', async () => {
    expect(await first(Float64Array.of(-1e30, -80, -79, -1e4), greedy)).toBe(2)
  })
})

describeGpu('sample-token', () => {
  const base: Sampling = { temperature: 1, topK: 0, topP: 1, repetitionPenalty: 1, seed: 11 }
  const logits = new Random(5).normals(203, 2).map(Math.fround)
  const seen = new Map([
    [ranking(logits)[0]!, tokenBits.seen],
    [ranking(logits)[150]!, tokenBits.seen]
  ])

  const settings: [string, Partial<Sampling>][] = [
    ['as they are', {}],
    ['temperature 0.5', { temperature: 0.5 }],
    ['temperature 3', { temperature: 3 }],
    ['top-k 5', { topK: 5 }],
    ['top-k beyond the vocabulary', { topK: 5000 }],
    ['top-p 0.6', { topP: 0.6 }],
    ['top-k 20, top-p 0.8, temperature 1.5', { topK: 20, topP: 0.8, temperature: 1.5 }],
    ['repetition penalty 1.7, top-k 8', { repetitionPenalty: 1.7, topK: 8 }],
    ['a top-p that one token fills', { topP: 0.01 }]
  ]

  // 256 lanes take a software adapter some milliseconds a draw, so that shape gets one setting that uses everything.
  it.each([
    ...settings.map(([name, change]) => ['software', 2000, name, change] as const),
    ['hardware', 400, 'top-k 20, top-p 0.8', { topK: 20, topP: 0.8 }] as const
  ])(
    '%s workgroups, %i draws, %s: frequencies are the probabilities, and nothing outside the set',
    async (shape, draws, _name, change) => {
      const sampling = { ...base, ...change }
      const { tokens } = await draw(logits, sampling, draws, seen, shape)
      const exact = samplingDistribution(logits, { ...sampling, earlier: [...seen.keys()] })
      const counts = new Float64Array(logits.length)
      for (const token of tokens) counts[token]!++
      counts.forEach((count, id) => {
        if (exact[id] === 0) expect(count, `token ${id} is outside the set`).toBe(0)
      })
      // Chi-square over tokens expected five times or more, the rest in one bin: mean = bins, deviation = sqrt(2 bins).
      let [chi, bins, rest, restCount] = [0, 0, 0, 0]
      exact.forEach((p, id) => {
        if (p * draws < 5) [rest, restCount] = [rest + p * draws, restCount + counts[id]!]
        else [chi, bins] = [chi + (counts[id]! - p * draws) ** 2 / (p * draws), bins + 1]
      })
      if (rest > 1) [chi, bins] = [chi + (restCount - rest) ** 2 / rest, bins + 1]
      expect(chi).toBeLessThan(bins + 4 * Math.sqrt(2 * bins))
    }
  )

  it('the same seed says the same, another seed something else', async () => {
    const once = await draw(logits, base, 40)
    expect((await draw(logits, base, 40)).tokens).toEqual(once.tokens)
    expect((await draw(logits, { ...base, seed: 12 }, 40)).tokens).not.toEqual(once.tokens)
  })

  it('top-k 1 is greedy', async () => {
    const { tokens } = await draw(logits, { ...base, topK: 1, temperature: 2 }, 50)
    expect(new Set(tokens)).toEqual(new Set([ranking(logits)[0]]))
  })

  it('never chooses a suppressed token, even when nothing else is likely', async () => {
    const peaked = Float64Array.from({ length: 50 }, (_, i) => (i === 7 ? 60 : 0))
    const suppressed = new Map([
      [7, tokenBits.suppressed],
      [3, tokenBits.suppressed]
    ])
    for (const change of [{}, { topK: 50 }, { topP: 0.9 }, { topK: 2, topP: 0.5 }]) {
      const { tokens } = await draw(peaked, { ...base, ...change }, 200, suppressed)
      expect(
        [...tokens].filter(token => token === 7 || token === 3),
        JSON.stringify(change)
      ).toEqual([])
    }
  })

  it('a tie at the edge of top-k keeps all of the tied: none of them is likelier', async () => {
    const tied = Float64Array.from({ length: 40 }, (_, i) => (i === 20 ? 3 : i % 4 === 0 ? 1 : -5))
    const { tokens } = await draw(tied, { ...base, topK: 3 }, 300)
    expect([...tokens].every(token => token % 4 === 0)).toBe(true)
    expect(new Set(tokens).size).toBe(10)
  })
})

describeGpu('the probability of the choice', () => {
  // exp in WGSL may be 3 + 2|x| units in the last place off: at -20 that is 3e-6.
  const near = 1e-5
  const penalty = { ...greedy, repetitionPenalty: 1.4 }
  const drawn: Sampling = { temperature: 0.6, topK: 12, topP: 0.8, repetitionPenalty: 1.4, seed: 5 }

  it.each(workgroups)('%s workgroups, greedy: the f64 reference', async shape => {
    for (const vocabulary of [1, 2, 15, 16, 17, 255, 256, 257, 1003, 8192]) {
      for (const spread of [0.1, 2, 12]) {
        const logits = new Random(vocabulary).normals(vocabulary, spread).map(Math.fround)
        const { tokens, probabilities } = await draw(logits, greedy, 1, undefined, shape)
        const expected = choiceProbability(logits, tokens[0]!)
        expect(Math.abs(probabilities[0]! / expected - 1), `${vocabulary} x ${spread}`).toBeLessThan(near)
      }
    }
  })

  it.each(workgroups)(
    '%s workgroups: penalty and suppressed tokens count as they are compared',
    async shape => {
      const logits = new Random(3).normals(700, 3).map(Math.fround)
      const [best, second, third] = ranking(logits)
      const marked = new Map([
        [best!, tokenBits.suppressed],
        [second!, tokenBits.seen],
        [699, tokenBits.suppressed | tokenBits.seen]
      ])
      const options = { penalty: 1.4, seen: [second!, 699], suppressed: [best!, 699] }
      for (const sampling of [penalty, drawn]) {
        const { tokens, probabilities } = await draw(logits, sampling, 20, marked, shape)
        for (const [at, token] of tokens.entries()) {
          const expected = choiceProbability(logits, token, options)
          expect(Math.abs(probabilities[at]! / expected - 1), `token ${token}`).toBeLessThan(near)
        }
      }
      expect((await draw(logits, penalty, 1, marked, shape)).tokens[0]).toBe(third)
    }
  )

  it('large logits of one sign neither overflow nor vanish', async () => {
    for (const shift of [-1e4, 1e4, -80, 80]) {
      const { probabilities } = await draw(Float64Array.of(shift, shift, shift - 1), greedy)
      expect(probabilities[0]).toBeCloseTo(1 / (2 + Math.exp(-1)), 5)
    }
    expect((await draw(Float64Array.of(-1e30, 7, -1e30), greedy)).probabilities[0]).toBe(1)
  })

  it('is 0 where every token is suppressed', async () => {
    const all = new Map([0, 1, 2].map(id => [id, tokenBits.suppressed]))
    for (const sampling of [greedy, drawn])
      expect((await draw(Float64Array.of(1, 2, 3), sampling, 1, all)).probabilities[0]).toBe(0)
  })
})

describe('uniform', () => {
  it('is even over [0, 1) and the same for ever', () => {
    expect([uniform(0, 0), uniform(1, 0), uniform(0, 1)]).toEqual([
      uniform(0, 0),
      uniform(1, 0),
      uniform(0, 1)
    ])
    const bins = new Float64Array(20)
    for (let step = 0; step < 20_000; step++) bins[Math.floor(uniform(77, step) * 20)]!++
    for (const count of bins) expect(Math.abs(count - 1000)).toBeLessThan(150)
  })
})
