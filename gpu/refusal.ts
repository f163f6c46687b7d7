/** Whether an answer begins with a refusal: by the share of its first token in the softmax, not by whether it is the likeliest. */

/** `logits` (-Infinity: never said) -> shares of the softmax */
export function sharesOf(logits: Float32Array): Float32Array {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const all = logits.reduce((sum, l) => sum + Math.exp(l - most), 0)
  return logits.map(l => Math.exp(l - most) / all)
}

/**
 * `shares` of an answer's first token, the one `chosen`, the first token of a refusal, and whether it is `refused` -> what is said instead of `chosen`,
 * and its share: of an answer the likeliest that is not the refusal's. undefined: `chosen` stays.
 */
export function firstToken(
  shares: Float32Array,
  chosen: number,
  refusal: number,
  refused: boolean
): { said: number; share: number } | undefined {
  if (refused === (chosen === refusal)) return undefined
  const others = shares.with(refusal, 0)
  const said = refused ? refusal : others.indexOf(others.reduce((a, b) => Math.max(a, b)))
  return { said, share: shares[said] }
}
