/**
 * From logits to the probability of every token, in the order of the common generation libraries: repetition
 * penalty, temperature, top-k, top-p over what top-k left. A sampler is right when its frequencies are these.
 */
import { softmax, type Values } from './reference'

export interface SamplingOptions {
  /** 0 means greedy. */
  readonly temperature: number
  /** 0 means off. */
  readonly topK: number
  /** 1 means off. */
  readonly topP: number
  /** 1 means off; applied once per distinct earlier token: positive logits are divided, negative multiplied. */
  readonly repetitionPenalty: number
  readonly earlier?: readonly number[]
}

/** Token ids by falling logit; the smaller id first among equals. */
export function ranking(logits: Values): number[] {
  return Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b)
}

export function penalised(logits: Values, penalty: number, earlier: readonly number[]): Float64Array {
  const out = Float64Array.from(logits)
  for (const id of new Set(earlier)) out[id] = out[id]! > 0 ? out[id]! / penalty : out[id]! * penalty
  return out
}

export function samplingDistribution(logits: Values, options: SamplingOptions): Float64Array {
  const { temperature, topK, topP, repetitionPenalty, earlier = [] } = options
  const adjusted = penalised(logits, repetitionPenalty, earlier)
  const ranked = ranking(adjusted)
  const out = new Float64Array(logits.length)
  if (temperature === 0) {
    out[ranked[0]!] = 1
    return out
  }
  const kept = topK > 0 ? ranked.slice(0, topK) : ranked
  const probabilities = softmax(Float64Array.from(kept, id => adjusted[id]! / temperature))
  // The shortest beginning that reaches topP, the token that crosses it included.
  let count = 0
  let sum = 0
  while (count < kept.length && (count === 0 || topP >= 1 || sum < topP)) sum += probabilities[count++]!
  for (let i = 0; i < count; i++) out[kept[i]!] = probabilities[i]! / sum
  return out
}

export interface ChoiceOptions {
  readonly penalty?: number
  /** Ids under the penalty. */
  readonly seen?: readonly number[]
  /** Ids that may not be chosen. */
  readonly suppressed?: readonly number[]
}

/** The share of `token` among all that are not suppressed, at temperature 1 and uncut. */
export function choiceProbability(
  logits: Values,
  token: number,
  { penalty = 1, seen = [], suppressed = [] }: ChoiceOptions = {}
): number {
  const adjusted = penalised(logits, penalty, seen)
  for (const id of suppressed) adjusted[id] = -Infinity
  return softmax(adjusted)[token]!
}
