/** News that come more often than anybody wants them. */
export interface Throttle<T> {
  /** Sends at once where the last sending is long enough ago; otherwise it waits for the next news, which takes its place. */
  push(news: T): void
  /** Sends what waits, if anything does. */
  flush(): void
}

/** The latest news, at most once in `ms` milliseconds; the first at once. Runs no timer: what waits at the end needs `flush`. */
export function throttle<T>(ms: number, send: (news: T) => void, now = () => performance.now()): Throttle<T> {
  let waiting: { readonly news: T } | undefined
  let last = -Infinity
  const flush = (): void => {
    if (!waiting) return
    const { news } = waiting
    waiting = undefined
    last = now()
    send(news)
  }
  return {
    flush,
    push(news) {
      waiting = { news }
      if (now() - last >= ms) flush()
    }
  }
}
