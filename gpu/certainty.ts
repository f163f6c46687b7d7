/** How sure a model was of an answer: one number from the probabilities of its tokens. */

/**
 * exp(sum of log p / sqrt(n)), 0 to 1: between the probability of the whole answer, which no long answer keeps, and the
 * geometric mean, in which a long answer hides a guess. 0 where nothing was chosen. Of the candidates of `readonce evaluate
 * --set certainty` it told right from wrong best (assets/models/small/README.md).
 */
export function certaintyOf(probabilities: ArrayLike<number>): number {
  if (probabilities.length === 0) return 0
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) sum += Math.log(probabilities[i])
  // A rounding of the f32 above 1 must not say more than certain.
  return Math.min(1, Math.exp(sum / Math.sqrt(probabilities.length)))
}
