/** PDF → text by PDFium (as WebAssembly): pages, paragraphs, tables, what was typed into it, bookmarks. */
import { failureSaying, HostFailure } from '../../../../contract/failure'
import { type Extraction, outOfMemory, type Setting } from '../document'
import { TextBuilder, tooMuchText } from '../text-builder'
import { AnnotationReader, attachedFiles } from './annotations'
import { hasLayeredForms, withTrailer } from './file'
import { PdfLibrary } from './library'
import { markBookmarks } from './outline'
import { flowsOn, joinLines, type Paragraph, paragraphsOf } from './paragraphs'
import { runningLines } from './running'
import { type PdfFile, type ReadSheet, readSheet } from './sheet'
import { notesOf, withoutText } from './told'
import { Words } from './words'
import { xfaText } from './xfa'

/** PDFium's own numbers for what went wrong. */
const [wrongPassword, unknownProtection] = [4, 5]

/** What every PDF needs, ahead of one. */
export const preparePdf = (): Promise<unknown> => PdfLibrary.compiled()

export async function readPdf(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const most = setting.limits.libraryMegabytes
  const library = await PdfLibrary.load(most)
  try {
    return extractionOf(library, bytes, setting)
  } catch (error) {
    throw library.isFull && !(error instanceof HostFailure) ? outOfMemory(setting, most) : error
  }
}

function extractionOf(library: PdfLibrary, bytes: Uint8Array, setting: Setting): Extraction {
  const document = open(library, bytes, setting)
  const file: PdfFile = {
    library,
    document,
    bytes,
    hasLayeredForms: hasLayeredForms(bytes),
    annotations: new AnnotationReader(library, document)
  }
  const count = library.call.FPDF_GetPageCount(document)
  const sheets: ReadSheet[] = []
  let characters = 0
  for (let index = 0; index < count; index++) {
    const sheet = readSheet(file, index)
    sheets.push(sheet)
    for (const line of sheet.blocks.flat()) characters += line.text.length
    if (characters > setting.limits.characters) throw tooMuchText(setting)
    setting.progress(index + 1, count)
  }
  const attachments = [
    ...attachedFiles(library, document),
    ...sheets.flatMap(({ annotations }) => annotations.attachments)
  ]
  const form = xfaText(library, document)
  const builder = new TextBuilder(setting)
  const starts = write(builder, sheets)
  // The pages of a form of Adobe's own kind only ask to wait; where its fields are on the pages, these were read.
  const hasFields = sheets.some(({ annotations }) => annotations.typed.length > 0)
  const isForm = form !== undefined && !hasFields && form.length > 0
  if (isForm)
    for (const line of form) {
      builder.separate(1)
      builder.add(line)
    }
  const text = builder.text()
  if (text === '') throw withoutText(setting.name, sheets)
  markBookmarks(library, document, builder, text, starts)
  return {
    text,
    kind: 'pdf',
    encoding: '',
    outline: { ...builder.outline(), ...labelsOf(sheets) },
    notes: notesOf(sheets, attachments, isForm)
  }
}

function open(library: PdfLibrary, bytes: Uint8Array, setting: Setting): number {
  const { call } = library
  const { name } = setting
  const load = (data: Uint8Array) => {
    // The document reads from there as long as it is open.
    const at = library.copyIn(data)
    if (at === 0) throw outOfMemory(setting, setting.limits.libraryMegabytes)
    const document = library.withString('', password => call.FPDF_LoadMemDocument(at, data.length, password))
    const reason = document === 0 ? call.FPDF_GetLastError() : 0
    if (document === 0) call.free(at)
    return { document: document !== 0 && call.FPDF_GetPageCount(document) === 0 ? 0 : document, reason }
  }
  let { document, reason } = load(bytes)
  if (document === 0 && reason !== wrongPassword && reason !== unknownProtection) {
    const mended = withTrailer(bytes)
    if (mended) ({ document, reason } = load(mended))
  }
  if (document !== 0) return document
  if (reason === wrongPassword) throw failureSaying('unreadable-file', 'pdfProtected', { name })
  throw failureSaying('unreadable-file', reason === unknownProtection ? 'pdfOtherProtection' : 'pdfDamaged', {
    name
  })
}

/** A longer one is no number of a page. */
const longestLabel = 24

/** Pages as the document counts them, where that is not 1, 2, 3. */
function labelsOf(sheets: readonly ReadSheet[]): { sheetNames?: readonly string[] } {
  const names = sheets.map(({ label }, i) => {
    const name = label.replace(/[\p{C}\s]+/gu, ' ').trim()
    return name === '' || name.length > longestLabel ? String(i + 1) : name
  })
  return names.some((name, i) => name !== String(i + 1)) ? { sheetNames: names } : {}
}

interface Written extends Paragraph {
  /** Where pages begin in it: offsets in its text. */
  readonly pages: { page: number; at: number }[]
}

/** Returns where each page's text begins. */
function write(builder: TextBuilder, sheets: readonly ReadSheet[]): (number | undefined)[] {
  const running = runningLines(sheets)
  const words = new Words()
  sheets.forEach(({ blocks }, i) => {
    for (const line of blocks.flat()) if (!running[i]!.has(line)) words.add(line.text)
  })
  const written: Written[] = []
  let prose: Written | undefined
  // Heads and feet wait until the sentence that goes over the page's end is whole.
  let marks: string[] = []
  const push = (paragraph: Paragraph, page: number | undefined) => {
    if (marks.length > 0) written.push({ text: marks.join(' '), gap: 2, size: 0, isFull: false, pages: [] })
    const afterMark = marks.length > 0
    marks = []
    const next: Written = {
      ...paragraph,
      gap: afterMark ? 2 : paragraph.gap,
      pages: page === undefined ? [] : [{ page, at: 0 }]
    }
    written.push(next)
    prose = next
  }
  sheets.forEach(({ blocks, annotations }, page) => {
    let isFirst = true
    const mark = (edge: 'top' | 'bottom') => {
      const lines = blocks.flat().filter(line => running[page]!.has(line))
      const middle = (sheets[page]!.top + sheets[page]!.bottom) / 2
      const own = lines.filter(line => line.y < middle === (edge === 'top'))
      if (own.length > 0) marks.push(`[${own.map(line => line.text.trim()).join(' | ')}]`)
    }
    mark('top')
    for (const block of blocks) {
      const lines = block.filter(line => !running[page]!.has(line))
      if (lines.length === 0) continue
      paragraphsOf(lines, words).forEach((paragraph, k) => {
        if (k === 0 && prose && flowsOn(prose, paragraph)) {
          const whole = joinLines(prose.text, paragraph.text, words)
          const at = whole.length - paragraph.text.length
          if (isFirst) prose.pages.push({ page, at })
          Object.assign(prose, { text: whole, isFull: paragraph.isFull })
        } else push(k === 0 ? { ...paragraph, gap: 2 } : paragraph, isFirst ? page : undefined)
        isFirst = false
      })
    }
    mark('bottom')
    for (const note of annotations.notes) {
      push({ text: note, gap: 1, size: 0, isFull: false }, isFirst ? page : undefined)
      isFirst = false
    }
    if (isFirst) {
      if (marks.length > 0) {
        // Nothing but a head or a foot.
        push({ text: marks.join(' '), gap: 2, size: 0, isFull: false }, page)
        written.splice(-2, 1)
      }
      prose = undefined
    }
  })
  if (marks.length > 0) written.push({ text: marks.join(' '), gap: 2, size: 0, isFull: false, pages: [] })
  return place(builder, written, sheets.length)
}

function place(builder: TextBuilder, written: readonly Written[], count: number): (number | undefined)[] {
  const starts: (number | undefined)[] = Array.from({ length: count }, () => undefined)
  for (const { text, gap, pages } of written) {
    if (text === '') continue
    builder.separate(gap)
    const start = builder.add(text)
    for (const { page, at } of pages) starts[page] = start + at
  }
  // A page without text begins where the next one does.
  let next = builder.length
  for (let page = count - 1; page >= 0; page--) builder.beginSheet(page, (next = starts[page] ?? next))
  return starts
}
