/** Threads or processes that have read a file, or are ready for one, kept a while: their start and the libraries take longer than most files. */

/** Milliseconds that one without work is kept. */
const keptIdle = 60_000

export class KeptWorkers<W> {
  private readonly idle = new Map<W, NodeJS.Timeout>()

  constructor(private readonly end: (worker: W) => void) {}

  get count(): number {
    return this.idle.size
  }

  take(): W | undefined {
    for (const [worker, ending] of this.idle) {
      clearTimeout(ending)
      this.idle.delete(worker)
      return worker
    }
    return undefined
  }

  keep(worker: W): void {
    const ending = setTimeout(() => {
      this.idle.delete(worker)
      this.end(worker)
    }, keptIdle)
    ending.unref()
    this.idle.set(worker, ending)
  }

  /** It has ended by itself. */
  lost(worker: W): void {
    clearTimeout(this.idle.get(worker))
    this.idle.delete(worker)
  }

  close(): void {
    for (let worker = this.take(); worker; worker = this.take()) this.end(worker)
  }
}
