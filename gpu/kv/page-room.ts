/** How much of a document's pages lies in graphics memory: all of them, some with the others on disk, or too few to work with. */
import { tilesPerSplit } from '../kernels/page-attention'
import { pageRows } from '../kernels/page-layout'

/** Of what is granted, pages take this part at most where they are not all there: answers need memory too. */
export const pageShare = 3 / 4
/** Bytes of a streamed piece: large enough for a disk to be fast, small beside any graphics memory. */
const pieceBytes = 32 << 20
/** Two pieces take this part of the memory that there is for pages, where that is less. */
const piecesShare = 1 / 4

/** What a model's pages are made of. */
export interface PageSizes {
  readonly pageBytes: number
  /** Rows of the longest chunk that reading writes. */
  readonly longest: number
  /** Rows that attention takes at once. */
  readonly tileRows: number
}

/** In pages. */
export interface StreamedRoom {
  /** Of the document. */
  readonly pages: number
  /** From the document's beginning on, in memory for good. */
  readonly held: number
  /** Those that reading writes last. */
  readonly ring: number
  /** Each of two pieces that answers bring back. */
  readonly piece: number
}

/**
 * How `pages` pages are shared out over `bytes` of memory, in banks of at most `bankPages`. Undefined where less than
 * reading and answering work with would lie in memory.
 */
export function streamedRoom(
  pages: number,
  bankPages: number,
  bytes: number,
  { pageBytes, longest, tileRows }: PageSizes
): StreamedRoom | undefined {
  const most = Math.floor(bytes / pageBytes)
  // What reading writes now, and what is on its way to the disk; each may begin and end inside a page.
  const ring = Math.min(pages, 2 * (Math.ceil(longest / pageRows) + 2))
  // A piece holds whole splits of its bank, and whole pages.
  const tiles = (Math.min(pages, bankPages) * pageRows) / tileRows
  const least = tilesPerSplit(tiles)
  const wanted = Math.floor(Math.min(pieceBytes / pageBytes, ((most - ring) * piecesShare) / 2))
  const piece = Math.min(pages, Math.max(least, wanted))
  const held = most - ring - 2 * piece
  return held < 0 ? undefined : { pages, held: Math.min(held, pages), ring, piece }
}

/**
 * Rows of the pieces in which a bank with `rows` rows is brought: whole splits, as the bank would have them when it lay in
 * memory, and whole pages.
 */
export function pieceSplits(
  rows: number,
  { tileRows }: Pick<PageSizes, 'tileRows'>
): { readonly tilesPerSplit: number; readonly leastRows: number } {
  const perSplit = tilesPerSplit(Math.ceil(rows / tileRows))
  const split = perSplit * tileRows
  return { tilesPerSplit: perSplit, leastRows: (split / commonDivisor(split, pageRows)) * pageRows }
}

function commonDivisor(a: number, b: number): number {
  return b === 0 ? a : commonDivisor(b, a % b)
}
