import { countWhile } from '../../search/count-while'

/**
 * Very long lines are broken for display, because a line is what the view lays out at once. Such a break is a
 * character in the view and none in the text; here positions are counted from the one to the other.
 */
export class SoftBreaks {
  /** Offsets in the text before which a break is shown, ascending. */
  constructor(readonly at: readonly number[]) {}

  /** Where the character at `offset` of the text stands in the view. */
  toView(offset: number): number {
    return offset + this.#count(index => this.at[index]! <= offset)
  }

  /** The same for the end of a span, exclusive: a break just there is left out. */
  endToView(offset: number): number {
    return offset + this.#count(index => this.at[index]! < offset)
  }

  toText(position: number): number {
    return position - this.before(position)
  }

  /** How many breaks are shown before `position` in the view. */
  before(position: number): number {
    return this.#count(index => this.at[index]! + index < position)
  }

  #count(holds: (index: number) => boolean): number {
    return countWhile(this.at.length, holds)
  }
}
