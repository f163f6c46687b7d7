/** A model that is being copied: it can be paused and ended, and tells how far it is. */
import { throttle } from '../../contract/throttle'
import type { HostParts } from './parts'

export class ImportJob {
  private readonly ending = new AbortController()
  private paused: { readonly over: Promise<void>; end(): void } | undefined

  get signal(): AbortSignal {
    return this.ending.signal
  }

  steer(how: 'pause' | 'resume' | 'cancel'): void {
    if (how === 'cancel') this.ending.abort()
    if (how === 'pause' && !this.signal.aborted) this.paused ??= pause()
    else {
      this.paused?.end()
      this.paused = undefined
    }
  }

  async whenGoingOn(): Promise<void> {
    await this.paused?.over
  }
}

function pause(): { readonly over: Promise<void>; end(): void } {
  let end = (): void => undefined
  const over = new Promise<void>(resolve => (end = resolve))
  return { over, end }
}

/** Ten times a second at most; the first and the last always. */
export function progressTo(send: HostParts['send'], job: string): (done: number, total: number) => void {
  const news = throttle<{ done: number; total: number }>(100, now => send('importing', { job, ...now }))
  return (done, total) => {
    news.push({ done, total })
    if (done === 0 || done === total) news.flush()
  }
}
