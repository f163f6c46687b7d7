/** How fast something goes now, from how far it came: the average of the last while, so that it falls and rises with the load. */

/** Milliseconds that are looked back on: longer than a stutter, shorter than a person's patience with a wrong figure. */
const lookedBack = 15_000
/** Milliseconds between two remembered places: a chunk on a graphics card takes less. */
const apart = 250

export class RecentSpeed {
  private readonly places: { readonly done: number; readonly at: number }[] = []

  /** So much is done at this time, in milliseconds of any clock that does not jump. */
  reached(done: number, at: number): void {
    const last = this.places.at(-1)
    // The newest is moved along until it is worth a place of its own.
    const before = this.places.at(-2)
    if (last && before && at - before.at < apart) this.places.pop()
    this.places.push({ done, at })
    // Where one step takes longer than is looked back on, the last step counts.
    while (this.places.length > 2 && this.places[1]!.at <= at - lookedBack) this.places.shift()
  }

  /** A second; 0 before there is anything to go by. */
  get perSecond(): number {
    const [first, last] = [this.places[0], this.places.at(-1)]
    return first && last && last.at > first.at ? ((last.done - first.done) * 1000) / (last.at - first.at) : 0
  }
}
