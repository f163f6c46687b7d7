/** Word documents beyond what every converter knows; the handed cases are in field-cases.test.ts. */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from 'vitest'
import { extractFile } from '../extract-text'
import { docx, makeDocx } from './testing/make-archives'

const folder = mkdtempSync(join(tmpdir(), 'readonce-docx-'))
afterAll(() => rmSync(folder, { recursive: true }))
const w = 'xmlns:w="http://schemas.openxmlformats.org/wordprocessingml/2006/main"'
const read = (body: string, more: Record<string, string> = {}) => {
  const path = join(folder, 'a.docx')
  writeFileSync(path, makeDocx(body, [], more))
  return extractFile(path)
}
const run = (text: string) => `<w:r><w:t xml:space="preserve">${text}</w:t></w:r>`
const item = (text: string, level: number, list = 1) =>
  `<w:p><w:pPr><w:numPr><w:ilvl w:val="${level}"/><w:numId w:val="${list}"/></w:numPr></w:pPr>${run(text)}</w:p>`
const level = (at: number, format: string, text: string, more = '') =>
  `<w:lvl w:ilvl="${at}"><w:start w:val="1"/><w:numFmt w:val="${format}"/><w:lvlText w:val="${text}"/>${more}</w:lvl>`

test('numbers of clauses as Word shows them, and lists that go on', async () => {
  const numbering =
    `<w:numbering ${w}><w:abstractNum w:abstractNumId="0">${level(0, 'decimal', 'Section %1')}${level(1, 'lowerLetter', '%1.%2')}` +
    `${level(2, 'lowerRoman', '(%3)')}</w:abstractNum><w:num w:numId="1"><w:abstractNumId w:val="0"/></w:num>` +
    '<w:num w:numId="2"><w:abstractNumId w:val="0"/><w:lvlOverride w:ilvl="0"><w:startOverride w:val="9"/></w:lvlOverride></w:num></w:numbering>'
  const { text } = await read(
    item('Rent', 0) + item('amount', 1) + item('due', 1) + item('late', 2) + docx.paragraph('Between.') +
      item('Term', 0) + item('start', 1) + item('End', 0, 2),
    { 'word/numbering.xml': numbering }
  ) // prettier-ignore
  expect(text).toBe(
    'Section 1 Rent\n  1.a amount\n  1.b due\n    (i) late\n\nBetween.\n\nSection 2 Term\n  2.a start\n\nSection 9 End'
  )
})

test('headers and footers once and marked; page numbers alone are nothing', async () => {
  const relations =
    '<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">' +
    ['header1', 'header2', 'footer1', 'footer2']
      .map(
        name =>
          `<Relationship Id="${name}" Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/${name.slice(0, 6)}" Target="${name}.xml"/>`
      )
      .join('') +
    '</Relationships>'
  const part = (tag: string, text: string) => `<w:${tag} ${w}><w:p>${run(text)}</w:p></w:${tag}>`
  const { text, notes } = await read(docx.paragraph('Body.'), {
    'word/_rels/document.xml.rels': relations,
    'word/header1.xml': part('hdr', 'File no. 77-B'),
    'word/header2.xml': part('hdr', 'File no. 77-B'),
    'word/footer1.xml': part('ftr', 'Page 3 of 9')
  })
  expect(text).toBe('[Header] File no. 77-B\n\nBody.')
  expect(notes).toMatchObject([{ kind: 'missing-part', where: 'word/footer2.xml' }])
})

test('what is left out is counted: pictures, comments, deleted and hidden text', async () => {
  const { text, notes } = await read(
    `<w:p>${run('Price ')}<w:del><w:r><w:delText>100</w:delText></w:r></w:del><w:ins>${run('200')}</w:ins>` +
      `<w:r><w:rPr><w:vanish/></w:rPr><w:t>secret</w:t></w:r></w:p>` +
      '<w:p><w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml"><v:imagedata/></v:shape></w:pict></w:r></w:p>',
    {
      'word/comments.xml': `<w:comments ${w}><w:comment w:id="1"><w:p>${run('Why?')}</w:p></w:comment></w:comments>`
    }
  )
  expect(text).toBe('Price 200')
  expect(Object.fromEntries(notes.map(({ kind, message }) => [kind, message]))).toEqual({
    comments: '1 comment is not read.',
    'deleted-text': '1 piece of deleted text (tracked changes) is left out.',
    'hidden-text': '1 piece of hidden text is left out.',
    pictures: '1 picture is not read.'
  })
})

test('a field without its end costs no paragraph', async () => {
  const mark = (type: string) => `<w:r><w:fldChar w:fldCharType="${type}"/></w:r>`
  const { text } = await read(
    `<w:p>${mark('begin')}<w:r><w:instrText>REF x</w:instrText></w:r>${run('instruction')}</w:p>${docx.paragraph('Next.')}`
  )
  expect(text).toBe('Next.')
})

test('strict namespaces under other prefixes, merged cells, a box in a table', async () => {
  const strict =
    '<x:document xmlns:x="http://purl.oclc.org/ooxml/wordprocessingml/main"><x:body><x:tbl>' +
    '<x:tr><x:tc><x:tcPr><x:vMerge x:val="restart"/></x:tcPr><x:p><x:r><x:t>Red</x:t></x:r></x:p></x:tc><x:tc><x:p><x:r><x:t>1999</x:t></x:r></x:p></x:tc></x:tr>' +
    '<x:tr><x:tc><x:tcPr><x:vMerge/></x:tcPr><x:p/></x:tc><x:tc><x:p><x:r><x:t>2001</x:t></x:r><x:r><x:txbxContent><x:p><x:r><x:t>boxed</x:t></x:r></x:p></x:txbxContent></x:r></x:p></x:tc></x:tr>' +
    '</x:tbl></x:body></x:document>'
  expect((await read('', { 'word/document.xml': strict })).text).toBe('Red | 1999\nRed | 2001 boxed')
})

test('a document that is cut is read as far as it goes, and said to be damaged', async () => {
  const whole = `<w:document ${w}><w:body>${docx.paragraph('First.')}${docx.paragraph('Second.')}`
  const { text, notes } = await read('', { 'word/document.xml': whole + '<w:p><w:r><w:t>Thi' })
  expect(text).toBe('First.\n\nSecond.\n\nThi')
  expect(notes).toMatchObject([{ kind: 'damaged', where: 'word/document.xml' }])
})

test('what is said of a picture stands in brackets; the name of its file does not', async () => {
  const picture = (around: string, own = '') =>
    `<w:r><w:drawing><wp:inline xmlns:wp="http://schemas.openxmlformats.org/drawingml/2006/wordprocessingDrawing">` +
    `<wp:docPr id="1" descr="${around}"/><a:graphic xmlns:a="http://schemas.openxmlformats.org/drawingml/2006/main"><a:graphicData>` +
    `<pic:pic xmlns:pic="http://schemas.openxmlformats.org/drawingml/2006/picture"><pic:nvPicPr><pic:cNvPr id="0" descr="${own}"/></pic:nvPicPr></pic:pic>` +
    '</a:graphicData></a:graphic></wp:inline></w:drawing></w:r>'
  const shape =
    '<w:r><w:pict><v:shape xmlns:v="urn:schemas-microsoft-com:vml" alt="A lamp"><v:imagedata/></v:shape></w:pict></w:r>'
  const { text, notes } = await read(
    `<w:p>${run('The quay: ')}${picture('A boat at the quay', 'boat.png')}${run('at dawn.')}</w:p>` +
      `<w:p>${picture('C:\\Users\\me\\boat.png')}${picture('https://example.org/boat')}</w:p><w:p>${shape}</w:p>`
  )
  expect(text).toBe('The quay: at dawn.\n\n[A boat at the quay]\n\n[A lamp]')
  expect(notes).toMatchObject([{ kind: 'pictures', count: 4 }])
})

test('letters of a font of signs are the signs', async () => {
  const { text } = await read(
    '<w:p><w:r><w:rPr><w:rFonts w:ascii="Symbol" w:hAnsi="Symbol"/></w:rPr><w:t>\uf061\uf0b3\uf062</w:t></w:r>' +
      '<w:r><w:rPr><w:rFonts w:ascii="Wingdings"/></w:rPr><w:t>\uf0fc</w:t></w:r></w:p>'
  )
  expect(text).toBe('α≥β✓')
})
