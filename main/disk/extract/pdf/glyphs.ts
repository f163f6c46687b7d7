/** The letters of a page with their places, as PDFium finds them, turned so that their lines run level. */
import { symbolIn } from '../symbol-fonts'
import type { PdfLibrary } from './library'

/** Baseline at `y`, which grows downwards; `size` is the height of the font. All in points. */
export interface Glyph {
  /** A letter, or what the file says that a picture of letters reads (ActualText). */
  text: string
  x0: number
  x1: number
  y: number
  readonly size: number
  readonly isRtl: boolean
  /** All letters of its font are of one width. */
  readonly isMono: boolean
  /** Names its font within the page. */
  readonly font: number
  /** A space stands before it, or PDFium sees one in the gap. */
  readonly before: '' | 'space' | 'gap'
  /** The page object that draws it. */
  readonly object: number
  /** The font does not tell which letter it is. */
  readonly isLost: boolean
}

/** Letters whose lines run in one direction: 0 is level as the page is shown, 90 upwards. In the file's order. */
interface Turned {
  readonly angle: number
  readonly glyphs: Glyph[]
}

export const rtl = /[\u0590-\u08ff\ufb1d-\ufdff\ufe70-\ufefc]/
const presentation = /[\ufb1d-\ufdfb\ufe70-\ufefc\ufb00-\ufb06]/
const privateUse = /[\ue000-\uf8ff]/

interface Style {
  readonly object: number
  readonly size: number
  /** Degrees, in the page's own space. */
  readonly angle: number
  readonly font: number
  readonly isMono: boolean
  readonly fontName: string
}

/** Of one page: what was asked of its fonts is kept. A later page's fonts may lie at the same addresses. */
export class Glyphs {
  private readonly fonts = new Map<number, { isMono: boolean; name: string }>()

  constructor(private readonly library: PdfLibrary) {}

  /** `isHidden`: page objects that are not to be taken. */
  ofPage(page: number, isHidden: (object: number) => boolean): Turned[] {
    const { call } = this.library
    const text = call.FPDFText_LoadPage(page)
    if (text === 0) return []
    try {
      return this.collect(text, 90 * (call.FPDFPage_GetRotation(page) & 3), isHidden)
    } finally {
      call.FPDFText_ClosePage(text)
    }
  }

  private collect(text: number, turned: number, isHidden: (object: number) => boolean): Turned[] {
    const { call, out } = this.library
    const count = call.FPDFText_CountChars(text)
    const groups = new Map<number, Glyph[]>()
    const groupAt = (angle: number) => {
      const key = (((angle - turned) % 360) + 360) % 360
      const group = groups.get(key) ?? []
      if (group.length === 0) groups.set(key, group)
      return group
    }
    let style: Style | undefined
    let group: Glyph[] = []
    let before: Glyph['before'] = ''
    let last: { x: number; y: number; isTall: boolean; isDown: boolean } | undefined
    for (let i = 0; i < count; i++) {
      const code = call.FPDFText_GetUnicode(text, i)
      if (call.FPDFText_IsGenerated(text, i) === 1) {
        if (code === 0x20 && before === '') before = 'gap'
        continue
      }
      if (code === 0x20 || code === 0xa0 || code === 0x3000 || (code >= 0x2000 && code <= 0x200a)) {
        before = 'space'
        continue
      }
      const object = call.FPDFText_GetTextObject(text, i)
      if (style?.object !== object) {
        style = this.styleOf(text, i, object)
        group = groupAt(style.angle)
      }
      if (isHidden(object)) continue
      call.FPDFText_GetLooseCharBox(text, i, out)
      call.FPDFText_GetCharOrigin(text, i, out + 16, out + 24)
      const { data } = this.library
      const box: Extent = {
        left: data.getFloat32(out, true),
        top: data.getFloat32(out + 4, true),
        right: data.getFloat32(out + 8, true),
        bottom: data.getFloat32(out + 12, true),
        x: data.getFloat64(out + 16, true),
        y: data.getFloat64(out + 24, true)
      }
      const height = style.angle % 180 === 0 ? box.top - box.bottom : box.right - box.left
      // Fonts of drawings (Type 3) may count in any unit.
      const told = style.size > height / 4 ? style.size : height * 0.8
      // Lines are told apart by their size, also those of letters that have none.
      const size = told > 0 ? told : 1
      const glyph = this.glyph(text, i, code, before, style, size)
      before = ''
      const isTall = code >= 0x3000 && tall.test(glyph.text)
      // Set downwards, as Chinese and Japanese can be: each letter stands under the last.
      const isDown = isTall && last !== undefined && last.isTall && stands(last, box, size)
      if (isDown) {
        const column = groupAt(270 + style.angle)
        if (!last!.isDown) column.push(setDown(group.pop()!, last!, style.angle))
        column.push(setDown(glyph, box, style.angle))
      } else {
        place(glyph, box, style.angle)
        group.push(glyph)
      }
      last = { x: box.x, y: box.y, isTall, isDown }
    }
    return sorted(groups)
  }

  private glyph(
    text: number,
    i: number,
    code: number,
    before: Glyph['before'],
    style: Style,
    size: number
  ): Glyph {
    const isPlain = code > 0x20 && code < 0x7f && this.library.call.FPDFText_HasUnicodeMapError(text, i) === 0
    const letter = isPlain ? plain[code]! : this.letter(text, i, code, style)
    return {
      text: letter.text,
      x0: 0,
      x1: 0,
      y: 0,
      size,
      isRtl: code >= 0x590 && rtl.test(letter.text),
      isMono: style.isMono,
      font: style.font,
      before,
      object: style.object,
      isLost: letter.isLost
    }
  }

  private letter(
    text: number,
    i: number,
    code: number,
    { fontName }: Style
  ): { text: string; isLost: boolean } {
    const { call } = this.library
    // PDFium's sign for a hyphen at a line's end, printed or soft.
    if (code === 2 && call.FPDFText_IsHyphen(text, i) === 1) return { text: '-', isLost: false }
    const isControl = code < 0x20 || (code >= 0x7f && code < 0xa0) || code === 0xfffe || code === 0xffff
    if (isControl) return { text: String.fromCharCode(code), isLost: true }
    const raw = code > 0x10ffff ? '\ufffd' : String.fromCodePoint(code)
    const sign = privateUse.test(raw) ? symbolIn(fontName, code) : undefined
    if (sign !== undefined) return { text: sign, isLost: false }
    return {
      text: presentation.test(raw) ? raw.normalize('NFKC') : raw,
      isLost: privateUse.test(raw) || code === 0xfffd || call.FPDFText_HasUnicodeMapError(text, i) === 1
    }
  }

  private styleOf(text: number, i: number, object: number): Style {
    const { call } = this.library
    const size = call.FPDFText_GetFontSize(text, i)
    const [a, b, c, d] = this.library.floats(6, at => call.FPDFText_GetMatrix(text, i, at)) ?? [1, 0, 0, 1]
    const font = object === 0 ? 0 : call.FPDFTextObj_GetFont(object)
    let known = this.fonts.get(font)
    if (known === undefined) {
      const name = Buffer.from(
        this.library.bytesOf((at, length) =>
          font === 0 ? 0 : call.FPDFFont_GetBaseFontName(font, at, length)
        )
      ).toString('latin1')
      known = {
        name: name.replace(/\0.*$/, '').replace(/^[A-Z]{6}\+/, ''),
        isMono:
          (font !== 0 && (call.FPDFFont_GetFlags(font) & 1) === 1) || /mono|courier|consol|menlo/i.test(name)
      }
      this.fonts.set(font, known)
    }
    const degrees = (Math.atan2(b!, a!) * 180) / Math.PI
    const square = Math.round(degrees / 90) * 90
    return {
      object,
      size: size * Math.hypot(c!, d!),
      angle: Math.abs(degrees - square) < 8 ? square : Math.round(degrees / 5) * 5,
      font,
      isMono: known.isMono,
      fontName: known.name
    }
  }
}

/** Letters of ASCII by their codes. */
const plain = Array.from({ length: 0x7f }, (_, code) => ({ text: String.fromCharCode(code), isLost: false }))

interface Extent {
  left: number
  top: number
  right: number
  bottom: number
  x: number
  y: number
}

const tall = /[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}\u3000-\u30ff]/u

function stands(above: { x: number; y: number }, box: Extent, size: number): boolean {
  const step = above.y - box.y
  return Math.abs(box.x - above.x) < 0.1 * size && step > 0.7 * size && step < 1.6 * size
}

/** A letter of a column: its line runs down the page, and the next line stands left of it. */
function setDown(glyph: Glyph, { x, y }: { x: number; y: number }, angle: number): Glyph {
  place(glyph, { left: x, right: x, top: y, bottom: y, x, y }, 270 + angle)
  const start = glyph.x0
  glyph.x0 = start - 0.88 * glyph.size
  glyph.x1 = start + 0.12 * glyph.size
  return glyph
}

/** Places in the page's own space, `y` upwards, → along and across the lines of this angle. */
function place(glyph: Glyph, box: Extent, angle: number): void {
  if (angle === 0) {
    glyph.x0 = Math.min(box.left, box.right)
    glyph.x1 = Math.max(box.left, box.right)
    glyph.y = -box.y
    return
  }
  const radians = (angle * Math.PI) / 180
  const [cos, sin] = [Math.cos(radians), Math.sin(radians)]
  const start = box.x * cos + box.y * sin
  const along = [box.left, box.right].flatMap(x => [box.top, box.bottom].map(y => x * cos + y * sin))
  const isSquare = angle % 90 === 0
  glyph.x0 = isSquare ? Math.min(...along) : start
  glyph.x1 = isSquare ? Math.max(...along) : start + 0.5 * glyph.size
  glyph.y = box.x * sin - box.y * cos
}

/** The direction that most is set in comes first; what stands slanted, as a watermark does, last. */
function sorted(groups: ReadonlyMap<number, Glyph[]>): Turned[] {
  return [...groups]
    .map(([angle, glyphs]) => ({ angle, glyphs }))
    .sort(
      (a, b) => Number(a.angle % 90 !== 0) - Number(b.angle % 90 !== 0) || b.glyphs.length - a.glyphs.length
    )
}
