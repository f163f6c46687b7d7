import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { deflateSync } from 'node:zlib'
import { afterAll, describe, expect, test } from 'vitest'
import { extractFile } from '../../extract-text'
import { lines, makePdf, stream, type PdfOptions, type PdfPage } from '../testing/make-pdf'

const folder = mkdtempSync(join(tmpdir(), 'readonce-pdf-'))
afterAll(() => rmSync(folder, { recursive: true }))

const file = (bytes: Uint8Array) => {
  const path = join(folder, 'book.pdf')
  writeFileSync(path, bytes)
  return path
}
const read = (pages: PdfPage[], options?: PdfOptions) => extractFile(file(makePdf(pages, options)))

// Helvetica 11: about 80 characters fill the line from 72 to 500.
const prose = [
  'The ferry left the harbour of Lisbon at a quarter past six, while the lamps were',
  'still burning on the quay and nobody on board had had breakfast. It was an exam-',
  'ple of how they used to travel in those days, with well-known but well-',
  'known inconvenience. Another example followed.'
]

describe('a PDF', () => {
  test('its lines become paragraphs, its pages sheets', async () => {
    const { text, kind, outline, notes } = await read([
      { texts: [...lines(prose), ...lines(['    A second paragraph.'], 72, 200)] },
      { texts: lines(['Page two begins here.']) },
      {},
      { texts: lines(['And page four.']) }
    ])
    expect(text).toBe(
      'The ferry left the harbour of Lisbon at a quarter past six, while the lamps were still burning on the quay and ' +
        'nobody on board had had breakfast. It was an example of how they used to travel in those days, with well-known ' +
        'but well-known inconvenience. Another example followed.\n\nA second paragraph.\n\nPage two begins here.\n\nAnd page four.'
    )
    expect(kind).toBe('pdf')
    expect(outline.sheets.map(start => text.slice(start, start + 8))).toEqual([
      'The ferr',
      'Page two',
      'And page',
      'And page'
    ])
    expect(notes).toEqual([])
  })

  test('two columns are read one after the other, whatever the order in the file, and the title before them', async () => {
    const column = (word: string) =>
      Array.from({ length: 12 }, (_, i) => `${word} ${i} is a line of prose in a column`)
    const left = lines(column('left'), 72, 150)
    const right = lines(column('right'), 320, 150)
    const title = { text: 'A Title That Goes Across Both Columns Of The Whole Page', x: 72, y: 100, size: 18 }
    const expected = [...column('left'), ...column('right')]
    const inOrder = await read([{ texts: [title, ...left, ...right] }])
    const byLine = await read([{ texts: [...left.flatMap((line, i) => [line, right[i]!]), title] }])
    for (const { text } of [inOrder, byLine]) {
      expect(text.startsWith(title.text)).toBe(true)
      const places = expected.map(line => text.indexOf(line))
      expect(places).not.toContain(-1)
      expect(places).toEqual([...places].sort((a, b) => a - b))
    }
  })

  test('a table keeps its rows', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => [`item ${i}`, `${i * 7} kg`, `${i}.50`])
    const texts = rows.flatMap((row, i) => row.map((text, j) => ({ text, x: 72 + j * 150, y: 100 + i * 14 })))
    expect((await read([{ texts }])).text).toBe(rows.map(row => row.join('   ')).join('\n'))
  })

  test('bookmarks are headings where their words stand', async () => {
    const { text, outline } = await read(
      [{ texts: lines(['Preface', 'Chapter One']) }, { texts: lines(['Some words.', 'Chapter Two']) }],
      { bookmarks: [['Chapter One', 0], ['Chapter Two', 1], ['Unprinted', 1]] } // prettier-ignore
    )
    expect(outline.headings.map(({ title, start }) => [title, text.slice(start, start + 11)])).toEqual([
      ['Chapter One', 'Chapter One'],
      ['Unprinted', 'Some words.'],
      ['Chapter Two', 'Chapter Two']
    ])
  })

  test('scanned pages are counted, a scan is refused, an empty one is not called a scan', async () => {
    const some = await read([{ texts: lines(['Words.']) }, { picture: true }, {}, { picture: true }])
    expect(some.notes.map(note => note.message)).toEqual([
      '2 of 4 pages are pictures without text (page 2, 4). To have them read, recognise their text first (OCR), for example with ocrmypdf.'
    ])
    await expect(read([{ picture: true }, { picture: true }])).rejects.toThrow(
      expect.objectContaining({
        code: 'empty-document',
        message: expect.stringContaining(
          '2 pages are pictures, as a scanner makes them. Recognise the text first (OCR)'
        )
      })
    )
    await expect(read([{}])).rejects.toThrow('book.pdf has no text: its 1 page is empty.')
  })

  test('a hyphen set a little apart is one, a second part of a compound is joined, a compound keeps its hyphen', async () => {
    const parts = [
      ...lines(['His self-restraint is the self-re-', 'straint that we know, a state-of-the-', 'art one.'])
    ]
    // Helvetica 11: "a connec" is 45.3 points wide, and the hyphen stands 1.4 points behind it.
    const apart = [
      { text: 'a connec', x: 72, y: 200 },
      { text: '-', x: 118.7, y: 200 },
      { text: 'tion', x: 72, y: 213.2 }
    ]
    const { text } = await read([{ texts: [...parts, ...apart] }])
    expect(text).toContain('the self-restraint that we know, a state-of-the-art one.')
    expect(text).toContain('a connection')
  })

  test('heads and page numbers stand between the paragraphs, and a sentence goes over the page', async () => {
    const page = (n: number, first: string, last: string) => ({
      texts: [
        { text: 'The Harbour', x: 72, y: 40, size: 9 },
        ...lines([first, ...prose.slice(0, 1), last], 72, 100),
        { text: String(n), x: 290, y: 810, size: 9 }
      ]
    })
    const end = 'and the people on the quay, who had waited there for a long time, went on wait-'
    const { text, outline } = await read([
      page(7, 'Begin here.', end),
      page(8, 'ing until it was dark over the water and the lamps of the town were all lit up', end),
      page(9, 'ing for the boat that was to bring the letters of the other side to the people', 'The end.')
    ])
    expect(text).toContain('went on waiting until it was dark')
    expect(text).toContain('[The Harbour]')
    expect(text).toContain('[7] [The Harbour]')
    expect(outline.sheets.map(start => text.slice(start, start + 3))).toEqual(['Beg', 'ing', 'ing'])
  })

  test('letters of no size, or far outside of any page, are no end of the page', async () => {
    const far = 2 ** 66
    for (const odd of [
      { text: 'Flat.', y: 40, size: 0 },
      { text: 'Far.', x: far, y: far },
      { text: 'Large.', y: 40, size: far }
    ]) {
      const { text } = await read([{ texts: [odd, ...lines(prose, 72, 100)] }, { texts: lines(prose) }])
      expect(text).toContain('The ferry left the harbour')
    }
  })

  test('Chinese in a font that is not in the file and has no table of letters is read', async () => {
    const { text, notes } = await read([{ chinese: true, texts: lines(['Words.'], 72, 200) }])
    expect(text).toBe('你好\n\nWords.')
    expect(notes).toEqual([])
  })

  test('what was typed into a form stands behind its labels: text, choices, ticks; a password does not', async () => {
    const widget = (fields: string, y: number) =>
      `<< /Type /Annot /Subtype /Widget /Rect [150 ${842 - y - 3} 350 ${842 - y + 11}] ${fields} >>`
    const on = (y: number, state: string) =>
      widget(`/FT /Btn /T (box${y}) /V /${state} /AS /${state} /AP << /N << /Yes 9 0 R /Off 9 0 R >> >>`, y)
    const path = file(
      makePdf(
        [
          {
            texts: [
              { text: 'Name:', y: 100 },
              { text: 'Country:', y: 130 },
              { text: 'Member:', y: 160 },
              { text: 'Guest:', y: 190 },
              { text: 'Key:', y: 220 }
            ],
            annotations: [0, 1, 2, 3, 4]
          }
        ],
        {
          more: () => [
            widget('/FT /Tx /T (name) /V (Ann Smith)', 100),
            widget(
              '/FT /Ch /Ff 131072 /T (country) /Opt [[(pt) (Portugal)] [(es) (Spain)]] /V (pt) /DA (/F1 9 Tf)',
              130
            ),
            on(160, 'Yes'),
            on(190, 'Off'),
            widget('/FT /Tx /Ff 8192 /T (key) /V (sesame)', 220)
          ],
          catalog: ref =>
            `/AcroForm << /Fields [${[0, 1, 2, 3, 4].map(ref).join(' ')}] /DR << /Font << /F1 3 0 R >> >> >>`
        }
      )
    )
    const { text } = await extractFile(path)
    expect(text.replace(/ +/g, ' ').split(/\n+/)).toEqual([
      'Name: Ann Smith',
      'Country: Portugal',
      'Member: Yes',
      'Guest: [ ]',
      'Key:'
    ])
  })

  test('typed text stands on its page and notes behind it, with who wrote them; what is hidden is told', async () => {
    const path = file(
      makePdf(
        [
          { texts: lines(['The first page.']), annotations: [0, 1, 2, 3] },
          { texts: lines(['The second page.']), annotations: [4] }
        ],
        {
          more: () => [
            '<< /Type /Annot /Subtype /FreeText /Rect [72 600 400 640] /Contents (Typed upon the page) /DA (/F1 11 Tf) >>',
            '<< /Type /Annot /Subtype /Text /Rect [400 700 420 720] /T (Ann) /Contents (Is this right?\\nAsk Bob.) >>',
            '<< /Type /Annot /Subtype /Text /Rect [400 600 420 620] /F 2 /Contents (Nobody sees this) >>',
            '<< /Type /Annot /Subtype /Link /Rect [72 700 90 720] /Contents (a link) >>',
            '<< /Type /Annot /Subtype /Highlight /Rect [72 700 90 720] /QuadPoints [72 720 90 720 72 700 90 700] /Contents (Marked) >>'
          ]
        }
      )
    )
    const { text, notes } = await extractFile(path)
    expect(text).toMatch(
      /^The first page\.\s+Typed upon the page\s+\[Note by Ann: Is this right\? \/ Ask Bob\.\]/
    )
    expect(text).toMatch(/The second page\.\s+\[Note: Marked\]$/)
    expect(text).not.toMatch(/Nobody|link/)
    expect(notes).toEqual([expect.objectContaining({ kind: 'hidden-text', count: 1 })])
  })

  test('attached files are named, those of the document and those that hang on a page', async () => {
    const path = file(
      makePdf([{ texts: lines(['The cover.']), annotations: [2] }], {
        more: ref => [
          stream('<< /Type /EmbeddedFile', 'one,two'),
          `<< /Type /Filespec /F (figures.csv) /UF (figures.csv) /EF << /F ${ref(0)} >> >>`,
          `<< /Type /Annot /Subtype /FileAttachment /Rect [72 600 90 620] /FS ${ref(3)} /Contents (a plan) >>`,
          `<< /Type /Filespec /F (plan.dwg) /UF (plan.dwg) /EF << /F ${ref(0)} >> >>`
        ],
        catalog: ref => `/Names << /EmbeddedFiles << /Names [(figures.csv) ${ref(1)}] >> >>`
      })
    )
    const { text, notes } = await extractFile(path)
    expect(text).toBe('The cover.')
    expect(notes).toEqual([
      {
        kind: 'attachments',
        count: 2,
        message:
          '2 files are attached to this PDF and not read: figures.csv, plan.dwg. Save them from a PDF viewer to read them.',
        said: { name: 'pdfAttachments', values: { count: 2, which: 'figures.csv, plan.dwg' } }
      }
    ])
  })

  test('the words of a form of Adobe’s own kind come from beside its page, which only asks to wait', async () => {
    const template =
      '<template xmlns="http://www.xfa.org/schema/xfa-template/3.3/"><subform name="form1">' +
      '<draw name="title"><value><text>Application for a berth</text></value></draw>' +
      '<field name="boat"><caption><value><text>Name of the boat</text></value></caption></field>' +
      '<field name="length"><caption><value><text>Length:</text></value></caption><value><text>7 m</text></value></field>' +
      '</subform></template>'
    const data =
      '<xfa:datasets xmlns:xfa="http://www.xfa.org/schema/xfa-data/1.0/"><xfa:data><form1><boat>Seagull &amp; Son</boat>' +
      '<berth>12</berth></form1></xfa:data></xfa:datasets>'
    const path = file(
      makePdf([{ texts: lines(['Please wait...']) }], {
        more: () => [stream('<<', template), stream('<<', data)],
        catalog: ref =>
          `/AcroForm << /Fields [] /XFA [(template) ${ref(0)} (datasets) ${ref(1)}] >> /NeedsRendering true`
      })
    )
    const { text, notes } = await extractFile(path)
    expect(text.split('\n').filter(Boolean)).toEqual([
      'Please wait...',
      'Application for a berth',
      'Name of the boat: Seagull & Son',
      'Length: 7 m',
      'berth: 12'
    ])
    expect(notes).toEqual([
      expect.objectContaining({ kind: 'structure', said: { name: 'pdfForm', values: {} } })
    ])
  })

  test('a password is asked for by name', async () => {
    await expect(read([{ texts: lines(['Secret']) }], { password: 'x' })).rejects.toThrow(
      expect.objectContaining({
        code: 'unreadable-file',
        message: expect.stringContaining('protected by a password')
      })
    )
  })

  test('a broken table of places is mended; what is no PDF behind its first bytes is told', async () => {
    const whole = makePdf([{ texts: lines(['Still there.']) }])
    const shifted = whole.toString('latin1').replace(/startxref\n\d+/, 'startxref\n99999999')
    expect((await extractFile(file(Buffer.from(shifted, 'latin1')))).text).toBe('Still there.')
    const cut = whole.subarray(0, whole.indexOf('xref\n0'))
    expect((await extractFile(file(cut))).text).toBe('Still there.')
    // Without the catalogue, and without the tree of pages too.
    for (const lost of ['/Type /Catalog', '/Type /Pages']) {
      const parts = cut.toString('latin1').split(/(?<=endobj\n)/)
      const rest = parts.filter(part => !part.includes('/Type /Catalog') && !part.includes(lost)).join('')
      expect((await extractFile(file(Buffer.from(`%PDF-1.7\n${rest}`, 'latin1')))).text).toBe('Still there.')
    }
    const head = whole.subarray(0, whole.indexOf('1 0 obj'))
    for (const bad of [Buffer.from('%PDF-1.7\n%\xe2\xe3\n', 'latin1'), head])
      await expect(extractFile(file(bad))).rejects.toThrow(
        expect.objectContaining({ code: 'unreadable-file', message: expect.stringContaining('damaged PDF') })
      )
  })

  test('the memory of the library is limited, and the next file is read', async () => {
    const packed = deflateSync(Buffer.alloc(100 << 20, 'q Q ')).toString('latin1')
    const bomb = Buffer.from(
      '%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Pages 2 0 R >>\nendobj\n2 0 obj\n<< /Type /Pages /Count 1 /Kids [3 0 R] >>\nendobj\n' +
        '3 0 obj\n<< /Type /Page /Parent 2 0 R /MediaBox [0 0 9 9] /Contents 4 0 R >>\nendobj\n' +
        `4 0 obj\n<< /Filter /FlateDecode /Length ${packed.length} >>\nstream\n${packed}\nendstream\nendobj\n`,
      'latin1'
    )
    const limits = { libraryMegabytes: 64 }
    await expect(extractFile(file(bomb), { limits })).rejects.toThrow(
      expect.objectContaining({
        code: 'too-long',
        message: expect.stringContaining('needs more than 64 MB of memory')
      })
    )
    // The file itself lies in it.
    await expect(
      extractFile(file(Buffer.concat([bomb, Buffer.alloc(64 << 20)])), { limits })
    ).rejects.toThrow(expect.objectContaining({ code: 'too-long' }))
    expect((await extractFile(file(makePdf([{ texts: lines(['Words.']) }])), { limits })).text).toBe('Words.')
  })

  /** `annotations` from object 6 on; more objects behind them. */
  const pageWith = (content: string, annotations: readonly string[], more: readonly string[] = []) => {
    const refs = annotations.map((_, i) => `${6 + i} 0 R`).join(' ')
    const objects = [
      `<< /Type /Catalog /Pages 2 0 R /AcroForm << /Fields [${refs}] >> >>`,
      '<< /Type /Pages /Count 1 /Kids [3 0 R] >>',
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 595 842] /Contents 4 0 R /Resources << /Font << /F 5 0 R >> >> /Annots [${refs}] >>`,
      `<< /Length ${content.length} >>\nstream\n${content}\nendstream`,
      '<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica >>',
      ...annotations,
      ...more
    ]
    const body = objects.map((object, i) => `${i + 1} 0 obj\n${object}\nendobj\n`).join('')
    return extractFile(file(Buffer.from(`%PDF-1.7\n${body}trailer\n<< /Root 1 0 R >>\n%%EOF`, 'latin1')))
  }

  test('a list in a form shows all that can be chosen, a box that opens only what is', async () => {
    const field = (name: string, flags: number, y: number) =>
      `<< /Type /Annot /Subtype /Widget /FT /Ch /Ff ${flags} /T (${name}) /Opt [(Lisbon) (Porto)] /V (Porto) /Rect [150 ${y} 300 ${y + 40}] /P 3 0 R >>`
    const { text } = await pageWith('BT /F 11 Tf 72 730 Td (Towns) Tj 0 -100 Td (Town) Tj ET', [
      field('a', 0, 700),
      field('b', 1 << 17, 615)
    ])
    expect(text.replace(/\s+/g, ' ')).toBe('Towns [ ] Lisbon [x] Porto Town Porto')
  })

  test('what annotations show and do not say is read: captions of buttons, stamps; hidden ones are not', async () => {
    const shows = (more: string, y: number, picture: number) =>
      `<< /Type /Annot ${more} /Rect [72 ${y} 272 ${y + 20}] /P 3 0 R /AP << /N ${picture} 0 R >> >>`
    const picture = (words: string) => {
      const content = `BT /F 11 Tf 2 5 Td (${words}) Tj ET`
      return `<< /Type /XObject /Subtype /Form /BBox [0 0 200 20] /Resources << /Font << /F 5 0 R >> >> /Length ${content.length} >>\nstream\n${content}\nendstream`
    }
    const button = '/Subtype /Widget /FT /Btn /Ff 65536'
    const { text } = await pageWith(
      'BT /F 11 Tf 72 730 Td (Order) Tj ET',
      [
        shows(`${button} /T (a) /F 4`, 600, 9),
        shows('/Subtype /Stamp /F 4', 500, 10),
        shows(`${button} /T (c) /F 2`, 400, 11)
      ],
      [picture('Send the order'), picture('CONFIDENTIAL'), picture('Secret')]
    )
    expect(text.replace(/\s+/g, ' ')).toBe('Order Send the order CONFIDENTIAL')
  })

  test('progress counts pages, and stopping ends it', async () => {
    const path = file(makePdf(Array.from({ length: 400 }, () => ({ texts: lines(prose) }))))
    const told: number[][] = []
    await extractFile(path, { onProgress: (...progress) => told.push(progress) })
    expect(told[0]).toEqual([1, 400])
    const stop = new AbortController()
    const reading = extractFile(path, { signal: stop.signal, onProgress: () => stop.abort() })
    await expect(reading).rejects.toThrow(expect.objectContaining({ code: 'cancelled' }))
    await expect(extractFile(path, { signal: stop.signal })).rejects.toThrow('was stopped')
  })
})
