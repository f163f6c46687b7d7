/** Letters → pieces of lines: what follows each other on a baseline without a wide gap, as one text with its spaces. */
import type { Glyph } from './glyphs'
import { lowered, raised } from './raised'

export interface Piece {
  readonly glyphs: readonly Glyph[]
  readonly text: string
  readonly x0: number
  readonly x1: number
  readonly y: number
  readonly size: number
  readonly isRtl: boolean
  readonly isMono: boolean
}

/** Gaps, in parts of the font's size. A word's space has 0.25; a gutter or a table's gap 1.5 and more. */
const space = 0.1
const wide = 1.5
/** How far baselines of one line may differ. */
const sameLine = 0.4

export function piecesOf(glyphs: readonly Glyph[]): Piece[] {
  const pieces: Piece[] = []
  let run: Glyph[] = []
  const bounds = { x0: 0, x1: 0 }
  for (const glyph of glyphs) {
    const last = run.at(-1)
    if (last && touches(bounds, last, run[0]!, glyph)) {
      run.push(glyph)
      bounds.x0 = Math.min(bounds.x0, glyph.x0)
      bounds.x1 = Math.max(bounds.x1, glyph.x1)
      continue
    }
    if (last) pieces.push(pieceOf(run))
    run = [glyph]
    bounds.x0 = glyph.x0
    bounds.x1 = glyph.x1
  }
  if (run.length > 0) pieces.push(pieceOf(run))
  return pieces
}

type Placed = Pick<Piece, 'x0' | 'x1' | 'y' | 'size' | 'isRtl'>

export function onOneLine(a: Pick<Piece, 'y' | 'size'>, b: Pick<Piece, 'y' | 'size'>): boolean {
  const [small, big] = a.size < b.size ? [a, b] : [b, a]
  const apart = Math.abs(a.y - b.y)
  // A raised or lowered sign is small, and may stand further off.
  return apart < (small.size < 0.85 * big.size ? 0.6 : sameLine) * big.size
}

/** How far `b` begins behind the end of `a`, in the direction of reading. */
export function gapOf(
  a: Pick<Placed, 'x0' | 'x1' | 'isRtl'>,
  b: Pick<Placed, 'x0' | 'x1' | 'isRtl'>
): number {
  return a.isRtl || b.isRtl ? Math.max(b.x0 - a.x1, a.x0 - b.x1) : b.x0 - a.x1
}

function touches(bounds: { x0: number; x1: number }, last: Glyph, first: Glyph, glyph: Glyph): boolean {
  const size = Math.max(last.size, glyph.size)
  const isRtl = last.isRtl || glyph.isRtl || first.isRtl
  const gap = isRtl ? Math.max(glyph.x0 - bounds.x1, bounds.x0 - glyph.x1) : glyph.x0 - last.x1
  // The letters of a ligature share its place.
  const isLigature = glyph.x0 === last.x0 && glyph.x1 === last.x1
  return onOneLine(last, glyph) && (isLigature || (gap > -size && gap < wide * size))
}

function pieceOf(glyphs: readonly Glyph[]): Piece {
  const size = mostly(glyphs.map(glyph => glyph.size))
  const y = mostly(glyphs.filter(glyph => glyph.size > 0.85 * size).map(glyph => glyph.y))
  let [x0, x1, rtl, mono] = [Infinity, -Infinity, 0, 0]
  for (const glyph of glyphs) {
    x0 = Math.min(x0, glyph.x0)
    x1 = Math.max(x1, glyph.x1)
    if (glyph.isRtl) rtl++
    if (glyph.isMono) mono++
  }
  return {
    glyphs,
    text: textOf(glyphs, size, y),
    x0,
    x1,
    y,
    size,
    isRtl: rtl * 2 > glyphs.length,
    isMono: mono * 2 > glyphs.length
  }
}

/** Several pieces of one line as one, with the gaps shown. */
export function joinPieces(a: Piece, b: Piece, between: string): Piece {
  // A raised sign of its own, drawn behind its line or before it.
  const whole =
    gapOf(a, b) < wide * Math.max(a.size, b.size) ? pieceOf([...a.glyphs, ...b.glyphs]) : undefined
  if (whole) return whole
  const main = b.glyphs.length > a.glyphs.length ? b : a
  return {
    glyphs: [...a.glyphs, ...b.glyphs],
    text: a.text + between + b.text,
    x0: Math.min(a.x0, b.x0),
    x1: Math.max(a.x1, b.x1),
    y: main.y,
    size: main.size,
    isRtl: main.isRtl,
    isMono: a.isMono && b.isMono
  }
}

/** The value that most have, to a tenth. */
function mostly(values: readonly number[]): number {
  if (values.every(value => value === values[0])) return values[0] ?? 1
  const counts = new Map<number, number>()
  for (const value of values) {
    const key = Math.round(value * 10)
    counts.set(key, (counts.get(key) ?? 0) + 1)
  }
  let best: [number, number] = [0, 0]
  for (const entry of counts) if (entry[1] > best[1]) best = entry
  return best[0] / 10
}

const isLetter = (text: string) => /\p{L}/u.test(text)

/** Letters set apart ("S P A C E D"): the gap that is usual between two of them, in points. */
function letterSpacing(glyphs: readonly Glyph[]): number {
  const gaps: number[] = []
  for (let i = 1; i < glyphs.length; i++) {
    const [a, b] = [glyphs[i - 1]!, glyphs[i]!]
    if (isLetter(a.text) && isLetter(b.text) && b.before !== 'space') gaps.push(gapOf(a, b))
  }
  if (gaps.length < 4) return 0
  gaps.sort((a, b) => a - b)
  return Math.max(0, gaps[gaps.length >> 1]!)
}

function textOf(glyphs: readonly Glyph[], size: number, y: number): string {
  const usual = letterSpacing(glyphs)
  let text = ''
  for (let i = 0; i < glyphs.length;) {
    const level = levelOf(glyphs[i]!, size, y)
    let end = i + 1
    while (end < glyphs.length && level !== 0 && levelOf(glyphs[end]!, size, y) === level) end++
    const last = glyphs[i - 1]
    if (level === 0) {
      const glyph = glyphs[i]!
      if (
        last &&
        isApart(last, glyph, usual, size) &&
        !isHyphenAtEnd(last, glyph, end === glyphs.length, size)
      )
        text += ' '
      text += glyph.text
    } else {
      const run = glyphs.slice(i, end)
      const inner = run
        .map((glyph, k) => (k > 0 && isApart(run[k - 1]!, glyph, 0, glyph.size) ? ' ' : '') + glyph.text)
        .join('')
      const hasSpace = last !== undefined && (run[0]!.before === 'space' || gapOf(last, run[0]!) > 0.5 * size)
      const next = glyphs[end]
      const nextTouches = next !== undefined && !isApart(run.at(-1)!, next, 0, size) && isLetter(next.text)
      text = (level > 0 ? raised : lowered)(text, inner, hasSpace, nextTouches)
    }
    i = end
  }
  return text
}

/** 1: raised, -1: lowered. */
function levelOf(glyph: Glyph, size: number, y: number): number {
  if (glyph.size > 0.85 * size) return 0
  if (y - glyph.y > 0.15 * size) return 1
  return glyph.y - y > 0.08 * size ? -1 : 0
}

/** Some programs set the hyphen of a broken word a little apart. */
const isHyphenAtEnd = (a: Glyph, b: Glyph, isLast: boolean, size: number) =>
  isLast && b.text === '-' && b.before !== 'space' && isLetter(a.text) && gapOf(a, b) < 0.2 * size

function isApart(a: Glyph, b: Glyph, usual: number, size: number): boolean {
  if (b.before === 'space') return true
  const gap = gapOf(a, b)
  const isSpaced = usual > space * size && isLetter(a.text) && isLetter(b.text)
  if (isSpaced) return gap > usual + Math.max(space * size, 0.5 * usual)
  // Behind a raised sign the size of the line counts.
  const measure = a.size < 0.85 * size || b.size < 0.85 * size ? size : Math.min(a.size, b.size)
  return gap > (b.before === 'gap' ? 0.9 * space : space) * measure
}
