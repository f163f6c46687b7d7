/**
 * How long reading will take, from what this computer did before and from a measurement of now; page and command line must
 * agree. A probe reads made-up tokens for a third of a second and saves nothing, so reading is two to four times slower
 * than it says, on one computer always by about the same factor: that factor is learnt from the readings.
 */

/** One reading, or the part of one that was read in one go. */
export interface ReadingSpeed {
  /** Of the model, see model-key.ts. */
  readonly modelKey: string
  readonly adapter: string
  readonly tokens: number
  readonly seconds: number
  /** Tokens a second by the probe before it, where there was one. */
  readonly probed?: number
  /** ISO 8601. */
  readonly at: string
}

export interface ReadingTime {
  /** The likeliest. */
  readonly seconds: number
  /** Both the same as `seconds` where probe and experience agree. */
  readonly least: number
  readonly most: number
}

/** Each reading counts this much less than the one after it. */
const fading = 0.6
/** Readings shorter than this tell less: beginning and end weigh more in them than reading. Below `least` they tell nothing. */
const telling = { full: 10, least: 0.5 }
/** Speeds that differ by less than this factor are one. */
const agreement = 1.3

/** `records`: of this model on this adapter, in any order. Speeds in tokens a second. */
export function readingTime(tokens: number, probed: number, records: readonly ReadingSpeed[]): ReadingTime {
  const expected = learnt(records, ({ tokens, seconds }) => tokens / seconds)
  const factor = learnt(
    records.filter(each => each.probed !== undefined),
    ({ tokens, seconds, probed = 1 }) => tokens / seconds / probed
  )
  const now = probed * (factor ?? 1)
  const before = expected ?? now
  const speed = Math.sqrt(now * before)
  const differ = Math.max(now, before) / Math.min(now, before) > agreement
  return {
    seconds: tokens / speed,
    least: tokens / (differ ? Math.max(now, before) : speed),
    most: tokens / (differ ? Math.min(now, before) : speed)
  }
}

/** Seconds, by earlier readings alone; undefined where there are none that tell. */
export function timeBefore(tokens: number, records: readonly ReadingSpeed[]): number | undefined {
  const expected = learnt(records, each => each.tokens / each.seconds)
  return expected === undefined ? undefined : tokens / expected
}

/**
 * How many times as long a token takes with another model, by multiplications for a token of both. A larger model keeps a
 * processor busier: 31 times the work took 25 times as long (lavapipe, two loaded cores; two layers of 192 against eight of
 * 576 in 4 bits).
 */
export const likelyRatio = (from: number, to: number): number => (to / from) ** 0.94

/**
 * Seconds that another model takes for `tokens`, of which nothing is measured now: by its earlier readings (`records`) or else by what the loaded one
 * takes for `known.tokens` and how many times as long the other takes for a token.
 */
export async function timeElsewhere(
  tokens: number,
  records: readonly ReadingSpeed[],
  known: { readonly tokens: number; readonly seconds: number },
  ratio: () => number | Promise<number>
): Promise<number> {
  const before = timeBefore(tokens, records)
  // A document that was read has nothing left to compare by; then the seconds of a token are.
  return before ?? (tokens / Math.max(1, known.tokens)) * known.seconds * (await ratio())
}

/** Whether a reading tells enough to be remembered. */
export const isTelling = ({ tokens, seconds }: Pick<ReadingSpeed, 'tokens' | 'seconds'>): boolean =>
  tokens >= 256 && seconds >= telling.least

/** The mean of what the records say, of ratios: the geometric one. The newest and the longest weigh most. */
function learnt(
  records: readonly ReadingSpeed[],
  ratioOf: (record: ReadingSpeed) => number
): number | undefined {
  const newestFirst = records.toSorted((a, b) => (a.at < b.at ? 1 : -1))
  let [sum, weights] = [0, 0]
  for (const [age, record] of newestFirst.entries()) {
    const weight = fading ** age * Math.min(1, record.seconds / telling.full)
    sum += weight * Math.log(ratioOf(record))
    weights += weight
  }
  return weights > 0 ? Math.exp(sum / weights) : undefined
}

/** Characters of a word and the space behind it, in English and German prose about. */
const charactersPerWord = 6

/** From seconds for each token of an answer to seconds for each word, in a text of so many tokens and characters. */
export const secondsPerWord = (perToken: number, tokens: number, characters: number): number =>
  characters === 0 ? perToken : (perToken * tokens * charactersPerWord) / characters
