/**
 * Where the time goes: a timestamp before and after every dispatch, summed by kernel.
 * Only on request: it opens a pass per dispatch. dawn.node counts in nanoseconds, Chrome in steps of
 * 100 microseconds unless told otherwise.
 */
import type { Device } from './device'
import { copyFromBuffer } from './readback'

export interface KernelTime {
  readonly kernel: string
  readonly dispatches: number
  readonly milliseconds: number
}

/** Pairs per query set; a batch with more dispatches leaves the rest untimed and says so. */
const capacity = 2048

export class Profile {
  private readonly queries: GPUQuerySet
  private readonly resolved: GPUBuffer
  private readonly names: string[] = []
  private readonly sums = new Map<string, { dispatches: number; nanoseconds: number }>()
  private pending: Promise<void> = Promise.resolve()
  dispatches = 0
  submits = 0
  untimed = 0

  constructor(private readonly device: Device) {
    this.queries = device.raw.createQuerySet({ type: 'timestamp', count: capacity * 2 })
    // 0x200 | 4 = QUERY_RESOLVE | COPY_SRC.
    this.resolved = device.buffer('staging', 'timestamps', capacity * 16, 0x204)
  }

  writes(kernel: string): GPUComputePassTimestampWrites | undefined {
    if (this.names.length >= capacity) {
      this.untimed++
      return undefined
    }
    const at = this.names.push(kernel) - 1
    return { querySet: this.queries, beginningOfPassWriteIndex: at * 2, endOfPassWriteIndex: at * 2 + 1 }
  }

  resolve(encoder: GPUCommandEncoder): void {
    if (this.names.length > 0)
      encoder.resolveQuerySet(this.queries, 0, this.names.length * 2, this.resolved, 0)
  }

  submitted(dispatches: number): void {
    this.submits++
    this.dispatches += dispatches
    const names = this.names.splice(0)
    if (names.length === 0) return
    const read = copyFromBuffer(this.device, this.resolved, 0, names.length * 16)
    this.pending = Promise.all([this.pending, read]).then(([, bytes]) => {
      const times = new BigUint64Array(bytes.buffer)
      for (const [i, name] of names.entries()) {
        const sum = this.sums.get(name) ?? { dispatches: 0, nanoseconds: 0 }
        sum.dispatches++
        sum.nanoseconds += Number(times[i * 2 + 1] - times[i * 2])
        this.sums.set(name, sum)
      }
    })
  }

  /** Slowest kernel first. */
  async kernelTimes(): Promise<KernelTime[]> {
    await this.pending
    return [...this.sums]
      .map(([kernel, s]) => ({ kernel, dispatches: s.dispatches, milliseconds: s.nanoseconds / 1e6 }))
      .sort((a, b) => b.milliseconds - a.milliseconds)
  }
}
