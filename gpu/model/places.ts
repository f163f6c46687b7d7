/**
 * Where rows go that chunks bring from the CPU. Chunks of one submit must not overwrite one another's, so they go to rows that
 * follow, round about: from the beginning again where they would not fit into `room`. Returns the row where some begin.
 */
export function placesIn(room: number): (rows: number) => number {
  let next = 0
  return rows => {
    const at = next + rows > room ? 0 : next
    next = at + rows
    return at
  }
}
