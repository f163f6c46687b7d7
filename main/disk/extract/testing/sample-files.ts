/** One real file of each format, with the same words in it, for tests of whatever comes after the extraction. */
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { DocumentKind } from '../../../../contract/document'
import { docx, makeDocx, makeEpub, makeOdt } from './make-archives'
import { lines, makePdf } from './make-pdf'

export const needle = 'The special magic Lisbon number is 4821.'
/** Where the format has headings. */
export const heading = 'The harbour at night'

const before =
  'The ferry left the harbour of Lisbon at a quarter past six, while the lamps were still burning on the quay.'
const after = 'Nobody on board had had breakfast, and the river was as grey as the sky above it.'
const paragraphs = [before, needle, after]
const html = (all: readonly string[]) => all.map(text => `<p>${text}</p>`).join('\n')

export interface SampleFile {
  readonly name: string
  readonly kind: DocumentKind
  /** Its outline holds `heading`. */
  readonly hasHeading: boolean
  readonly content: string | Uint8Array
}

export const sampleFiles = (): SampleFile[] => [
  text('sample.txt', 'text', paragraphs.join('\n\n') + '\n'),
  text(
    'sample.log',
    'text',
    paragraphs.map((line, i) => `2026-03-0${i + 1} 06:15:00 INFO ${line}\n`).join('')
  ),
  { ...text('sample.md', 'markdown', `# ${heading}\n\n${paragraphs.join('\n\n')}\n`), hasHeading: true },
  text('sample.ts', 'code', `/** ${paragraphs.join(' ')} */\nexport const number = 4821\n`),
  text('sample.csv', 'table', `hour,remark\n6,"${before}"\n7,"${needle}"\n8,"${after}"\n`),
  text('sample.json', 'json', JSON.stringify({ paragraphs }, null, 2)),
  text('sample.jsonl', 'json', paragraphs.map(line => JSON.stringify({ line }) + '\n').join('')),
  {
    ...text(
      'sample.html',
      'html',
      `<!doctype html><html><head><title>${heading}</title><style>p { color: red }</style></head><body>` +
        `<nav><a href="/">Home</a> <a href="/about">About</a></nav><article><h1>${heading}</h1>${html([...paragraphs, before, after])}</article>` +
        '<script>alert(1)</script></body></html>'
    ),
    hasHeading: true
  },
  {
    name: 'sample.pdf',
    kind: 'pdf',
    hasHeading: true,
    content: makePdf(
      [
        {
          texts: [
            { text: heading, y: 72, size: 18 },
            ...lines([before.slice(0, 67), before.slice(68)], 72, 110)
          ]
        },
        { texts: [...lines([needle], 72, 72), ...lines([after.slice(0, 48), after.slice(49)], 72, 110)] }
      ],
      { bookmarks: [[heading, 0]] }
    )
  },
  {
    name: 'sample.docx',
    kind: 'docx',
    hasHeading: true,
    content: makeDocx(docx.heading(heading, 1) + paragraphs.map(each => docx.paragraph(each)).join(''))
  },
  {
    name: 'sample.epub',
    kind: 'epub',
    hasHeading: true,
    content: makeEpub([
      { title: heading, body: `<h1>${heading}</h1>${html(paragraphs)}` },
      { title: 'The next morning', body: `<h1>The next morning</h1>${html([after])}` }
    ])
  },
  {
    name: 'sample.odt',
    kind: 'odt',
    hasHeading: true,
    content: makeOdt(
      `<text:h text:outline-level="1">${heading}</text:h>` +
        paragraphs.map(each => `<text:p>${each}</text:p>`).join('')
    )
  },
  {
    ...text(
      'sample.rtf',
      'rtf',
      '{\\rtf1\\ansi\\ansicpg1252{\\fonttbl{\\f0 Times New Roman;}}{\\stylesheet{\\s1\\outlinelevel0 heading 1;}}\n' +
        `\\pard\\s1 ${heading}\\par\\pard\n${paragraphs.join('\\par\n')}\\par}`
    ),
    hasHeading: true
  }
]

const text = (name: string, kind: DocumentKind, content: string): SampleFile => ({
  name,
  kind,
  hasHeading: false,
  content
})

/** Writes them all; returns their paths by name. */
export async function writeSampleFiles(folder: string): Promise<Map<string, string>> {
  const paths = new Map<string, string>()
  for (const { name, content } of sampleFiles()) {
    const path = join(folder, name)
    await writeFile(path, content)
    paths.set(name, path)
  }
  return paths
}
