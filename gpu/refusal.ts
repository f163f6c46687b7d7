/** Whether an answer begins with a refusal: by the share of its first token in the softmax, not by whether it is the likeliest. */

/**
 * `logits` of an answer's first token (-Infinity: never said), the one `chosen`, and `refusal`, the first token of a refusal -> what is said instead and
 * its share of the softmax: the refusal where its share is `from` or more, the likeliest other one where it is less. undefined: `chosen` stays.
 */
export function firstToken(
  logits: Float32Array,
  chosen: number,
  refusal: number,
  from: number
): { said: number; share: number } | undefined {
  const most = logits.reduce((a, b) => Math.max(a, b))
  const all = logits.reduce((sum, l) => sum + Math.exp(l - most), 0)
  const shares = logits.map(l => Math.exp(l - most) / all)
  const refused = shares[refusal] >= from
  if (refused === (chosen === refusal)) return undefined
  const others = shares.with(refusal, 0)
  const said = refused ? refusal : others.indexOf(others.reduce((a, b) => Math.max(a, b)))
  return { said, share: shares[said] }
}
