/**
 * Seeded damage to files, and the promise that every reader of a model folder keeps: a valid result or an
 * EngineFailure that speaks to people, within two seconds of work.
 */
import { EngineFailure } from '../failure'
import { stopwatch } from './stopwatch'

export type Random = () => number

/** mulberry32: the same cases on every computer. */
export function seeded(seed: number): Random {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let t = state
    t = Math.imul(t ^ (t >>> 15), t | 1)
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61)
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32
  }
}

export const below = (random: Random, limit: number) => Math.floor(random() * limit)
export const pick = <T>(random: Random, from: readonly T[]): T => from[below(random, from.length)]!

/** Values that configurations get wrong, by accident or on purpose. */
export const nastyValues: readonly unknown[] = [
  null,
  undefined,
  true,
  false,
  -1,
  0,
  1,
  2,
  3,
  0.5,
  1e308,
  -1e308,
  Number.NaN,
  Number.POSITIVE_INFINITY,
  2 ** 31,
  2 ** 53,
  2 ** 53 - 1,
  1e-320,
  '',
  '1',
  'NaN',
  '__proto__',
  '\u0000',
  'x'.repeat(10_000),
  [],
  [1],
  [[]],
  {},
  { a: 1 },
  ['__proto__'],
  { __proto__: null, type: 'Sequence' },
  { toString: 1 },
  { length: 1e9 }
]

/** One to three bytes changed, removed, doubled, or the end cut off. */
export function damaged(random: Random, bytes: Uint8Array, from = 0): Uint8Array {
  let result = bytes.slice()
  for (let times = 1 + below(random, 3); times > 0; times--) {
    const at = from + below(random, Math.max(1, result.length - from))
    const kind = below(random, 5)
    if (kind === 0) result[at] = (result[at] ?? 0) ^ (1 << below(random, 8))
    else if (kind === 1) result[at] = below(random, 256)
    else if (kind === 2) result = result.slice(0, at)
    else if (kind === 3) result = Uint8Array.of(...result.subarray(0, at), ...result.subarray(at + 1))
    else result = Uint8Array.of(...result.subarray(0, at), ...result.subarray(Math.max(from, at - 8)))
  }
  return result
}

/** The same JSON with one place replaced by a nasty value, removed, or joined by a strange key. */
export function twisted(random: Random, json: unknown): unknown {
  const copy: unknown = structuredCloneOf(json)
  const places: { holder: Record<string, unknown>; key: string }[] = []
  const visit = (value: unknown) => {
    if (typeof value !== 'object' || value === null) return
    const holder = value as Record<string, unknown>
    for (const key of Object.keys(holder)) {
      places.push({ holder, key })
      visit(holder[key])
    }
  }
  visit(copy)
  if (places.length === 0) return pick(random, nastyValues)
  for (let times = 1 + below(random, 2); times > 0; times--) {
    const { holder, key } = pick(random, places)
    const kind = below(random, 8)
    if (kind === 0) Reflect.deleteProperty(holder, key)
    else if (kind === 1)
      Object.defineProperty(holder, '__proto__', {
        value: { dim: 4 },
        enumerable: true,
        configurable: true,
        writable: true
      })
    else if (kind === 2) holder[key] = pick(random, places).holder[key]
    else holder[key] = pick(random, nastyValues)
  }
  return copy
}

const structuredCloneOf = (json: unknown): unknown => JSON.parse(JSON.stringify(json))

/** JSON text even of NaN, cycles and undefined: what a careless writer would produce. */
export function jsonText(value: unknown): string {
  try {
    return (
      JSON.stringify(value, (_, each: unknown) =>
        typeof each === 'number' && !Number.isFinite(each) ? `${each}` : each
      ) ?? 'undefined'
    )
  } catch {
    return '{"cycle":'
  }
}

/** Runs one hostile case. Gives "valid" or the failure's code; throws when the promise is broken. */
export async function outcome(run: () => unknown, limitMs = 2000): Promise<string> {
  const took = stopwatch()
  let result = 'valid'
  try {
    await run()
  } catch (failure) {
    if (!(failure instanceof EngineFailure)) throw failure
    if (failure.message.length < 20 || failure.message.length > 1000) {
      throw new Error(`not a sentence for people: ${failure.message.slice(0, 200)}`, { cause: failure })
    }
    result = failure.code
  }
  const ms = took()
  if (ms > limitMs) throw new Error(`took ${Math.round(ms)} ms`)
  return result
}
