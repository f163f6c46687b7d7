/**
 * Notices that the worker does not answer any more: a pattern or a template that never ends, or a mistake of ours. The
 * worker answers between its tasks and never within one, so an answer means that messages (Stop, a question) are heard.
 */

/** Milliseconds between two looks, and of silence before a person is told. Work in the worker is cut into tasks of 16 ms. */
export const silence = { look: 1000, most: 10_000 }

interface Watchdog {
  /** Something came from the worker. */
  heard(): void
  end(): void
}

/** `tell` is told of silence, and of its end. */
export function watchWorker(ping: () => void, tell: (silent: boolean) => void): Watchdog {
  let [waiting, silent, waited, last] = [false, false, 0, performance.now()]
  const timer = setInterval(() => {
    const now = performance.now()
    // A page that slept with the computer, or whose timers the browser holds back, has not listened meanwhile.
    waited += Math.min(now - last, 2 * silence.look)
    last = now
    if (!waiting) {
      ;[waiting, waited] = [true, 0]
      ping()
    } else if (waited >= silence.most && !silent) {
      silent = true
      tell(true)
    }
  }, silence.look)
  // Where a test runs it, it keeps no process.
  ;(timer as { unref?: () => void }).unref?.()
  return {
    heard() {
      waiting = false
      if (silent) tell(false)
      silent = false
    },
    end: () => clearInterval(timer)
  }
}
