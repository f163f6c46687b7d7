/** The bookmarks a PDF brings are its headings; each stands where its words are found on its page. */
import type { TextBuilder } from '../text-builder'
import type { PdfLibrary } from './library'

const most = 5000

interface Bookmark {
  readonly title: string
  readonly level: number
  /** Index of its page, from 0. */
  readonly page: number
}

/** `starts`: where each page's text begins. */
export function markBookmarks(
  library: PdfLibrary,
  document: number,
  builder: TextBuilder,
  text: string,
  starts: readonly (number | undefined)[]
): void {
  const found: { title: string; level: number; start: number }[] = []
  let after = 0
  for (const { title, level, page } of bookmarksOf(library, document)) {
    const begin = starts[page]
    if (begin === undefined) continue
    const end = starts.slice(page + 1).find(start => start !== undefined) ?? text.length
    const start = placeOf(title, text, Math.max(begin, after <= end ? after : begin), end) ?? begin
    after = start
    found.push({ title, level, start })
  }
  found.sort((a, b) => a.start - b.start)
  for (const { title, level, start } of found) builder.mark(title, level, start)
}

function bookmarksOf(library: PdfLibrary, document: number): Bookmark[] {
  const { call } = library
  const found: Bookmark[] = []
  // A bookmark met twice is a ring.
  const seen = new Set<number>()
  const waiting = [{ bookmark: call.FPDFBookmark_GetFirstChild(document, 0), level: 1 }]
  for (let next; (next = waiting.pop()) && found.length < most;) {
    const { bookmark, level } = next
    if (bookmark === 0 || seen.has(bookmark)) continue
    seen.add(bookmark)
    waiting.push({ bookmark: call.FPDFBookmark_GetNextSibling(document, bookmark), level })
    waiting.push({
      bookmark: call.FPDFBookmark_GetFirstChild(document, bookmark),
      level: Math.min(level + 1, 9)
    })
    let target = call.FPDFBookmark_GetDest(document, bookmark)
    if (target === 0) {
      const action = call.FPDFBookmark_GetAction(bookmark)
      if (action !== 0) target = call.FPDFAction_GetDest(document, action)
    }
    const title = library.textOf((at, length) => call.FPDFBookmark_GetTitle(bookmark, at, length))
    found.push({ title, level, page: target === 0 ? -1 : call.FPDFDest_GetDestPageIndex(document, target) })
  }
  return found
}

/** White space may differ: a title may go over two lines. */
function placeOf(title: string, text: string, from: number, to: number): number | undefined {
  const words = title.trim().split(/\s+/).slice(0, 12)
  if (words[0] === undefined || words[0] === '') return undefined
  const pattern = words.map(word => word.replace(/[.*+?^${}()|[\]\\]/g, '\\$&')).join('\\s+')
  const at = new RegExp(pattern, 'iu').exec(text.slice(from, Math.min(to, from + 50_000)))?.index
  return at === undefined ? undefined : from + at
}
