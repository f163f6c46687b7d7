/** Word, EPUB and OpenDocument files of the smallest shape that real programs open. */
import { strToU8, zipSync } from 'fflate'

type Files = Record<string, string | Uint8Array>

/** The first entry is stored as it is, where `mimetype` has to lie. */
export function makeZip(files: Files): Uint8Array {
  const entries = Object.entries(files).map(([name, content]) => {
    const bytes = typeof content === 'string' ? strToU8(content) : content
    return [name, [bytes, { level: name === 'mimetype' ? 0 : 6 }]] as const
  })
  return zipSync(Object.fromEntries(entries) as Parameters<typeof zipSync>[0])
}

const head = '<?xml version="1.0" encoding="UTF-8" standalone="yes"?>'
const word = 'http://schemas.openxmlformats.org/wordprocessingml/2006/main'
const office = 'http://schemas.openxmlformats.org/officeDocument/2006/relationships'
const packages = 'http://schemas.openxmlformats.org/package/2006'

/** `body`: what stands in <w:body>. `footnotes` by their ids from 2, as Word counts. */
export function makeDocx(body: string, footnotes: readonly string[] = [], more: Files = {}): Uint8Array {
  const notes = footnotes.map(
    (text, i) =>
      `<w:footnote w:id="${i + 2}"><w:p><w:r><w:t xml:space="preserve"> ${text}</w:t></w:r></w:p></w:footnote>`
  )
  const style = (id: string, name: string) =>
    `<w:style w:type="paragraph" w:styleId="${id}"><w:name w:val="${name}"/></w:style>`
  const level = (format: string) =>
    [0, 1].map(i => `<w:lvl w:ilvl="${i}"><w:start w:val="1"/><w:numFmt w:val="${format}"/></w:lvl>`).join('')
  const type = (part: string) =>
    `<Override PartName="/word/${part}.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.${part}+xml"/>`
  const relation = (part: string, i: number) =>
    `<Relationship Id="r${i}" Type="${office}/${part}" Target="${part}.xml"/>`
  return makeZip({
    '[Content_Types].xml':
      `${head}<Types xmlns="${packages}/content-types"><Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>` +
      `<Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/>` +
      `${['styles', 'numbering', 'footnotes'].map(type).join('')}</Types>`,
    '_rels/.rels': `${head}<Relationships xmlns="${packages}/relationships"><Relationship Id="r1" Type="${office}/officeDocument" Target="word/document.xml"/></Relationships>`,
    'word/document.xml': `${head}<w:document xmlns:w="${word}"><w:body>${body}</w:body></w:document>`,
    'word/_rels/document.xml.rels': `${head}<Relationships xmlns="${packages}/relationships">${['styles', 'numbering', 'footnotes'].map(relation).join('')}</Relationships>`,
    'word/styles.xml': `${head}<w:styles xmlns:w="${word}">${style('Title', 'Title')}${style('berschrift1', 'heading 1')}${style('berschrift2', 'heading 2')}</w:styles>`,
    'word/numbering.xml':
      `${head}<w:numbering xmlns:w="${word}"><w:abstractNum w:abstractNumId="0">${level('bullet')}</w:abstractNum>` +
      `<w:abstractNum w:abstractNumId="1">${level('decimal')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>` +
      '<w:num w:numId="2"><w:abstractNumId w:val="1"/></w:num></w:numbering>',
    'word/footnotes.xml': `${head}<w:footnotes xmlns:w="${word}">${notes.join('')}</w:footnotes>`,
    ...more
  })
}

const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`

/** Parts of a Word body. */
export const docx = {
  paragraph: (text: string, inner = '') => `<w:p>${run(text)}${inner}</w:p>`,
  heading: (text: string, level: 1 | 2) =>
    `<w:p><w:pPr><w:pStyle w:val="berschrift${level}"/></w:pPr>${run(text)}</w:p>`,
  title: (text: string) => `<w:p><w:pPr><w:pStyle w:val="Title"/></w:pPr>${run(text)}</w:p>`,
  item: (text: string, list: 'bullets' | 'numbers', level = 0) =>
    `<w:p><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list === 'bullets' ? 1 : 2}"/></w:numPr></w:pPr>${run(text)}</w:p>`,
  table: (rows: readonly (readonly string[])[]) =>
    `<w:tbl>${rows
      .map(row => `<w:tr>${row.map(cell => `<w:tc><w:p>${run(cell)}</w:p></w:tc>`).join('')}</w:tr>`)
      .join('')}</w:tbl>`,
  /** The first is 2. */
  footnote: (id: number) => `<w:r><w:footnoteReference w:id="${id}"/></w:r>`
}

export interface Chapter {
  readonly title: string
  /** What stands in <body>. */
  readonly body: string
}

/** EPUB 3 with EPUB 2's contents too, and a contents page in the spine, as most shops sell them. */
export function makeEpub(chapters: readonly Chapter[], more: Files = {}): Uint8Array {
  const page = (title: string, body: string) =>
    `<?xml version="1.0" encoding="utf-8"?><!DOCTYPE html><html xmlns="http://www.w3.org/1999/xhtml" xmlns:epub="http://www.idpf.org/2007/ops"><head><title>${title}</title><script src="x.js"/></head><body>${body}</body></html>`
  const links = chapters
    .map(({ title }, i) => `<li><a href="text/c%20${i}.xhtml#start">${title}</a></li>`)
    .join('')
  const points = chapters.map(
    ({ title }, i) =>
      `<navPoint><navLabel><text>${title}</text></navLabel><content src="text/c%20${i}.xhtml"/></navPoint>`
  )
  // Listed backwards: only the spine tells the order.
  const items = chapters
    .map((_, i) => `<item id="c${i}" href="text/c%20${i}.xhtml" media-type="application/xhtml+xml"/>`)
    .reverse()
  return makeZip({
    mimetype: 'application/epub+zip',
    'META-INF/container.xml':
      '<?xml version="1.0"?><container xmlns="urn:oasis:names:tc:opendocument:xmlns:container" version="1.0"><rootfiles><rootfile full-path="OEBPS/book.opf" media-type="application/oebps-package+xml"/></rootfiles></container>',
    'OEBPS/book.opf':
      '<?xml version="1.0"?><package xmlns="http://www.idpf.org/2007/opf" version="3.0"><manifest>' +
      `<item id="nav" href="nav.xhtml" properties="nav" media-type="application/xhtml+xml"/><item id="ncx" href="toc.ncx" media-type="application/x-dtbncx+xml"/>` +
      `${items.join('')}</manifest><spine toc="ncx"><itemref idref="nav"/>${chapters.map((_, i) => `<itemref idref="c${i}"/>`).join('')}</spine></package>`,
    'OEBPS/nav.xhtml': page('Contents', `<nav epub:type="toc"><h1>Contents</h1><ol>${links}</ol></nav>`),
    'OEBPS/toc.ncx': `<?xml version="1.0"?><ncx xmlns="http://www.daisy.org/z3986/2005/ncx/"><navMap>${points.join('')}</navMap></ncx>`,
    ...Object.fromEntries(
      chapters.map(({ title, body }, i) => [`OEBPS/text/c ${i}.xhtml`, page(title, body)])
    ),
    ...more
  })
}

const namespaces = ['office', 'text', 'table', 'style', 'draw', 'dc']
  .map(name => `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name}:1.0"`)
  .join(' ')

/** `body`: what stands in <office:text>. The list style "N" counts. */
export function makeOdt(body: string, more: Files = {}): Uint8Array {
  return makeZip({
    mimetype: 'application/vnd.oasis.opendocument.text',
    'content.xml':
      `<?xml version="1.0" encoding="UTF-8"?><office:document-content ${namespaces}><office:automatic-styles>` +
      '<text:list-style style:name="B"><text:list-level-style-bullet text:level="1"/></text:list-style>' +
      '<text:list-style style:name="N"><text:list-level-style-number text:level="1"/><text:list-level-style-bullet text:level="2"/></text:list-style>' +
      `</office:automatic-styles><office:body><office:text>${body}</office:text></office:body></office:document-content>`,
    'META-INF/manifest.xml': '<?xml version="1.0"?><manifest/>',
    ...more
  })
}
