/** How sure a model was of an answer: one number from the probabilities of its tokens. */

/** The geometric mean, 0 to 1: the probability of the answer, whatever its length. 0 where nothing was chosen. */
export function certaintyOf(probabilities: ArrayLike<number>): number {
  if (probabilities.length === 0) return 0
  let sum = 0
  for (let i = 0; i < probabilities.length; i++) sum += Math.log(probabilities[i])
  return Math.exp(sum / probabilities.length)
}
