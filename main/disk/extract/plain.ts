/** Text files: kept to the letter; the headings of Markdown and of plain text make an outline. */
import type { DocumentKind } from '../../../contract/document'
import { failureSaying } from '../../../contract/failure'
import { type DecodeHow, decodeText } from '../decode-text'
import type { Extraction } from './document'
import { plainHeadings } from './plain-headings'

/** `name` is for the sentences. */
export async function readPlain(
  bytes: Uint8Array,
  name: string,
  kind: DocumentKind,
  how: DecodeHow = {}
): Promise<Extraction> {
  const decoded = await decodeText(bytes, how)
  if (decoded === undefined) throw noText(name)
  const { text, encoding, notes } = decoded
  if (!/\S/.test(text)) throw emptyText(name, bytes.length)
  return {
    text,
    kind,
    encoding,
    outline: { headings: headingsOf(kind, text), sheets: [] },
    notes
  }
}

function headingsOf(kind: DocumentKind, text: string) {
  return kind === 'markdown' ? markdownHeadings(text) : kind === 'text' ? plainHeadings(text) : []
}

export const noText = (name: string) => failureSaying('unsupported-file', 'noTextHere', { name })

export const emptyText = (name: string, bytes: number) =>
  failureSaying('empty-document', bytes > 0 ? 'whiteSpace' : 'emptyFile', { name })

/** "# Title" and underlined titles, outside of fenced code and front matter. */
export function markdownHeadings(text: string): { title: string; level: number; start: number }[] {
  const headings: { title: string; level: number; start: number }[] = []
  let fence: string | undefined
  let before = { line: '', start: 0 }
  let frontMatter = false
  for (let start = 0; start < text.length;) {
    const end = text.indexOf('\n', start)
    const line = text.slice(start, end === -1 ? text.length : end).trimEnd()
    if (start === 0 && line === '---') frontMatter = true
    else if (frontMatter) {
      if (line === '---' || line === '...') frontMatter = false
    } else {
      const mark = /^ {0,3}(`{3,}|~{3,})/.exec(line)?.[1]
      if (fence !== undefined) {
        if (mark?.startsWith(fence) && line.trim() === mark) fence = undefined
      } else if (mark) fence = mark
      else {
        const found = /^ {0,3}(#{1,6})(?:[ \t]+(.*))?$/.exec(line)
        const under = /^ {0,3}(=+|-+)$/.exec(line)
        if (found) {
          const title = (found[2] ?? '').replace(/(^|[ \t])#+$/, '')
          push(title, found[1]!.length, start)
        } else if (under && /^ {0,3}[^\s>#|*+-]/.test(before.line))
          push(before.line, under[1]!.startsWith('=') ? 1 : 2, before.start)
      }
    }
    before = { line: fence === undefined && !frontMatter ? line : '', start }
    if (end === -1) break
    start = end + 1
  }
  return headings

  function push(marked: string, level: number, start: number) {
    // Emphasis, code and links show their words.
    const title = marked
      .replace(/!?\[([^\]]*)\]\([^)]*\)/g, '$1')
      .replace(/(\*\*|__|\*|`)/g, '')
      .trim()
    if (title !== '') headings.push({ title: title.slice(0, 200), level, start })
  }
}
