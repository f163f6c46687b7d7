/**
 * Records as bytes: their layout is written here and nowhere else, that of the page inside in kernels/page-layout.ts.
 * All numbers little-endian.
 *   tokens    u32 ids
 *   page      u32 first row, u32 rows, 2 x u32 zero, then the page as it lies on the GPU; a page with fewer than
 *             pageRows rows is cut to them
 *   carry     u32 position, 3 x u32 zero, then the saved carry
 *   checkpoint  u32 position, u32 rows of the unfinished page, u32 carry bytes, u32 zero, carry, that page cut to its rows
 */
export const headerBytes = 16

export function header(...words: number[]): Uint8Array<ArrayBuffer> {
  const bytes = new Uint32Array(headerBytes / 4)
  bytes.set(words)
  return new Uint8Array(bytes.buffer)
}

export function readHeader(payload: Uint8Array): Uint32Array {
  return new Uint32Array(payload.slice(0, headerBytes).buffer)
}
