import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { unzipSync } from 'fflate'
import { afterAll, describe, expect, test } from 'vitest'
import { extractFile, type ExtractOptions } from '../extract-text'
import { docx, makeDocx, makeEpub, makeOdt } from './testing/make-archives'
import { heading, needle, sampleFiles, writeSampleFiles } from './testing/sample-files'

const folder = mkdtempSync(join(tmpdir(), 'readonce-formats-'))
afterAll(() => rmSync(folder, { recursive: true }))

function read(name: string, content: string | Uint8Array, options?: ExtractOptions) {
  writeFileSync(join(folder, name), content)
  return extractFile(join(folder, name), options)
}
const headings = ({ outline }: Awaited<ReturnType<typeof extractFile>>) =>
  outline.headings.map(({ title, level }) => [title, level])

describe('one sample of each format', async () => {
  const paths = await writeSampleFiles(folder)
  test.each(sampleFiles())('$name', async ({ name, kind, hasHeading }) => {
    const document = await extractFile(paths.get(name)!)
    expect(document.kind).toBe(kind)
    expect(document.text.split(needle)).toHaveLength(2)
    // The page has a menu, which is left out.
    expect(document.notes.map(note => note.kind)).toEqual(document.kind === 'html' ? ['menus'] : [])
    const found = document.outline.headings.find(({ title }) => title === heading)
    expect(found !== undefined).toBe(hasHeading)
    if (found) expect(document.text.slice(found.start).replace(/^# /, '').startsWith(heading)).toBe(true)
  })
})

describe('Markdown', () => {
  test('headings of both kinds make the outline, code and front matter do not, and the text stays', async () => {
    const source =
      '---\ntitle: x\n---\n# One *two* `three`\n\nText\n----\n```sh\n# no heading\n```\n  ## [Link](http://x) ##\r\n#nothing\nAlso\none\n===\n- item\n---\n'
    const document = await read('a.md', source)
    expect(document.text).toBe(source)
    expect(headings(document)).toEqual([
      ['One two three', 1],
      ['Text', 2],
      ['Link', 2],
      ['one', 1]
    ])
    for (const { start } of document.outline.headings)
      expect(start === 0 || source[start - 1] === '\n').toBe(true)
  })
})

describe('HTML', () => {
  const long =
    'The lamps were still burning on the quay, and nobody on board, so they said, had had breakfast. '.repeat(
      4
    )
  const page = (body: string) =>
    `<!doctype html><html><head><title>A Page</title></head><body>${body}</body></html>`
  const framed = page(
    `<nav><ul><li><a href="/a">Home of all</a></li></ul></nav><article><h1>The harbour</h1><p>${long}</p><h2>At night</h2><p>${long}</p><p>${long}</p></article>` +
      `<footer><p>Imprint and more</p></footer><script>var hidden = "secret"</script><p style="display: none">unseen</p>`
  )

  test('the article, and a sentence about what was left out', async () => {
    const document = await read('a.html', framed)
    expect(document.text).toMatch(/^(A Page\n\n)?The harbour\n\nThe lamps/)
    expect(document.text).not.toMatch(/Home of all|Imprint|secret|unseen/)
    expect(headings(document)).toContainEqual(['At night', 2])
    const { start } = document.outline.headings.at(-1)!
    expect(document.text.slice(start, start + 10)).toBe('At night\n\n')
  })

  test('the whole, without what nobody sees', async () => {
    const { text } = await read('a.html', framed, { html: 'whole' })
    expect(text).toMatch(/^- Home of all\n\nThe harbour\n\n/)
    expect(text).toMatch(/Imprint and more$/)
    expect(text).not.toMatch(/secret|unseen|A Page/)
  })

  test('a list of links is taken as it stands', async () => {
    const links = Array.from({ length: 40 }, (_, i) => `<li><a href="/${i}">Section number ${i}</a></li>`)
    const { text, notes } = await read('b.html', page(`<nav class="menu"><ul>${links.join('')}</ul></nav>`))
    expect(text).toMatch(/^A Page\n\n- Section number 0\n- Section number 1\n/)
    expect(notes).toEqual([])
  })

  test('lists, tables, code and powers read as they look', async () => {
    const body =
      '<p>10<sup>6</sup> and&nbsp;H<sub>2</sub>O,\n  spaced<br>next&shy;line</p><ol start="3"><li>three<ul><li>inner</li></ul></li><li><p>four</p><p>more</p></li></ol>' +
      '<table><tr><th>Name</th><th>Sum</th></tr><tr><td rowspan="2">Bär</td><td>1</td></tr><tr><td>2 <b>kg</b></td></tr><tr><td colspan=2>all</td><td>end</td></tr></table>' +
      '<pre>\n  a = 1\n\n  b</pre><table><tr><td><h2>Layout</h2><p>Left</p></td><td>Right</td></tr></table>'
    const { text } = await read('c.html', page(body), { html: 'whole' })
    expect(text).toBe(
      '10^6 and H2O, spaced\nnextline\n\n3. three\n  - inner\n4. four\n  more\n\nName | Sum\nBär | 1\nBär | 2 kg\nall |  | end\n\n  a = 1\n\n  b\n\nLayout\n\nLeft\n\nRight'
    )
  })

  test('the encoding a page names is used', async () => {
    const source = page('<meta charset="windows-1251"><p>...</p>').replace(
      '...',
      () => '\xcf\xf0\xe8\xe2\xe5\xf2'
    )
    const document = await read('d.html', Buffer.from(source, 'latin1'), { html: 'whole' })
    expect(document).toMatchObject({ text: 'Привет', encoding: 'windows-1251' })
  })
})

describe('Word', () => {
  test('headings, lists, tables as rows, footnotes at the end', async () => {
    const document = await read(
      'a.docx',
      makeDocx(
        docx.title('The Report') +
          docx.heading('First part', 1) +
          docx.paragraph('Words with a note', docx.footnote(2)) +
          docx.item('apple', 'bullets') +
          docx.item('inner', 'bullets', 1) +
          docx.item('one', 'numbers') +
          docx.item('two', 'numbers') +
          docx.heading('Second part', 2) +
          docx.table([
            ['Name', 'Sum'],
            ['Bär', '1'],
            ['', '2']
          ]) +
          docx.paragraph('Last words', docx.footnote(3)),
        ['The first note.', 'The second note.']
      )
    )
    expect(document.text).toBe(
      'The Report\n\nFirst part\n\nWords with a note[1]\n\n- apple\n  - inner\n\n1. one\n2. two\n\nSecond part\n\nName | Sum\nBär | 1\n | 2\n\nLast words[2]\n\n' +
        '[1] The first note.\n[2] The second note.'
    )
    expect(headings(document)).toEqual([
      ['The Report', 1],
      ['First part', 1],
      ['Second part', 2]
    ])
  })

  test('one without words is empty', async () => {
    await expect(read('b.docx', makeDocx('<w:p/>'))).rejects.toThrow(
      expect.objectContaining({ code: 'empty-document' })
    )
  })
})

describe('EPUB', () => {
  test('chapters in the order of the spine, its page of contents among them', async () => {
    const document = await read(
      'a.epub',
      makeEpub([
        { title: 'One', body: '<h2>Chapter <i>One</i></h2><p>It&nbsp;began<a id="x"/> here.</p>' },
        { title: 'Two', body: '<p class="title">two</p><p>It ended.</p>' }
      ])
    )
    expect(document.text).toBe('Contents\n\nOne\nTwo\n\nChapter One\n\nIt began here.\n\ntwo\n\nIt ended.')
    expect(headings(document)).toEqual([
      ['Contents', 1],
      ['Chapter One', 2],
      ['Two', 1]
    ])
    expect(document.text.slice(document.outline.headings[2]!.start)).toBe('two\n\nIt ended.')
  })

  test('scrambled fonts are no lock, locked chapters are', async () => {
    const chapters = [{ title: 'One', body: '<p>Words.</p>' }]
    const lock = (path: string) => ({
      'META-INF/encryption.xml': `<encryption xmlns:enc="x"><enc:EncryptedData><enc:CipherData><enc:CipherReference URI="${path}"/></enc:CipherData></enc:EncryptedData></encryption>`
    })
    expect((await read('b.epub', makeEpub(chapters, lock('OEBPS/font.otf')))).text).toMatch(/Words\.$/)
    await expect(read('b.epub', makeEpub(chapters, lock('OEBPS/text/c%200.xhtml')))).rejects.toThrow(
      'copy protection (DRM)'
    )
  })

  test('a missing chapter is told, a book of pictures refused', async () => {
    const chapters = [{ title: 'One', body: '<p>Words.</p>' }, { title: 'Two', body: '<img src="x.jpg"/>' }] // prettier-ignore
    expect((await read('c.epub', makeEpub(chapters))).notes.map(note => note.message)).toEqual([
      '1 of 2 parts of this book is a picture without text.'
    ])
    await expect(read('c.epub', makeEpub(chapters.slice(1)))).rejects.toThrow('its pages are pictures')
  })
})

describe('OpenDocument', () => {
  const p = (text: string) => `<text:p>${text}</text:p>`
  const list = (style: string, ...items: string[]) =>
    `<text:list text:style-name="${style}">${items.map(item => `<text:list-item>${item}</text:list-item>`).join('')}</text:list>`
  const cell = (text: string, more = '') => `<table:table-cell ${more}>${p(text)}</table:table-cell>`

  test('headings, lists, tables, notes, spaces', async () => {
    const document = await read(
      'a.odt',
      makeOdt(
        '<text:tracked-changes><text:p>deleted</text:p></text:tracked-changes><text:h text:outline-level="2">Part</text:h>' +
          p(
            'Two<text:s text:c="2"/>words<text:note><text:note-citation>1</text:note-citation><text:note-body><text:p>The note.</text:p></text:note-body></text:note> on.'
          ) +
          list(
            'N',
            p('one') + '<text:list>' + `<text:list-item>${p('inner')}</text:list-item></text:list>`,
            p('two')
          ) +
          list('B', p('dot')) +
          `<table:table><table:table-row>${cell('a')}${cell('b', 'table:number-rows-spanned="2"')}</table:table-row>` +
          `<table:table-row>${cell('c')}<table:covered-table-cell/></table:table-row></table:table>`
      )
    )
    expect(document.text).toBe(
      'Part\n\nTwo  words[1] on.\n\n1. one\n  - inner\n2. two\n\n- dot\n\na | b\nc | b\n\n[1] The note.'
    )
    expect(headings(document)).toEqual([['Part', 2]])
  })

  test('inner lists go on where the list around them does; an item that only holds a list is not counted', async () => {
    const styles =
      '<text:list-style style:name="N"><text:list-level-style-number text:level="1" style:num-format="1" style:num-suffix="."/>' +
      '<text:list-level-style-number text:level="2" style:num-format="a" style:num-suffix=")"/></text:list-style>'
    const on = 'text:style-name="N" text:continue-numbering="true"'
    const item = (inner: string) => `<text:list-item>${inner}</text:list-item>`
    const outer = (text: string, more = on) => `<text:list ${more}>${item(p(text))}</text:list>`
    const inner = (text: string) =>
      `<text:list ${on}>${item(`<text:list>${item(p(text))}</text:list>`)}</text:list>`
    const odt = makeOdt(
      outer('one', 'text:style-name="N"') + outer('two') + inner('a') + inner('b') + outer('three') + inner('a') +
        outer('one', 'text:style-name="N"')
    ) // prettier-ignore
    const content = new TextDecoder().decode(unzipSync(odt)['content.xml'])
    const { text } = await read(
      'a.odt',
      makeOdt('', {
        'content.xml': content.replace(/<text:list-style style:name="N">.*?<\/text:list-style>/, styles)
      })
    )
    expect(text.split(/\n+/).map(line => line.trim())).toEqual([
      '1. one',
      '2. two',
      'a) a',
      'b) b',
      '3. three',
      'a) a',
      '1. one'
    ])
  })

  test('a heading in a list has the number of its item', async () => {
    const heading = (words: string) => `<text:h text:outline-level="1">${words}</text:h>`
    const document = await read('a.odt', makeOdt(list('N', heading('Scope') + p('Words.'), heading('Terms'))))
    expect(document.text).toBe('1. Scope\n\n  Words.\n\n2. Terms')
    expect(headings(document)).toEqual([
      ['1. Scope', 1],
      ['2. Terms', 1]
    ])
  })

  test('words that a condition hides are counted, words that it does not hide are read', async () => {
    const field = (condition: string, words: string) =>
      `<text:hidden-text text:condition="ooow:${condition}">${words}</text:hidden-text>`
    const { text, notes } = await read(
      'a.odt',
      makeOdt(p(`One ${field('false', 'two')}${field('true', 'secret')} three.`))
    )
    expect(text).toBe('One two three.')
    expect(notes).toMatchObject([{ kind: 'hidden-text', count: 1 }])
  })

  test('what is said of a picture stands in brackets', async () => {
    const frame = (said: string) => `<draw:frame><draw:image/>${said}</draw:frame>`
    const svg = 'xmlns:svg="urn:oasis:names:tc:opendocument:xmlns:svg-compatible:1.0"'
    const { text } = await read(
      'a.odt',
      makeOdt(
        p(
          'Before' + frame(`<svg:title ${svg}>Boat</svg:title><svg:desc ${svg}>A boat at the quay</svg:desc>`)
        ) + p('after' + frame(`<svg:title ${svg}>boat.png</svg:title>`))
      )
    )
    expect(text).toBe('Before\n\n[A boat at the quay]\n\nafter')
  })

  test('a password is told, and so are a spreadsheet and a missing text', async () => {
    const locked = { 'META-INF/manifest.xml': '<manifest><manifest:encryption-data/></manifest>' }
    await expect(read('b.odt', makeOdt(p('x'), locked))).rejects.toThrow('protected by a password')
    const sheet = { mimetype: 'application/vnd.oasis.opendocument.spreadsheet' }
    await expect(read('b.odt', makeOdt(p('x'), sheet))).rejects.toThrow(
      'b.odt is an OpenDocument spreadsheet, which'
    )
  })
})

describe('RTF', () => {
  const rtf = (
    body: string
  ) => `{\\rtf1\\ansi\\ansicpg1252\\deff0{\\fonttbl{\\f0\\fcharset0 Arial;}{\\f1\\fcharset204 Arial Cyr;}{\\f2\\fcharset128 MS Mincho;}}{\\colortbl;\\red0;}
{\\stylesheet{\\ql Normal;}{\\s3\\sbasedon0 heading 2;}{\\*\\cs10 Heading 1 Char;}}{\\*\\generator Some Program;}{\\info{\\title Secret}}\n${body}}`

  test('characters: code pages of document and font, Unicode with its repetition, names', async () => {
    const { text } = await read(
      'a.rtf',
      rtf(
        "Caf\\'e9 \\'93quoted\\'94 {\\f1 \\'cf\\'f0\\'e8}{\\f2 \\'93\\'fa\\'96\\{} \\u8364? {\\uc2 \\u-10179\\'3f\\'3f\\u-8704\\'3f\\'3f}{\\uc0\\u233}x\\emdash\\{\\\\\\~z"
      )
    )
    expect(text).toBe('Café “quoted” При日本 € 😀éx—{\\ z')
  })

  test('paragraphs, headings, lists, rows, notes; fields, hidden words and pictures go', async () => {
    const document = await read(
      'b.rtf',
      rtf(
        '\\pard\\s3 The Title\\par\\pard\\s0 First{\\super\\chftn}{\\footnote\\pard {\\super\\chftn} The note.\\par} line\\line second.\\par\n' +
          '{\\listtext\\pard 1.\\tab}one\\par{\\listtext\\pard 2.\\tab}two\\par' +
          '\\pard\\intbl a\\par b\\cell c\\cell\\row\\pard\\intbl d\\cell\\cell\\row\\pard ' +
          '{\\field{\\*\\fldinst HYPERLINK "x"}{\\fldrslt a link}}{\\v hidden}{\\pict\\bin4 }}{{ 00ff}{\\*\\unknown no}.\\par'
      )
    )
    expect(document.text).toBe(
      'The Title\n\nFirst[1] line\nsecond.\n\n1. one\n2. two\n\na b | c\nd\n\na link.\n\n[1] The note.'
    )
    expect(headings(document)).toEqual([['The Title', 2]])
  })

  test('a cut file says so, an empty one is refused', async () => {
    expect((await read('c.rtf', rtf('Words\\par').slice(0, -1))).notes).toHaveLength(1)
    await expect(read('c.rtf', rtf(''))).rejects.toThrow('holds no text')
  })
})
