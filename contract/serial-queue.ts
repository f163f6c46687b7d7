/** Pieces of work one after another, in the order of asking; a failure is its caller's alone. */
export class SerialQueue {
  private last: Promise<unknown> = Promise.resolve()
  private pending = 0

  /** Nothing runs or waits. */
  get isIdle(): boolean {
    return this.pending === 0
  }

  /** Resolves when all that was asked before is over. */
  async idle(): Promise<void> {
    await this.last
  }

  run<T>(work: () => Promise<T>): Promise<T> {
    this.pending++
    const result = this.last.then(work).finally(() => void this.pending--)
    this.last = result.catch(() => undefined)
    return result
  }
}
