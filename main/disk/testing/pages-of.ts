/** Records that follow from their number, for tests that write in one process and check in another. */

export const identity = { weights: 'w', text: 't', format: 1 }

export const pageOf = (index: number) =>
  Uint8Array.from(
    { length: 3000 + ((index * 7919) % 2000) },
    (_, i) => (i * 31 + index * 17 + (i >> 8)) & 255
  )

/** A checkpoint tells how many records it counts on. */
export const checkpointOf = (records: number) =>
  Uint8Array.from({ length: 2000 }, (_, i) => (i % 2 === 0 ? records & 255 : records >> 8))
export const recordsOf = (checkpoint: Uint8Array) => checkpoint[0]! + 256 * checkpoint[1]!
