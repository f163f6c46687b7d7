/** Does `work` at the first call and remembers what came of it; a failure is forgotten, so that the next call tries again. */
export function once<T>(work: () => Promise<T>): () => Promise<T> {
  return onceFor(Infinity, work)
}

/** The same for `milliseconds`. */
export function onceFor<T>(milliseconds: number, work: () => Promise<T>): () => Promise<T> {
  let done: { readonly at: number; readonly result: Promise<T> } | undefined
  return () => {
    if (done && performance.now() - done.at < milliseconds) return done.result
    const result = work().catch(error => {
      done = undefined
      throw error
    })
    done = { at: performance.now(), result }
    return result
  }
}
