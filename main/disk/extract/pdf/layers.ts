/**
 * Text of layers that are switched off (optional content). PDFium knows which are when it draws, not when it reads text: what a layer
 * holds is drawn alone and small, and what leaves no trace is hidden.
 */
import type { PdfLibrary } from './library'

const textType = 1
const formType = 5
/** More groups or objects on a page are not looked at. */
const mostGroups = 400
const mostObjects = 50_000
const pixels = 256

interface Group {
  readonly texts: number[]
  readonly objects: number[]
}

/** The text objects of a page that are not shown. `mayHideForms`: the file has forms (parts drawn by name) with layers. */
export function hiddenTexts(library: PdfLibrary, page: number, mayHideForms: boolean): Set<number> {
  const { call } = library
  const groups = new Map<string, Group>()
  const leaves: number[] = []
  const walk = (object: number, keys: readonly string[], depth: number) => {
    if (leaves.length > mostObjects || depth > 12) return
    const type = call.FPDFPageObj_GetType(object)
    const own = type === textType || type === formType ? layersOf(library, object) : []
    const all = [...keys, ...own]
    if (type === formType) {
      if (mayHideForms) all.push(`form ${object}`)
      const count = call.FPDFFormObj_CountObjects(object)
      for (let i = 0; i < count; i++) walk(call.FPDFFormObj_GetObject(object, i), all, depth + 1)
      return
    }
    leaves.push(object)
    if (type !== textType || all.length === 0) return
    // Never painted, layer or not: the text behind the picture of a scan.
    if (call.FPDFTextObj_GetTextRenderMode(object) === 3) return
    const key = all.join(' ')
    const group = groups.get(key) ?? { texts: [], objects: [] }
    if (!groups.has(key) && groups.size < mostGroups) groups.set(key, group)
    group.texts.push(object)
  }
  const count = Math.min(mostObjects, call.FPDFPage_CountObjects(page))
  for (let i = 0; i < count; i++) walk(call.FPDFPage_GetObject(page, i), [], 0)
  const hidden = new Set<number>()
  if (groups.size === 0 || leaves.length > mostObjects) return hidden
  for (const leaf of leaves) call.FPDFPageObj_SetIsActive(leaf, 0)
  for (const { texts } of groups.values()) {
    for (const text of texts) call.FPDFPageObj_SetIsActive(text, 1)
    if (!leavesTrace(library, page)) for (const text of texts) hidden.add(text)
    for (const text of texts) call.FPDFPageObj_SetIsActive(text, 0)
  }
  for (const leaf of leaves) call.FPDFPageObj_SetIsActive(leaf, 1)
  return hidden
}

/** Marks of layers around an object; objects between the same two marks share them. */
function layersOf(library: PdfLibrary, object: number): string[] {
  const { call, out } = library
  const marks: string[] = []
  const count = Math.min(64, call.FPDFPageObj_CountMarks(object))
  for (let i = 0; i < count; i++) {
    const mark = call.FPDFPageObj_GetMark(object, i)
    if (mark === 0 || call.FPDFPageObjMark_GetName(mark, out, 16, out + 48) === 0) continue
    // "OC" in UTF-16, with its end.
    if (library.data.getUint32(out, true) === 0x0043004f && library.data.getUint16(out + 4, true) === 0)
      marks.push(String(mark))
  }
  return marks
}

function leavesTrace(library: PdfLibrary, page: number): boolean {
  const { call } = library
  const [width, height] = [call.FPDF_GetPageWidthF(page), call.FPDF_GetPageHeightF(page)]
  const scale = pixels / Math.max(1, width, height)
  const [columns, rows] = [Math.max(1, Math.round(width * scale)), Math.max(1, Math.round(height * scale))]
  const at = call.malloc(columns * rows * 4)
  if (at === 0) return true
  library.bytes(at, columns * rows * 4).fill(0)
  // 4: four bytes a pixel, blue, green, red and how opaque it is.
  const bitmap = call.FPDFBitmap_CreateEx(columns, rows, 4, at, columns * 4)
  try {
    if (bitmap === 0) return true
    call.FPDF_RenderPageBitmap(bitmap, page, 0, 0, columns, rows, 0, 0)
    return library.bytes(at, columns * rows * 4).some(byte => byte !== 0)
  } finally {
    if (bitmap !== 0) call.FPDFBitmap_Destroy(bitmap)
    call.free(at)
  }
}
