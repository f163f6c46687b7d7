/** Largest difference, relative to the largest expected value; infinite where lengths differ or a value is not finite. */
export function relativeError(actual: ArrayLike<number>, expected: ArrayLike<number>): number {
  if (actual.length !== expected.length) return Infinity
  let difference = 0
  let size = 0
  for (let i = 0; i < expected.length; i++) {
    if (!Number.isFinite(actual[i]!)) return Infinity
    difference = Math.max(difference, Math.abs(actual[i]! - expected[i]!))
    size = Math.max(size, Math.abs(expected[i]!))
  }
  // Both all zero is agreement; zero expected and something found is not.
  return difference === 0 ? 0 : difference / size
}
