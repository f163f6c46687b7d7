/**
 * Pieces of a page → blocks of lines in reading order. The order in the file is nearly always the order of reading, and is kept;
 * only where columns of prose stand side by side, or the pieces jump about, the places decide.
 */
import type { Glyph } from './glyphs'
import { gapOf, joinPieces, onOneLine, type Piece } from './pieces'

/** What stands between wide gaps. */
export type Cell = Pick<Piece, 'text' | 'x0' | 'x1'>

export interface Line extends Omit<Piece, 'glyphs'> {
  /** In the order of reading; one where the line is prose. */
  readonly cells: readonly Cell[]
  /** Of letters of one width: each at its place from the first one on, and that width. */
  readonly grid?: { readonly text: string; readonly width: number }
}

interface OpenLine extends Piece {
  readonly cells: readonly Piece[]
}

/** Blocks of lines, each with margins of its own. */
export function blocksOf(pieces: readonly Piece[]): Line[][] {
  return parted(pieces, 0).filter(block => block.length > 0)
}

/** A page of more pieces is a drawing or a trap: looking for columns would take too long. */
const mostPieces = 5000

function parted(pieces: readonly Piece[], depth: number): Line[][] {
  const found = depth < 8 && pieces.length <= mostPieces ? columnsOf(pieces) : undefined
  if (!found) return [linesOf(pieces)]
  const { above, left, right, below } = found
  const isRtl = pieces.filter(piece => piece.isRtl).length * 2 > pieces.length
  return (isRtl ? [above, right, left, below] : [above, left, right, below]).flatMap(part =>
    part.length === 0 ? [] : parted(part, depth + 1)
  )
}

interface Columns {
  readonly above: Piece[]
  readonly left: Piece[]
  readonly right: Piece[]
  readonly below: Piece[]
}

/**
 * Two texts beside each other: the tallest band of the page in which a vertical line, just before a margin where several lines begin,
 * crosses nothing and has prose on both sides. What stands above and below is looked at by itself.
 */
function columnsOf(pieces: readonly Piece[]): Columns | undefined {
  if (pieces.length < 10) return undefined
  const sorted = [...pieces].sort((a, b) => a.y - b.y)
  let best: (Columns & { rows: number }) | undefined
  for (const margin of marginsOf(sorted))
    for (const band of bandsAt(sorted, margin)) {
      if (best && band.length <= best.rows) continue
      const left = band.filter(piece => piece.x0 < margin - 1)
      const right = band.filter(piece => piece.x0 >= margin - 1)
      if (!isText(left) || !isText(right) || !overlap(left, right)) continue
      const inBand = new Set(band)
      const [top, bottom] = [band[0]!.y, band.at(-1)!.y]
      const rest = pieces.filter(piece => !inBand.has(piece))
      best = {
        rows: band.length,
        above: rest.filter(piece => piece.y < top),
        left: pieces.filter(piece => inBand.has(piece) && piece.x0 < margin - 1),
        right: pieces.filter(piece => inBand.has(piece) && piece.x0 >= margin - 1),
        below: rest.filter(piece => piece.y >= top && piece.y >= bottom)
      }
      // What is level with the band and outside of it crosses the line: it stands above what follows.
      const between = rest.filter(piece => piece.y >= top && piece.y < bottom)
      if (between.length > 0) best = undefined
    }
  return best
}

/** Places where at least four pieces begin, leftmost first; the left edge of all is none. */
function marginsOf(pieces: readonly Piece[]): number[] {
  const starts = pieces.map(piece => piece.x0).sort((a, b) => a - b)
  const margins: number[] = []
  for (let i = 0; i < starts.length;) {
    let end = i + 1
    while (end < starts.length && starts[end]! - starts[i]! < 2) end++
    if (end - i >= 4 && margins.length < 60) margins.push(starts[i]!)
    i = end
  }
  return margins.slice(margins[0] === starts[0] ? 1 : 0)
}

/** Runs of pieces, from above, of which none crosses the line before `margin`, with a gap on its left. */
function bandsAt(sorted: readonly Piece[], margin: number): Piece[][] {
  const bands: Piece[][] = []
  let band: Piece[] = []
  const end = () => {
    if (band.length >= 10) bands.push(band)
    band = []
  }
  for (const piece of sorted) {
    const crosses = piece.x0 < margin - 1 && piece.x1 > margin - 0.6 * piece.size
    if (crosses) {
      // A line that shares its row with the band's last ones takes that row with it.
      while (band.length > 0 && onOneLine(band.at(-1)!, piece)) band.pop()
      end()
    } else band.push(piece)
  }
  end()
  return bands.map(each => trimmed(each, margin)).filter(each => each.length >= 10)
}

/** Without what has nothing on the other side at the band's ends: headings and text of one column's width stay outside. */
function trimmed(band: readonly Piece[], margin: number): Piece[] {
  const isLeft = (piece: Piece) => piece.x0 < margin - 1
  const [l0, r0] = [band.findIndex(isLeft), band.findIndex(piece => !isLeft(piece))]
  if (l0 === -1 || r0 === -1) return []
  const [l1, r1] = [band.findLastIndex(isLeft), band.findLastIndex(piece => !isLeft(piece))]
  const top = band[Math.max(l0, r0)]!
  let from = Math.max(l0, r0)
  while (from > 0 && onOneLine(band[from - 1]!, top)) from--
  // A column may begin or end some lines before its neighbour.
  const height = band.at(-1)!.y - band[0]!.y
  if (top.y - band[0]!.y < 0.3 * height) from = 0
  const last = band[Math.min(l1, r1)]!
  const to = band.at(-1)!.y - last.y < 0.6 * height ? band.length : Math.min(l1, r1) + 1
  return band.slice(from, to)
}

/** Most lines follow each other closely, hold several words, and go from margin to margin. */
function isText(side: readonly Piece[]): boolean {
  if (side.length < 5) return false
  const widths = side.map(piece => piece.x1 - piece.x0).sort((a, b) => a - b)
  const usual = widths[Math.floor(widths.length * 0.8)]!
  const long = side.filter(({ x0, x1, text }) => x1 - x0 > 0.6 * usual && text.length >= 14)
  if (long.length * 2 < side.length) return false
  let close = 0
  let steps = 0
  for (let i = 1; i < side.length; i++) {
    const step = side[i]!.y - side[i - 1]!.y
    if (step < 0.3 * side[i]!.size) continue
    steps++
    if (step < 2.2 * side[i]!.size) close++
  }
  return steps >= 3 && close * 3 >= steps * 2
}

function overlap(a: readonly Piece[], b: readonly Piece[]): boolean {
  const [a0, a1, b0, b1] = [a[0]!.y, a.at(-1)!.y, b[0]!.y, b.at(-1)!.y]
  return Math.min(a1, b1) - Math.max(a0, b0) > 0.3 * Math.min(a1 - a0, b1 - b0)
}

function linesOf(pieces: readonly Piece[]): Line[] {
  return joined(isShuffled(pieces) ? [...pieces].sort(byPlace) : pieces)
}

const byPlace = (a: Piece, b: Piece) =>
  onOneLine(a, b) ? (a.isRtl && b.isRtl ? b.x0 - a.x0 : a.x0 - b.x0) : a.y - b.y

/** The file's order is not that of reading: rows from below upwards, or the columns of a table one after the other. */
function isShuffled(pieces: readonly Piece[]): boolean {
  let [up, down] = [0, 0]
  const columns: Piece[][] = [[]]
  pieces.forEach((piece, i) => {
    const last = pieces[i - 1]
    if (last && !onOneLine(last, piece)) {
      if (piece.y < last.y - 0.5 * piece.size) {
        up++
        columns.push([])
      } else down++
    } else if (last && gapOf(last, piece) < -piece.size) columns.push([])
    columns.at(-1)!.push(piece)
  })
  if (up >= 3 && up * 3 > down) return true
  return columns.length > 1 && columns.length < 200 && areOneTable(columns)
}

/** Drawn one column after the other: the rows of each lie level with those of the first, and most of the cells are short or numbers. */
function areOneTable(columns: readonly (readonly Piece[])[]): boolean {
  const sets = columns.filter(column => column.length >= 2)
  if (sets.length < 2) return false
  const first = sets[0]!
  const others = sets.slice(1)
  const level = others.filter(
    column =>
      column.filter(piece =>
        first.some(mate => Math.abs(mate.y - piece.y) < 0.25 * piece.size && !cover(mate, piece))
      ).length *
        4 >=
      column.length * 3
  )
  if (level.length * 4 < others.length * 3) return false
  const cells = level.flat()
  const short = cells.filter(({ text }) => text.length < 8 || /\d/.test(text) || text.length < 24)
  const numbers = cells.filter(({ text }) => /^[^\p{L}]*\d[^\p{L}]*$/u.test(text) || text.length < 8)
  return numbers.length * 2 >= cells.length || (others.length >= 2 && short.length * 4 >= cells.length * 3)
}

const cover = (a: Piece, b: Piece) => Math.min(a.x1, b.x1) - Math.max(a.x0, b.x0) > 1

/** Pieces that follow each other on a baseline make one line. */
function joined(pieces: readonly Piece[]): Line[] {
  const lines: OpenLine[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    const isClose = last && onOneLine(last, piece) && gapOf(last, piece) > -piece.size
    if (last && isClose && gapOf(last.cells.at(-1)!, piece) < 1.5 * Math.max(last.size, piece.size)) {
      const cell = joinPieces(last.cells.at(-1)!, piece, ' ')
      const cells = [...last.cells.slice(0, -1), cell]
      lines[lines.length - 1] =
        cells.length === 1 ? { ...cell, cells } : { ...joinPieces(last, piece, ' '), cells }
    } else if (last && isClose)
      lines[lines.length - 1] = { ...joinPieces(last, piece, gap), cells: [...last.cells, piece] }
    else lines.push({ ...piece, cells: [piece] })
  }
  // A document keeps its lines to the end, and not their letters.
  return lines.map(({ glyphs, cells, ...line }) => ({
    ...line,
    cells: cells.map(({ text, x0, x1 }) => ({ text, x0, x1 })),
    ...(line.isMono ? { grid: gridOf(glyphs) } : {})
  }))
}

function gridOf(glyphs: readonly Glyph[]): { text: string; width: number } {
  const widths = glyphs.map(glyph => glyph.x1 - glyph.x0).filter(width => width > 0)
  const width = Math.max(0.1, median(widths))
  const start = Math.min(...glyphs.map(glyph => glyph.x0))
  let text = ''
  for (const glyph of glyphs) {
    const at = Math.min(1000, Math.max(0, Math.round((glyph.x0 - start) / width)))
    if (glyph.before !== '' || at > text.length + 0.5) text = text.padEnd(at, ' ')
    if (glyph.before === 'space' && text !== '' && !text.endsWith(' ')) text += ' '
    text += glyph.text
  }
  return { text, width }
}

/** How a wide gap is shown. */
export const gap = '   '

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
