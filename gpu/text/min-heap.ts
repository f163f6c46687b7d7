/** Numbers of which the least comes out first. */
export class MinHeap {
  private keys = new Float64Array(1 << 10)
  private count = 0

  get size(): number {
    return this.count
  }

  push(key: number): void {
    if (this.count === this.keys.length) {
      const larger = new Float64Array(2 * this.count)
      larger.set(this.keys)
      this.keys = larger
    }
    const { keys } = this
    let at = this.count++
    for (let parent; at > 0 && keys[(parent = (at - 1) >> 1)]! > key; at = parent) keys[at] = keys[parent]!
    keys[at] = key
  }

  /** The least; there must be one. */
  pop(): number {
    const { keys } = this
    const least = keys[0]!
    const last = keys[--this.count]!
    let at = 0
    for (let child; (child = 2 * at + 1) < this.count; at = child) {
      if (child + 1 < this.count && keys[child + 1]! < keys[child]!) child++
      if (keys[child]! >= last) break
      keys[at] = keys[child]!
    }
    keys[at] = last
    return least
  }
}
