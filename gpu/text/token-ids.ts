/** Ids of a long text as they come: one array that grows, since parts that are joined at the end take twice the memory. */

/** Room beyond what is expected, and the least growth. */
const spare = 1.05
const leastGrowth = 1.25
/** The first words of a text tell little of the rest. */
const mostGrowth = 4

export class TokenIds {
  private ids = new Uint32Array(1 << 12)
  private length = 0

  /** `done`: how much of the text lies behind these ids, 0 to 1; from it follows how many will come. */
  push(part: Uint32Array, done: number): void {
    const length = this.length + part.length
    if (length > this.ids.length) this.grow(length, done)
    this.ids.set(part, this.length)
    this.length = length
  }

  /** All of them. What was reserved beyond them was never written, and takes no memory. */
  all(): Uint32Array {
    return this.ids.subarray(0, this.length)
  }

  private grow(length: number, done: number): void {
    const expected = done > 0 ? (length / Math.min(1, done)) * spare : 0
    const larger = new Uint32Array(
      Math.ceil(Math.max(length, this.ids.length * leastGrowth, Math.min(expected, length * mostGrowth)))
    )
    larger.set(this.all())
    this.ids = larger
  }
}
