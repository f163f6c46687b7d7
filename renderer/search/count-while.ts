/** Binary search: of `count` indices, how many from 0 on fulfil `holds`, which after them holds for none. */
export function countWhile(count: number, holds: (index: number) => boolean): number {
  let low = 0
  let high = count
  while (low < high) {
    const middle = (low + high) >>> 1
    if (holds(middle)) low = middle + 1
    else high = middle
  }
  return low
}

/** Index of the first of the ascending `starts` (of which `count` are filled) that is not below `offset`. */
export const firstFrom = (starts: ArrayLike<number>, count: number, offset: number): number =>
  countWhile(count, index => starts[index]! < offset)
