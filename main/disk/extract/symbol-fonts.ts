/** Letters of the fonts whose characters are signs: Symbol (Adobe's encoding) and the common ones of Wingdings. */

const symbolLetters = 'ΑΒΧΔΕΦΓΗΙϑΚΛΜΝΟΠΘΡΣΤΥςΩΞΨΖ[∴]⊥_‾αβχδεφγηιϕκλμνοπθρστυϖωξψζ{|}∼'
// From 0xa0.
const symbolSigns =
  '€ϒ′≤⁄∞ƒ♣♦♥♠↔←↑→↓°±″≥×∝∂•÷≠≡≈…⏐⎯↵ℵℑℜ℘⊗⊕∅∩∪⊃⊇⊄⊂⊆∈∉∠∇®©™∏√⋅¬∧∨⇔⇐⇑⇒⇓◊〈®©™∑⎛⎜⎝⎡⎢⎣⎧⎨⎩⎪\u0000〉∫⌠⎮⌡⎞⎟⎠⎤⎥⎦⎫⎬⎭'
const symbolOthers: Record<number, string | undefined> = {
  0x22: '∀', 0x24: '∃', 0x27: '∋', 0x2a: '∗', 0x2d: '−', 0x40: '≅'
} // prettier-ignore
const wingdings: Record<number, string | undefined> = {
  0x4a: '☺', 0x6c: '●', 0x6e: '■', 0x6f: '□', 0x71: '❑', 0x72: '❒', 0x75: '◆', 0x76: '❖', 0x9f: '•', 0xa7: '▪', 0xa8: '◻',
  0xd8: '➢', 0xdf: '←', 0xe0: '→', 0xe1: '↑', 0xe2: '↓', 0xf0: '⇨', 0xfb: '✗', 0xfc: '✓', 0xfd: '☒', 0xfe: '☑'
} // prettier-ignore

export const isSymbolFont = (font: string) => /^(symbol|wingdings)/i.test(font)

/** `code`: as the font counts, or 0xf000 more as Word does. Undefined: the font is no such font, or the sign is not known. */
export function symbolIn(font: string, code: number): string | undefined {
  const at = code & 0xff
  if (/^symbol/i.test(font)) {
    if (at >= 0x41 && at <= 0x7e) return symbolLetters[at - 0x41]
    if (at >= 0xa0) return symbolSigns[at - 0xa0]
    return symbolOthers[at] ?? (at >= 0x20 && at < 0x40 ? String.fromCharCode(at) : undefined)
  }
  return /^wingdings/i.test(font) ? wingdings[at] : undefined
}
