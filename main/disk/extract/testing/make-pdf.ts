/** PDFs written by hand, byte for byte, so that tests know what lies where. */
import { createHash } from 'node:crypto'

export interface PdfText {
  readonly text: string
  readonly x?: number
  /** From the top. */
  readonly y: number
  readonly size?: number
}

export interface PdfPage {
  readonly texts?: readonly PdfText[]
  /** A picture over the whole page, as a scanner makes it. */
  readonly picture?: boolean
  /** "Hello" in Chinese, in a font that is not in the file and whose characters only a table of Adobe's tells. */
  readonly chinese?: boolean
  /** Which of the document's `more` objects lie on it as annotations. */
  readonly annotations?: readonly number[]
}

export interface PdfOptions {
  /** Title → index of its page. */
  readonly bookmarks?: readonly (readonly [title: string, page: number])[]
  /** How pages are counted, as PDF writes it: "0 << /S /r >> 2 << /S /D >>". */
  readonly labels?: string
  /** Further objects, as PDF writes them; `ref` names one of them by its place. */
  readonly more?: (ref: (index: number) => string) => readonly string[]
  /** What else the catalogue says. */
  readonly catalog?: (ref: (index: number) => string) => string
  /** Needed to open it. */
  readonly password?: string
}

const [width, height] = [595, 842]

/** `lines` from the top of the page, one below the other. */
export const lines = (all: readonly string[], x = 72, top = 72, size = 11): PdfText[] =>
  all.map((text, i) => ({ text, x, y: top + i * size * 1.2, size }))

export function makePdf(
  pages: readonly PdfPage[],
  { bookmarks = [], labels = '', password, more = () => [], catalog = () => '' }: PdfOptions = {}
): Buffer {
  const objects: (string | undefined)[] = []
  const add = (body: string) => objects.push(body)
  const first = 9
  const encrypted = password !== undefined
  const marks = first + 2 * pages.length
  const ref = (index: number): string => `${marks + bookmarks.length + index} 0 R`
  add(`<< /Type /Catalog /Pages 2 0 R /Outlines 5 0 R /PageLabels << /Nums [${labels}] >> ${catalog(ref)} >>`)
  add(
    `<< /Type /Pages /Count ${pages.length} /Kids [${pages.map((_, i) => `${first + 2 * i} 0 R`).join(' ')}] >>`
  )
  add('<< /Type /Font /Subtype /Type1 /BaseFont /Helvetica /Encoding /WinAnsiEncoding >>')
  add(
    stream(
      '<< /Type /XObject /Subtype /Image /Width 8 /Height 8 /BitsPerComponent 8 /ColorSpace /DeviceGray',
      '\x80'.repeat(64)
    )
  )
  add(
    bookmarks.length === 0
      ? '<< /Type /Outlines /Count 0 >>'
      : `<< /Type /Outlines /First ${marks} 0 R /Last ${marks + bookmarks.length - 1} 0 R /Count ${bookmarks.length} >>`
  )
  add(
    '<< /Type /Font /Subtype /Type0 /BaseFont /STSong-Light /Encoding /UniGB-UCS2-H /DescendantFonts [7 0 R] >>'
  )
  add(
    '<< /Type /Font /Subtype /CIDFontType0 /BaseFont /STSong-Light /FontDescriptor 8 0 R ' +
      '/CIDSystemInfo << /Registry (Adobe) /Ordering (GB1) /Supplement 2 >> >>'
  )
  add('<< /Type /FontDescriptor /FontName /STSong-Light /Flags 4 /FontBBox [0 0 1000 1000] >>')
  pages.forEach((page, i) => {
    add(
      `<< /Type /Page /Parent 2 0 R /MediaBox [0 0 ${width} ${height}] /Contents ${first + 2 * i + 1} 0 R ` +
        `/Annots [${(page.annotations ?? []).map(ref).join(' ')}] ` +
        '/Resources << /Font << /F1 3 0 R /F2 6 0 R >> /XObject << /Im1 4 0 R >> >> >>'
    )
    const picture = page.picture ? `q ${width} 0 0 ${height} 0 0 cm /Im1 Do Q\n` : ''
    const shown = (page.texts ?? []).map(
      ({ text, x = 72, y, size = 11 }) => `BT /F1 ${size} Tf ${x} ${height - y} Td (${escaped(text)}) Tj ET`
    )
    const chinese = page.chinese ? 'BT /F2 12 Tf 72 700 Td <4F60597D> Tj ET\n' : ''
    add(stream('<<', picture + chinese + shown.join('\n')))
  })
  bookmarks.forEach(([title, page], i) => {
    const previous = i > 0 ? `/Prev ${marks + i - 1} 0 R ` : ''
    const next = i + 1 < bookmarks.length ? `/Next ${marks + i + 1} 0 R ` : ''
    add(
      `<< /Title (${escaped(title)}) /Parent 5 0 R ${previous}${next}/Dest [${first + 2 * page} 0 R /Fit] >>`
    )
  })
  for (const object of more(ref)) add(object)
  // The key is of no use here: whoever has no password is turned away before anything is decrypted.
  if (encrypted) {
    const hash = createHash('md5').update(password).digest('hex').repeat(2)
    add(`<< /Filter /Standard /V 1 /R 2 /O <${hash}> /U <${hash}> /P -4 >>`)
  }
  return assemble(objects as string[], encrypted)
}

function assemble(objects: readonly string[], encrypted: boolean): Buffer {
  let out = '%PDF-1.7\n%\xe2\xe3\xcf\xd3\n'
  const offsets = objects.map((body, i) => {
    const offset = out.length
    out += `${i + 1} 0 obj\n${body}\nendobj\n`
    return offset
  })
  const xref = out.length
  const rows = offsets.map(offset => `${String(offset).padStart(10, '0')} 00000 n \n`).join('')
  const id = '<00112233445566778899aabbccddeeff>'
  const encrypt = encrypted ? `/Encrypt ${objects.length} 0 R /ID [${id} ${id}] ` : ''
  out += `xref\n0 ${objects.length + 1}\n0000000000 65535 f \n${rows}`
  out += `trailer\n<< /Size ${objects.length + 1} /Root 1 0 R ${encrypt}>>\nstartxref\n${xref}\n%%EOF\n`
  return Buffer.from(out, 'latin1')
}

export const stream = (dictionary: string, data: string) =>
  `${dictionary} /Length ${data.length} >>\nstream\n${data}\nendstream`

const escaped = (text: string) => text.replace(/[\\()]/g, '\\$&')
