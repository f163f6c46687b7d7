/** Pages are told that the program ends, and are waited for until they have written what they knew; not for ever. */

/** A page that hangs, or is gone without a word, must not keep the program: writing takes some milliseconds. */
const most = 1000

export class LastWords {
  private missing = 0
  private done: (() => void) | undefined

  constructor(private readonly tell: () => void) {}

  async of(pages: number): Promise<void> {
    if (pages === 0) return
    this.missing = pages
    await new Promise<void>(resolve => {
      const late = setTimeout(resolve, most)
      this.done = () => {
        clearTimeout(late)
        resolve()
      }
      this.tell()
    })
    this.done = undefined
  }

  heard(): void {
    if (--this.missing <= 0) this.done?.()
  }
}
