import { describe, expect, it } from 'vitest'
import { tilesPerSplit } from '../kernels/page-attention'
import { pageRows } from '../kernels/page-layout'
import { pieceSplits, streamedRoom } from './page-room'

const mib = 1 << 20
const large = { pageBytes: mib, longest: 512, tileRows: 256 }

describe('memory for a document that does not fit', () => {
  it.each([
    [4096, 2048, 1024 * mib],
    [4096, 4095, 300 * mib],
    [100_000, 2048, 90 * mib],
    [40, 2048, 30 * mib]
  ])('%i pages in banks of %i: all of it within what is granted', (pages, bankPages, bytes) => {
    const room = streamedRoom(pages, bankPages, bytes, large)!
    expect((room.held + room.ring + 2 * room.piece) * mib).toBeLessThanOrEqual(bytes)
    expect(room.held).toBeGreaterThanOrEqual(0)
    expect(room.held).toBeLessThanOrEqual(pages)
    // Two chunks of two pages that begin and end inside a page.
    expect(room.ring).toBe(8)
    // A split of a full bank fits into a piece, for every number of rows that may be in view.
    for (const rows of [1, 300, 5000, Math.min(pages, bankPages) * pageRows])
      expect(pieceSplits(rows, large).leastRows).toBeLessThanOrEqual(room.piece * pageRows)
  })

  it('with too little for a ring and two pieces there is no way', () => {
    // Of a bank of 2,048 pages a split has 32.
    expect(streamedRoom(4096, 2048, (8 + 64) * mib, large)).toEqual({
      pages: 4096,
      held: 0,
      ring: 8,
      piece: 32
    })
    expect(streamedRoom(4096, 2048, (8 + 64) * mib - 1, large)).toBeUndefined()
  })

  it('pieces are 32 MiB where there is room, and a quarter of it together where there is less', () => {
    const room = (bytes: number) => streamedRoom(100_000, 64, bytes, large)!.piece
    expect(room(10_000 * mib)).toBe(32)
    expect(room(88 * mib)).toBe(10)
  })
})

describe('pieces of a bank', () => {
  it.each([16, 32, 128, 256])(
    'tiles of %i rows: whole splits of the whole bank, and whole pages',
    tileRows => {
      for (const rows of [1, 255, 256, 257, 16_384, 16_385, 40_000, 524_288, 524_289]) {
        const { tilesPerSplit: perSplit, leastRows } = pieceSplits(rows, { tileRows })
        expect(perSplit).toBe(tilesPerSplit(Math.ceil(rows / tileRows)))
        expect(leastRows % (perSplit * tileRows)).toBe(0)
        expect(leastRows % pageRows).toBe(0)
        // What a piece is made large enough for.
        expect(leastRows).toBeLessThanOrEqual(perSplit * pageRows)
      }
    }
  )
})
