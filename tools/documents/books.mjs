/**
 * Books in plain text, printed by LibreOffice and pandoc to other formats and read back: the share of the words in the right order.
 * Needs LibreOffice with its Writer, pandoc and a hyphenation dictionary (hyphen-en-us), and `npm run build`.
 *
 *     node tools/documents/books.mjs [--only pdf-1,docx] [--keep FOLDER] BOOK.txt...
 */
import { execFileSync } from 'node:child_process'
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { parseArgs } from 'node:util'
import { inOrder, percent, table, wordsOf } from './measures.mjs'
import { convertWithLibreOffice, readWithReadonce } from './readers.mjs'

/** @type {Record<string, { columns: number, hyphens: boolean, to: string, by: 'LibreOffice' | 'pandoc' }>} */
const editions = {
  'pdf-1': { columns: 1, hyphens: false, to: 'pdf', by: 'LibreOffice' },
  'pdf-2': { columns: 2, hyphens: false, to: 'pdf', by: 'LibreOffice' },
  'pdf-1-hyphens': { columns: 1, hyphens: true, to: 'pdf', by: 'LibreOffice' },
  'pdf-2-hyphens': { columns: 2, hyphens: true, to: 'pdf', by: 'LibreOffice' },
  docx: { columns: 1, hyphens: false, to: 'docx', by: 'LibreOffice' },
  odt: { columns: 1, hyphens: false, to: 'odt', by: 'LibreOffice' },
  rtf: { columns: 1, hyphens: false, to: 'rtf', by: 'LibreOffice' },
  epub: { columns: 1, hyphens: false, to: 'epub', by: 'LibreOffice' },
  'docx-pandoc': { columns: 1, hyphens: false, to: 'docx', by: 'pandoc' },
  'epub-pandoc': { columns: 1, hyphens: false, to: 'epub', by: 'pandoc' }
}

const { values, positionals: books } = parseArgs({
  allowPositionals: true,
  options: { only: { type: 'string' }, keep: { type: 'string' } }
})
const chosen = values.only ? values.only.split(',') : Object.keys(editions)
if (books.length === 0 || chosen.some(name => !(name in editions))) {
  console.error(
    `node tools/documents/books.mjs [--only ${Object.keys(editions).join()}] [--keep FOLDER] BOOK.txt...`
  )
  process.exit(2)
}
const folder = values.keep ?? mkdtempSync(join(tmpdir(), 'readonce-books-'))
mkdirSync(folder, { recursive: true })
try {
  /** @type {string[][]} */
  const rows = [['book', ...chosen]]
  for (const book of books) rows.push([basename(book, '.txt'), ...chosen.map(name => share(book, name))])
  console.log(table(rows))
} finally {
  if (values.keep === undefined) rmSync(folder, { recursive: true, force: true })
}

/**
 * @param {string} book
 * @param {string} name of the edition
 */
function share(book, name) {
  const text = readFileSync(book, 'utf8')
  const printed = print(text, `${basename(book, '.txt')}-${name}`, editions[name])
  if (printed === undefined) return 'not printed'
  const read = readWithReadonce([printed]).get(printed)
  if (read === undefined || typeof read === 'string') {
    console.error(`${printed}: ${read}`)
    return 'refused'
  }
  const result = inOrder(wordsOf(text), wordsOf(read.text))
  if (values.keep) writeFileSync(`${printed}.diff`, result.diff)
  console.error(`${basename(printed)} ${percent(result.share)}`)
  return percent(result.share)
}

/**
 * @param {string} text
 * @param {string} name
 * @param {{ columns: number, hyphens: boolean, to: string, by: string }} edition
 * @returns {string | undefined} the printed file
 */
function print(text, name, edition) {
  if (edition.by === 'pandoc') {
    const [source, target] = [join(folder, `${name}.html`), join(folder, `${name}.${edition.to}`)]
    if (!existsSync(target)) {
      writeFileSync(
        source,
        `<title>${name}</title>\n${paragraphs(text)
          .map(line => `<p>${escaped(line)}</p>`)
          .join('\n')}`
      )
      execFileSync('pandoc', ['-f', 'html', '-o', target, source])
    }
    return target
  }
  const target = join(folder, `${name}.${edition.to}`)
  if (existsSync(target)) return target
  const source = join(folder, `${name}.fodt`)
  writeFileSync(source, flatOdt(text, edition))
  return convertWithLibreOffice(source, edition.to, folder)
}

/** @param {string} text */
function paragraphs(text) {
  return text.split(/\r?\n/).filter(line => line.trim() !== '')
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/&/g, '&amp;').replace(/</g, '&lt;').replace(/>/g, '&gt;')
}

/**
 * Pages of a novel; with two columns the width of a journal.
 *
 * @param {string} text
 * @param {{ columns: number, hyphens: boolean }} how
 */
function flatOdt(text, { columns, hyphens }) {
  const parts = ['office', 'style', 'text', 'fo'].map(
    name =>
      `xmlns:${name}="urn:oasis:names:tc:opendocument:xmlns:${name === 'fo' ? 'xsl-fo-compatible' : name}:1.0"`
  )
  return `<?xml version="1.0" encoding="UTF-8"?>
<office:document ${parts.join(' ')} office:version="1.3" office:mimetype="application/vnd.oasis.opendocument.text">
<office:automatic-styles>
<style:style style:name="P" style:family="paragraph"><style:paragraph-properties fo:text-align="justify" fo:text-indent="0.4cm"/>
<style:text-properties fo:language="en" fo:country="US" fo:font-size="9pt" fo:hyphenate="${hyphens}" fo:hyphenation-remain-char-count="2" fo:hyphenation-push-char-count="2"/></style:style>
<style:page-layout style:name="L"><style:page-layout-properties fo:page-width="${columns === 1 ? '14.8cm' : '21cm'}" fo:page-height="21cm" fo:margin="1.8cm"><style:columns fo:column-count="${columns}" fo:column-gap="0.8cm"/></style:page-layout-properties></style:page-layout>
</office:automatic-styles>
<office:master-styles><style:master-page style:name="Standard" style:page-layout-name="L"/></office:master-styles>
<office:body><office:text>
${paragraphs(text)
  .map(line => `<text:p text:style-name="P">${escaped(line)}</text:p>`)
  .join('\n')}
</office:text></office:body></office:document>`
}
