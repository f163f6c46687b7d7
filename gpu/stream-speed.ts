/** How fast answers bring pages from disk, disk, copies and attention together: what a plan tells of a document that does not fit. */

/** Bytes a second, as long as nothing was measured: what a plain SSD and a checksum over all that it gives reach. */
const assumed = 1e9
/** The newest passes count most: a disk's cache fills, and another program may use it. */
const newest = 0.3

export class StreamSpeed {
  private measured: number | undefined

  /** One token's pass. */
  passed(bytes: number, ms: number): void {
    if (bytes === 0 || ms <= 0) return
    const speed = (bytes * 1000) / ms
    this.measured = this.measured === undefined ? speed : this.measured ** (1 - newest) * speed ** newest
  }

  secondsFor(bytes: number): number {
    return bytes / (this.measured ?? assumed)
  }
}
