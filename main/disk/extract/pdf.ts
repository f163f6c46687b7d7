/** PDF → text by pdf.js (in unpdf's build for places without a browser): pages, paragraphs, bookmarks. */
import { getDocumentProxy, getResolvedPDFJS } from 'unpdf'
import type { Note, NoteKind } from '../../../contract/document'
import { HostFailure } from '../../../contract/failure'
import { counted, type Extraction, note, type Setting } from './document'
import { type Line, linesOf, type Run } from './pdf-lines'
import { paragraphsOf, Words } from './pdf-paragraphs'
import { PdfWarnings } from './pdf-warnings'
import { TextBuilder, tooMuchText } from './text-builder'

type Pdf = Awaited<ReturnType<typeof getDocumentProxy>>
type Page = Awaited<ReturnType<Pdf['getPage']>>

export async function readPdf(bytes: Uint8Array, setting: Setting): Promise<Extraction> {
  const warnings = new PdfWarnings()
  try {
    return await readPages(bytes, setting, warnings)
  } finally {
    warnings.end()
  }
}

async function readPages(bytes: Uint8Array, setting: Setting, warnings: PdfWarnings): Promise<Extraction> {
  // pdf.js takes the bytes it is given away; the look at pages without text needs them once more.
  const pdf = await open(bytes.slice(), setting.name)
  try {
    const words = new Words()
    const pages: Line[][][] = []
    const broken = new Set<number>()
    const lettersLost = new Set<number>()
    let characters = 0
    for (let number = 1; number <= pdf.numPages; number++) {
      const blocks = await linesOfPage(pdf, number).catch(() => undefined)
      if (!blocks) broken.add(number)
      if (warnings.take('font')) lettersLost.add(number)
      pages.push(blocks ?? [])
      for (const line of (blocks ?? []).flat()) {
        words.add(line.text)
        characters += line.text.length
      }
      if (characters > setting.limits.characters) throw tooMuchText(setting)
      setting.progress(number, pdf.numPages)
    }
    const empty = pages.flatMap((blocks, i) =>
      blocks.length === 0 && !broken.has(i + 1) && !lettersLost.has(i + 1) ? [i + 1] : []
    )
    const pictures = empty.length === 0 ? [] : await picturePages(bytes, empty, warnings)
    if (characters === 0)
      throw withoutText(setting.name, pages.length, pictures.length, broken.size, lettersLost.size)
    const builder = new TextBuilder(setting)
    const starts = pages.map(blocks => writePage(builder, blocks, words))
    const text = builder.text()
    await markBookmarks(pdf, builder, text, starts).catch(() => undefined)
    return {
      text,
      kind: 'pdf',
      encoding: '',
      outline: builder.outline(),
      notes: [
        ...pagesNote(
          'pictures',
          pictures,
          pages.length,
          'is a picture without text',
          'are pictures without text',
          ocr
        ),
        ...pagesNote(
          'damaged',
          [...broken],
          pages.length,
          'is damaged and was left out',
          'are damaged and were left out'
        ),
        ...(lettersLost.size > 0
          ? [
              note('unreadable-letters', `Some letters are missing: this PDF ${fontsWithoutTables}.`, {
                where: `page ${[...lettersLost].slice(0, 12).join(', ')}`
              })
            ]
          : []),
        ...unreadableLetters(text)
      ]
    }
  } finally {
    await pdf.destroy()
  }
}

const fontsWithoutTables =
  'shows text (Chinese, Japanese or Korean, as a rule) in fonts that are not in it and whose tables are not known here. Recognising its text (OCR) helps, or a copy with its fonts embedded'

const ocr = ' To have them read, recognise their text first (OCR), for example with ocrmypdf.'

async function open(data: Uint8Array, name: string): Promise<Pdf> {
  try {
    return await getDocumentProxy(data, quiet)
  } catch (error) {
    if (error instanceof Error && error.name === 'PasswordException')
      throw new HostFailure(
        'unreadable-file',
        `${name} is a PDF protected by a password. Open it with its password, save a copy without one, and add that.`
      )
    throw new HostFailure(
      'unreadable-file',
      `${name} is a damaged PDF: its pages could not be found. Download or export it again.`,
      { cause: error }
    )
  }
}

// Verbosity 1: warnings, which PdfWarnings hears. Fonts are not drawn here.
const quiet = { verbosity: 1, disableFontFace: true, useSystemFonts: false, stopAtErrors: false } as const

async function linesOfPage(pdf: Pdf, number: number): Promise<Line[][]> {
  const page = await pdf.getPage(number)
  try {
    return linesOf(await runsOf(page))
  } finally {
    page.cleanup()
  }
}

async function runsOf(page: Page): Promise<Run[]> {
  const { transform } = page.getViewport({ scale: 1 })
  const [a, b, c, d, e, f] = transform as [number, number, number, number, number, number]
  const { items } = await page.getTextContent()
  const runs: Run[] = []
  for (const item of items) {
    if (!('str' in item)) continue
    const [ia, ib, ic, id, ie, if_] = item.transform as [number, number, number, number, number, number]
    const x = a * ie + c * if_ + e
    const y = b * ie + d * if_ + f
    // Direction of the baseline on the shown page; runs up or down the margin keep their place in the order.
    const level = Math.abs(b * ia + d * ib) <= Math.abs(a * ia + c * ib)
    const size = Math.hypot(ic, id) || item.height || 1
    const width = level ? item.width : size
    runs.push({ text: item.str, x0: x, x1: x + width, y, size, rtl: item.dir === 'rtl' })
  }
  return runs
}

/** Returns where the page's text begins. */
function writePage(
  builder: TextBuilder,
  blocks: readonly (readonly Line[])[],
  words: Words
): number | undefined {
  builder.sheet()
  let begin: number | undefined
  for (const block of blocks) {
    builder.separate(2)
    for (const { text, gap } of paragraphsOf(block, words)) {
      if (text === '') continue
      builder.separate(gap)
      const start = builder.add(text)
      begin ??= start
    }
  }
  builder.endSheet(begin)
  return begin
}

/** The bookmarks a PDF brings are its headings; each stands where its words are found on its page. */
async function markBookmarks(
  pdf: Pdf,
  builder: TextBuilder,
  text: string,
  starts: readonly (number | undefined)[]
): Promise<void> {
  const most = 5000
  type Bookmark = { title: string; dest: string | unknown[] | null; items: Bookmark[] }
  const waiting = ((await pdf.getOutline()) ?? [])
    .map(node => ({ node: node as Bookmark, level: 1 }))
    .reverse()
  const found: { title: string; level: number; start: number }[] = []
  let after = 0
  for (let next; (next = waiting.pop()) && found.length < most;) {
    const { node, level } = next
    for (const child of [...(node.items ?? [])].reverse())
      waiting.push({ node: child, level: Math.min(level + 1, 9) })
    const page = await pageOf(pdf, node.dest).catch(() => undefined)
    const begin = page === undefined ? undefined : starts[page]
    if (begin === undefined) continue
    const end = starts.slice(page! + 1).find(start => start !== undefined) ?? text.length
    const start = placeOf(node.title, text, Math.max(begin, after <= end ? after : begin), end) ?? begin
    after = start
    found.push({ title: node.title, level, start })
  }
  found.sort((a, b) => a.start - b.start)
  for (const { title, level, start } of found) builder.mark(title, level, start)
}

async function pageOf(pdf: Pdf, dest: string | unknown[] | null): Promise<number | undefined> {
  const explicit = typeof dest === 'string' ? await pdf.getDestination(dest) : dest
  const target: unknown = explicit?.[0]
  if (typeof target === 'number') return target
  return target && typeof target === 'object'
    ? pdf.getPageIndex(target as Parameters<Pdf['getPageIndex']>[0])
    : undefined
}

/** White space may differ: a title may go over two lines. */
function placeOf(title: string, text: string, from: number, to: number): number | undefined {
  const words = title.trim().split(/\s+/).slice(0, 12)
  if (words[0] === undefined || words[0] === '') return undefined
  const pattern = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+')
  const at = new RegExp(pattern, 'iu').exec(text.slice(from, Math.min(to, from + 50_000)))?.index
  return at === undefined ? undefined : from + at
}

/**
 * Which of the pages show a picture. Decoding scans would take seconds a page; with this limit pdf.js leaves every
 * picture out before it is decoded, and warns of it.
 */
async function picturePages(
  bytes: Uint8Array,
  numbers: readonly number[],
  warnings: PdfWarnings
): Promise<number[]> {
  const pdf = await getDocumentProxy(bytes, { ...quiet, maxImageSize: 0 })
  try {
    const { OPS } = await getResolvedPDFJS()
    const paints: number[] = [OPS.paintInlineImageXObject, OPS.paintImageMaskXObject, OPS.paintImageXObject]
    const found: number[] = []
    for (const number of numbers) {
      warnings.take('picture')
      const page = await pdf.getPage(number).catch(() => undefined)
      const { fnArray } = (await page?.getOperatorList().catch(() => undefined)) ?? { fnArray: [] }
      page?.cleanup()
      if (warnings.take('picture') || fnArray.some(operation => paints.includes(operation)))
        found.push(number)
    }
    return found
  } finally {
    await pdf.destroy()
  }
}

function withoutText(
  name: string,
  pages: number,
  pictures: number,
  broken: number,
  lettersLost: number
): HostFailure {
  if (lettersLost > 0)
    return new HostFailure(
      'empty-document',
      `${name} has no text that can be read: it ${fontsWithoutTables}.`
    )
  if (broken === pages)
    return new HostFailure(
      'unreadable-file',
      `${name} is a damaged PDF: none of its ${counted(pages, 'page', 'pages')} can be read. Download or export it again.`
    )
  const what =
    pictures > 0
      ? `its ${counted(pages, 'page is a picture', 'pages are pictures')}, as a scanner makes them`
      : `its ${counted(pages, 'page is', 'pages are')} empty`
  return new HostFailure(
    'empty-document',
    `${name} has no text: ${what}.` +
      (pictures > 0 ? ' Recognise the text first (OCR), for example with ocrmypdf, and add the result.' : '')
  )
}

function pagesNote(
  kind: NoteKind,
  pages: readonly number[],
  of: number,
  one: string,
  many: string,
  advice = ''
): Note[] {
  if (pages.length === 0) return []
  const which = pages.length <= 12 ? ` (page ${pages.join(', ')})` : ''
  return [
    note(
      kind,
      `${pages.length} of ${counted(of, 'page', 'pages')} ${pages.length === 1 ? one : many}${which}.${advice}`,
      { count: pages.length, where: `page ${pages.slice(0, 12).join(', ')}` }
    )
  ]
}

/** Fonts that do not tell their letters come out as private characters. */
function unreadableLetters(text: string): Note[] {
  const strange = text.match(/[\ue000-\uf8ff\ufffd]/g)?.length ?? 0
  if (strange < 20 || strange < text.length / 200) return []
  return [
    note(
      'unreadable-letters',
      `${counted(strange, 'character', 'characters')} could not be told: this PDF does not say which letters its fonts show. Recognising its text (OCR) may give better results.`,
      { count: strange }
    )
  ]
}
