/** One page of a PDF → its blocks of lines, and what is to be told of it. */
import type { AnnotationReader, Annotations } from './annotations'
import { type Box, turnedBox } from './box'
import { hasBrokenContents } from './file'
import { type Glyph, Glyphs } from './glyphs'
import { hiddenTexts } from './layers'
import { blocksOf, type Line } from './layout'
import { markLost, mendShifted } from './letters'
import type { PdfLibrary } from './library'
import { piecesOf } from './pieces'
import type { Sheet } from './running'
import { withTyped } from './typed'

export interface ReadSheet extends Sheet {
  readonly blocks: readonly (readonly Line[])[]
  readonly annotations: Annotations
  readonly state: 'read' | 'broken' | 'empty' | 'picture'
  /** Pictures beside the text, at least a tenth of the page large. */
  readonly pictures: number
  readonly letters: number
  readonly lost: number
  readonly mended: number
  /** Pieces of text in layers that are switched off, or outside of the page. */
  readonly hidden: number
}

export interface PdfFile {
  readonly library: PdfLibrary
  readonly document: number
  readonly bytes: Uint8Array
  readonly hasLayeredForms: boolean
  readonly annotations: AnnotationReader
}

const none: Annotations = { typed: [], notes: [], attachments: [], hidden: 0 }

/** `index` from 0. */
export function readSheet(file: PdfFile, index: number): ReadSheet {
  const { library, document } = file
  const { call } = library
  const label = library.textOf((at, length) => call.FPDF_GetPageLabel(document, index, at, length))
  const page = call.FPDF_LoadPage(document, index)
  if (page === 0)
    return {
      blocks: [],
      top: 0,
      bottom: 0,
      label,
      annotations: none,
      state: 'broken',
      pictures: 0,
      letters: 0,
      lost: 0,
      mended: 0,
      hidden: 0
    }
  try {
    return { ...contentOf(file, page, index), label }
  } finally {
    call.FPDF_ClosePage(page)
  }
}

function contentOf(file: PdfFile, page: number, index: number): Omit<ReadSheet, 'label'> {
  const { library } = file
  file.annotations.drawSilent(page)
  const hiddenObjects = hiddenTexts(library, page, file.hasLayeredForms)
  const level = 90 * (library.call.FPDFPage_GetRotation(page) & 3)
  const box = boxOf(library, page)
  const groups = new Glyphs(library).ofPage(page, object => hiddenObjects.has(object))
  const annotations = file.annotations.ofPage(page)
  let [letters, lost, mended, outside] = [0, 0, 0, 0]
  const blocks: Line[][] = []
  const hasLevel = groups.some(({ angle }) => angle === 0)
  for (const { angle, glyphs } of hasLevel ? groups : [{ angle: 0, glyphs: [] }, ...groups]) {
    const shown = within(glyphs, box && turnedBox(box, level + angle))
    if (shown.length < glyphs.length) outside++
    mended += mendShifted(shown)
    letters += shown.length
    lost += markLost(shown)
    const pieces = piecesOf(shown)
    blocks.push(...blocksOf(angle === 0 ? withTyped(pieces, annotations.typed, level) : pieces))
  }
  const { y0: top, y1: bottom } = box ? turnedBox(box, level) : { y0: 0, y1: 0 }
  const { pictures, drawn } = picturesOn(library, page, box)
  const isEmpty = blocks.length === 0
  const empty = isEmpty ? stateOf(file, index, pictures, drawn) : 'read'
  // Text behind a picture of the whole page is what the picture shows.
  const beside = isEmpty ? 0 : pictures.filter(share => share >= 0.1 && share < 0.8).length
  return {
    blocks,
    top,
    bottom,
    annotations,
    state: empty,
    pictures: beside,
    letters,
    lost,
    mended,
    hidden: hiddenObjects.size + outside + annotations.hidden
  }
}

function stateOf(
  file: PdfFile,
  index: number,
  pictures: readonly number[],
  drawn: number
): ReadSheet['state'] {
  if (pictures.length > 0) return 'picture'
  if (drawn > 0) return drawn >= manyPaths ? 'picture' : 'empty'
  const object = file.library.call.EPDFDoc_GetPageObjectNumberByIndex(file.document, index)
  return hasBrokenContents(file.bytes, object) ? 'broken' : 'empty'
}

/** Text that was turned into outlines is some lines for each letter. */
const manyPaths = 60

/** What of the page is shown, in its own space, `y` upwards. */
function boxOf(library: PdfLibrary, page: number): Box | undefined {
  const [left, top, right, bottom] =
    library.floats(4, out => library.call.FPDF_GetPageBoundingBox(page, out)) ?? []
  if (bottom === undefined || !(right! > left!) || !(top! > bottom)) return undefined
  return { x0: left!, x1: right!, y0: bottom, y1: top! }
}

/** Without what nobody sees, as it stands outside of the page. */
function within(glyphs: Glyph[], box: Box | undefined): Glyph[] {
  if (!box) return glyphs
  const isOutside = ({ x0, x1, y, size }: Glyph) =>
    x1 < box.x0 - 1 || x0 > box.x1 + 1 || y < box.y0 - 1 || y - size > box.y1 + 1
  return glyphs.some(isOutside) ? glyphs.filter(glyph => !isOutside(glyph)) : glyphs
}

const [pathType, imageType, shadingType, formType] = [2, 3, 4, 5]

/** Shares of the page that its pictures cover, and how many other things are drawn. */
function picturesOn(
  library: PdfLibrary,
  page: number,
  box: Box | undefined
): { pictures: number[]; drawn: number } {
  const { call, out } = library
  const area = box ? (box.x1 - box.x0) * (box.y1 - box.y0) : Infinity
  const pictures: number[] = []
  let drawn = 0
  const look = (object: number, depth: number) => {
    const type = call.FPDFPageObj_GetType(object)
    if (type === formType && depth < 6) {
      const count = Math.min(2000, call.FPDFFormObj_CountObjects(object))
      for (let i = 0; i < count; i++) look(call.FPDFFormObj_GetObject(object, i), depth + 1)
    } else if (type === imageType) {
      const [left, bottom, right, top] =
        library.floats(4, () => call.FPDFPageObj_GetBounds(object, out, out + 4, out + 8, out + 12)) ?? []
      pictures.push(top === undefined ? 0 : Math.abs((right! - left!) * (top - bottom!)) / area)
    } else if (type === pathType || type === shadingType) drawn++
  }
  const count = Math.min(20_000, call.FPDFPage_CountObjects(page))
  for (let i = 0; i < count; i++) look(call.FPDFPage_GetObject(page, i), 0)
  return { pictures, drawn }
}
