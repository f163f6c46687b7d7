/** Letters that a font does not tell: those that can be worked out are, the rest is counted. */
import type { Glyph } from './glyphs'

/**
 * Fonts made of TrueType fonts without a table of their letters give each letter's place in the font, and in most fonts that is its
 * ASCII code less 29: "The" is read as "7KH" and a space as U+0003.
 */
const shift = 29
/** Signs of a font below which nothing is concluded. */
const enough = 12

/** Mends the glyphs of a page in place; returns how many were mended. */
export function mendShifted(glyphs: Glyph[]): number {
  if (!glyphs.some(glyph => glyph.text === '\u0003')) return 0
  const fonts = new Map<number, Glyph[]>()
  for (const glyph of glyphs) {
    const all = fonts.get(glyph.font)
    if (all) all.push(glyph)
    else fonts.set(glyph.font, [glyph])
  }
  const shifted = new Set([...fonts].filter(([, all]) => isShifted(all)).map(([font]) => font))
  if (shifted.size === 0) return 0
  let mended = 0
  const kept: Glyph[] = []
  let isSpace = false
  for (const glyph of glyphs) {
    if (!shifted.has(glyph.font)) {
      kept.push(isSpace ? { ...glyph, before: 'space' } : glyph)
      isSpace = false
      continue
    }
    mended++
    const code = glyph.text.charCodeAt(0)
    if (code === 3) {
      isSpace = true
      continue
    }
    const text = code < 0x60 ? String.fromCharCode(code + shift) : '\ufffd'
    kept.push({ ...glyph, text, isLost: text === '\ufffd', before: isSpace ? 'space' : glyph.before })
    isSpace = false
  }
  glyphs.splice(0, glyphs.length, ...kept)
  return mended
}

function isShifted(glyphs: readonly Glyph[]): boolean {
  if (glyphs.length < enough) return false
  let [spaces, letters, vowels, others] = [0, 0, 0, 0]
  for (const { text } of glyphs) {
    const code = text.charCodeAt(0)
    const letter = code < 0x60 ? String.fromCharCode(code + shift) : ''
    if (code === 3) spaces++
    else if (/[a-z]/.test(letter)) {
      letters++
      if (/[aeiou]/.test(letter)) vowels++
    } else if (letter === '' || letter < ' ') others++
  }
  const { length } = glyphs
  return (
    spaces * 20 > length &&
    spaces * 3 < length &&
    letters * 2 > length &&
    others * 20 < length &&
    vowels * 5 > letters &&
    vowels * 2 < letters
  )
}

/** What stands in the text for each letter: a sign of its own where nothing of it can be read. */
export function markLost(glyphs: Glyph[]): number {
  let lost = 0
  for (const glyph of glyphs) {
    if (!glyph.isLost) continue
    lost++
    // eslint-disable-next-line no-control-regex -- fonts without a table of letters give these
    if (/[\u0000-\u001f\u007f-\u009f\ufffe\uffff]/.test(glyph.text)) glyph.text = '\ufffd'
  }
  return lost
}
