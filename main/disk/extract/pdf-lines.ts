/**
 * What a PDF says about a page (runs of glyphs with places) → lines in reading order. The order in the file is nearly always
 * the order of reading, and is kept; only where two columns of prose stand side by side, or the runs jump
 * about, the places decide.
 */

/** A run of glyphs: baseline at `y`, which grows downwards; `size` is the height of the font. All in points. */
export interface Run {
  readonly text: string
  readonly x0: number
  readonly x1: number
  readonly y: number
  readonly size: number
  readonly rtl: boolean
}

export interface Line extends Run {
  /** Has wide gaps, as rows of tables have: never joined with its neighbours. */
  readonly isRow: boolean
}

/** Gaps between runs, in parts of the font's size. A word's space has 0.25; a gutter or a table's gap 1.5 and more. */
const space = 0.15
const wide = 1.5
/** How far baselines of one line may differ: superscripts. */
const sameLine = 0.4

/** Blocks of lines, each with margins of its own. */
export function linesOf(runs: readonly Run[]): Line[][] {
  return order(piecesOf(runs), 0)
}

/** Runs that follow each other on a baseline without a wide gap are one piece. */
function piecesOf(runs: readonly Run[]): Run[] {
  const pieces: Run[] = []
  let spaced = false
  for (const run of runs) {
    if (run.text.trim() === '') {
      spaced ||= run.text !== ''
      continue
    }
    const last = pieces.at(-1)
    if (last && touches(last, run)) pieces[pieces.length - 1] = merge(last, run, spaced ? ' ' : '')
    else pieces.push(run)
    spaced = false
  }
  return pieces
}

const onOneLine = (a: Run, b: Run) => Math.abs(a.y - b.y) < sameLine * Math.max(a.size, b.size)
const gapOf = (a: Run, b: Run) => (b.rtl ? a.x0 - b.x1 : b.x0 - a.x1)

function touches(last: Run, run: Run): boolean {
  const gap = gapOf(last, run)
  return onOneLine(last, run) && gap > -run.size && gap < wide * Math.max(last.size, run.size)
}

function merge(a: Run, b: Run, between: string): Run {
  const has = /\s$/.test(a.text) || /^\s/.test(b.text)
  const apart = gapOf(a, b) > space * Math.min(a.size, b.size)
  const glue = has ? '' : between || (apart ? ' ' : '')
  const main = b.text.length > a.text.length ? b : a
  return {
    text: a.text + glue + b.text,
    x0: Math.min(a.x0, b.x0),
    x1: Math.max(a.x1, b.x1),
    y: main.y,
    size: main.size,
    rtl: main.rtl
  }
}

function order(pieces: readonly Run[], depth: number): Line[][] {
  const gutter = depth < 3 ? gutterOf(pieces) : undefined
  if (gutter === undefined) {
    const lines = joined(jumps(pieces) ? [...pieces].sort(byPlace) : pieces)
    return lines.length === 0 ? [] : [lines]
  }
  // What crosses the gutter (a title, a wide figure's caption) parts the page into bands.
  const crossing = pieces.filter(p => p.x0 < gutter && p.x1 > gutter).sort(byPlace)
  const blocks: Line[][] = []
  let from = -Infinity
  for (const next of [...crossing, undefined]) {
    const to = next?.y ?? Infinity
    const band = pieces.filter(p => p.y >= from && p.y < to && !(p.x0 < gutter && p.x1 > gutter))
    const left = band.filter(p => p.x1 <= gutter)
    const right = band.filter(p => p.x0 >= gutter)
    const columns = isRtl(band) ? [right, left] : [left, right]
    for (const column of columns) blocks.push(...order(column, depth + 1))
    if (next) blocks.push(joined([next]))
    from = to
  }
  return blocks
}

const byPlace = (a: Run, b: Run) => (onOneLine(a, b) ? (a.rtl ? b.x0 - a.x0 : a.x0 - b.x0) : a.y - b.y)
const isRtl = (pieces: readonly Run[]) => pieces.filter(p => p.rtl).length * 2 > pieces.length

/** Many steps back up the page: the file's order is not that of reading. */
function jumps(pieces: readonly Run[]): boolean {
  let up = 0
  for (let i = 1; i < pieces.length; i++) if (pieces[i]!.y < pieces[i - 1]!.y - pieces[i]!.size) up++
  return up >= 4 && up * 4 > pieces.length
}

/** Pieces that follow each other on a baseline make one line, with the wide gaps shown. */
function joined(pieces: readonly Run[]): Line[] {
  const lines: Line[] = []
  for (const piece of pieces) {
    const last = lines.at(-1)
    if (last && onOneLine(last, piece) && gapOf(last, piece) > -piece.size)
      lines[lines.length - 1] = { ...merge(last, piece, '   '), isRow: true }
    else lines.push({ ...piece, isRow: false })
  }
  return lines
}

/** Width of the strips in which a page is searched for a gutter, in points. */
const strip = 2

/** The middle of an empty strip with prose on both sides. A table has such strips too, but its cells are short. */
function gutterOf(pieces: readonly Run[]): number | undefined {
  if (pieces.length < 10) return undefined
  const left = Math.min(...pieces.map(p => p.x0))
  const right = Math.max(...pieces.map(p => p.x1))
  const strips = Math.ceil((right - left) / strip)
  if (!(strips > 20) || strips > 20_000) return undefined
  const covered = new Uint32Array(strips)
  for (const { x0, x1 } of pieces)
    for (let i = Math.floor((x0 - left) / strip); i < (x1 - left) / strip && i < strips; i++) covered[i]!++
  const few = pieces.length / 10
  let best = { from: 0, length: 0 }
  for (let i = Math.floor(strips * 0.2), from = i; i < strips * 0.8; i++) {
    if (covered[i]! > few) from = i + 1
    else if (i + 1 - from > best.length) best = { from, length: i + 1 - from }
  }
  const size = median(pieces.map(p => p.size))
  if (best.length * strip < 0.6 * size) return undefined
  const gutter = left + (best.from + best.length / 2) * strip
  const sides = [pieces.filter(p => p.x1 <= gutter), pieces.filter(p => p.x0 >= gutter)]
  return sides.every(isProse) && overlap(sides[0]!, sides[1]!) ? gutter : undefined
}

/** Most lines go from margin to margin and hold several words. */
function isProse(side: readonly Run[]): boolean {
  if (side.length < 5) return false
  const width = Math.max(...side.map(p => p.x1)) - Math.min(...side.map(p => p.x0))
  const long = side.filter(p => p.x1 - p.x0 > 0.6 * width && p.text.length >= 18)
  return long.length * 2 >= side.length
}

function overlap(a: readonly Run[], b: readonly Run[]): boolean {
  const [a0, a1, b0, b1] = [top(a), bottom(a), top(b), bottom(b)]
  return Math.min(a1, b1) - Math.max(a0, b0) > 0.3 * Math.min(a1 - a0, b1 - b0)
}
const top = (runs: readonly Run[]) => Math.min(...runs.map(r => r.y))
const bottom = (runs: readonly Run[]) => Math.max(...runs.map(r => r.y))

export function median(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[sorted.length >> 1] ?? 0
}
