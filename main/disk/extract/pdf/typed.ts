/** Values that were typed into a page → pieces on the line that they belong to. */
import type { Typed } from './annotations'
import { turnedBox } from './box'
import { type Glyph, rtl } from './glyphs'
import { onOneLine, type Piece } from './pieces'

/** `turned`: how the page's lines run in its own space, in degrees. */
export function withTyped(pieces: readonly Piece[], typed: readonly Typed[], turned: number): Piece[] {
  if (typed.length === 0) return [...pieces]
  const words = new Set(pieces.flatMap(({ text }) => text.toLowerCase().split(/[^\p{L}\p{N}]+/u)))
  const placed = typed
    .flatMap(each => {
      const isRepeated = each.isTick && !each.text.startsWith('[') && words.has(each.text.toLowerCase())
      return piecesOf(isRepeated ? { ...each, text: '[x]' } : each, turned, pieces)
    })
    .sort((a, b) => (onOneLine(a, b) ? a.x0 - b.x0 : a.y - b.y))
  const all = [...pieces]
  for (const piece of placed) all.splice(placeOf(piece, all), 0, piece)
  return all
}

/** Behind what stands left of it on its line, before what stands right of it, or below the line above. */
function placeOf(piece: Piece, all: readonly Piece[]): number {
  let [left, right, above] = [-1, -1, -1]
  all.forEach((other, i) => {
    if (onOneLine(other, piece)) {
      if (other.x0 <= piece.x0 && (left === -1 || other.x0 >= all[left]!.x0)) left = i
      if (other.x0 > piece.x0 && (right === -1 || other.x0 < all[right]!.x0)) right = i
    } else if (other.y < piece.y && (above === -1 || other.y >= all[above]!.y)) above = i
  })
  if (left !== -1) return left + 1
  return right !== -1 ? right : above + 1
}

function piecesOf({ text, rect, isBlock }: Typed, turned: number, pieces: readonly Piece[]): Piece[] {
  const box = { x0: rect.left, x1: rect.right, y0: rect.bottom, y1: rect.top }
  const { x0: left, x1: right, y0: top, y1: bottom } = turnedBox(box, turned)
  const label = isBlock
    ? undefined
    : pieces.find(
        ({ x1, y, size }) =>
          x1 <= left + size && y > top && y < bottom + 0.2 * size && bottom - top < 3 * size
      )
  const size = label?.size ?? Math.min(12, Math.max(4, (bottom - top) * 0.8))
  const y = label?.y ?? (isBlock ? top + size : (top + bottom) / 2 + 0.35 * size)
  return text.split('\n').flatMap((line, i) => {
    if (line.trim() === '') return []
    const glyph: Glyph = {
      text: line.trim(),
      x0: left,
      x1: Math.max(left + 1, Math.min(right, left + line.length * size * 0.5)),
      y: y + i * size * 1.2,
      size,
      isRtl: rtl.test(line),
      isMono: false,
      font: -1,
      before: 'space',
      object: 0,
      isLost: false
    }
    const { x0, x1, isRtl } = glyph
    return [{ glyphs: [glyph], text: glyph.text, x0, x1, y: glyph.y, size, isRtl, isMono: false }]
  })
}
