/** Long work on the CPU, cut so that others of the same thread (messages, an answer's next token) get their turn. */

/** Work at a stretch in milliseconds: well below the 50 that a person notices. */
const stretch = 16

/** Waits for a macrotask when more than `stretch` went by since the last time it did; otherwise returns undefined. */
export function pauses(): () => Promise<void> | undefined {
  let begun = performance.now()
  return () => {
    if (performance.now() - begun < stretch) return undefined
    return new Promise(resolve =>
      setTimeout(() => {
        begun = performance.now()
        resolve()
      }, 0)
    )
  }
}

/** Goes through `steps` to their end, with pauses. */
export async function withPauses<T>(steps: Generator<void, T>): Promise<T> {
  for (const pause = pauses(); ;) {
    const { done, value } = steps.next()
    if (done) return value
    await pause()
  }
}
