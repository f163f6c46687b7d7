/**
 * What a file that is no plain text is, from its first bytes: a person who drops a PDF wants to hear
 * "this is a PDF", not "encoding not detected".
 */

export interface FileKind {
  /** With its article: "a PDF". */
  readonly what: string
  /** How to get text out of it, where there is a usual way. */
  readonly advice?: string
}

/** Bytes to look at. An EPUB and a tar are told by what lies behind byte 30 and 257. */
export const headLength = 4096

const pandoc = 'convert it to text first, for example with pandoc -t plain'
const unpack = 'unpack it first'
const sound = 'transcribe it first'
const picture = 'extract its text first, for example with tesseract'

// Bytes are written as Latin-1. Magic numbers that could begin a text as well ("BM", "MZ", "ID3") count only when the
// head holds a NUL, which text in a byte encoding does not.
type Row = readonly [offset: number, magic: string, what: string, advice?: string]
const rows: readonly Row[] = [
  [0, '%PDF-', 'a PDF', 'convert it to text first, for example with pdftotext'],
  [0, '{\\rtf', 'an RTF document', pandoc],
  [0, '%!PS-', 'a PostScript file', 'convert it to text first, for example with ps2ascii'],
  [
    0,
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    'an old Office document (.doc, .xls or .ppt)',
    'save it as text in your office program first'
  ],
  [60, 'BOOKMOBI', 'a Kindle book', 'convert it to text first, for example with ebook-convert'],
  [0, 'AT&TFORM', 'a DjVu document', 'convert it to text first, for example with djvutxt'],
  [30, 'mimetypeapplication/epub+zip', 'an EPUB', pandoc],
  [30, 'mimetypeapplication/vnd.oasis.opendocument', 'an OpenDocument file', pandoc],
  [0, 'PK\x03\x04', 'a ZIP archive', unpack],
  [0, 'PK\x05\x06', 'an empty ZIP archive'],
  [0, '\x1f\x8b', 'a gzip archive', unpack],
  [0, '\xfd7zXZ\0', 'an xz archive', unpack],
  [0, '\x28\xb5\x2f\xfd', 'a zstd archive', unpack],
  [0, 'BZh', 'a bzip2 archive', unpack],
  [0, '7z\xbc\xaf\x27\x1c', 'a 7-Zip archive', unpack],
  [0, 'Rar!\x1a\x07', 'a RAR archive', unpack],
  [0, '\x04\x22\x4d\x18', 'an LZ4 archive', unpack],
  [257, 'ustar', 'a tar archive', unpack],
  [0, '\x89PNG\r\n\x1a\n', 'a PNG picture', picture],
  [0, '\xff\xd8\xff', 'a JPEG picture', picture],
  [0, 'GIF87a', 'a GIF picture', picture],
  [0, 'GIF89a', 'a GIF picture', picture],
  [0, 'II*\0', 'a TIFF picture', picture],
  [0, 'MM\0*', 'a TIFF picture', picture],
  [0, 'BM', 'a BMP picture', picture],
  [0, '8BPS', 'a Photoshop picture', picture],
  [8, 'WEBP', 'a WebP picture', picture],
  [8, 'WAVE', 'a WAV recording', sound],
  [8, 'AVI ', 'an AVI video', sound],
  [4, 'ftyp', 'an MP4 video or sound file', sound],
  [0, 'ID3', 'an MP3 recording', sound],
  [0, '\xff\xfb', 'an MP3 recording', sound],
  [0, '\xff\xf3', 'an MP3 recording', sound],
  [0, 'OggS', 'an Ogg recording', sound],
  [0, 'fLaC', 'a FLAC recording', sound],
  [0, '\x1a\x45\xdf\xa3', 'a Matroska or WebM video', sound],
  [0, '\x7fELF', 'a program (ELF)'],
  [0, 'MZ', 'a Windows program'],
  [0, '\xfe\xed\xfa\xce', 'a macOS program (Mach-O)'],
  [0, '\xfe\xed\xfa\xcf', 'a macOS program (Mach-O)'],
  [0, '\xce\xfa\xed\xfe', 'a macOS program (Mach-O)'],
  [0, '\xcf\xfa\xed\xfe', 'a macOS program (Mach-O)'],
  [0, '\xca\xfe\xba\xbe', 'a Java class or macOS program'],
  [0, '\0asm', 'a WebAssembly program'],
  [0, 'SQLite format 3\0', 'an SQLite database', 'export its text first'],
  [0, 'GGUF', 'a GGUF model'],
  [8, '{"', 'a safetensors model'],
  [0, '\x93NUMPY', 'a NumPy array'],
  [0, '\x89HDF\r\n\x1a\n', 'an HDF5 file'],
  [0, 'PAR1', 'a Parquet table', 'export it as text first'],
  [0, 'wOFF', 'a font'],
  [0, 'wOF2', 'a font'],
  [0, 'OTTO', 'a font']
]

/** Undefined when the first bytes are those of no kind that is known here. */
export function kindOf(head: Uint8Array): FileKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, headLength)).toString('latin1')
  const hasNul = text.includes('\0')
  for (const [offset, magic, what, advice] of rows) {
    const couldBeText = /^[\x20-\x7e]{1,8}$/.test(magic) && !['%PDF-', '{\\rtf', '%!PS-'].includes(magic)
    if (!text.startsWith(magic, offset) || (couldBeText && !hasNul)) continue
    if (magic === 'PK\x03\x04') return inZip(text) ?? { what, advice }
    return { what, advice }
  }
  return undefined
}

// Office files are ZIP archives whose first entries have telling names.
function inZip(text: string): FileKind | undefined {
  if (text.includes('word/')) return { what: 'a Word document', advice: pandoc }
  if (text.includes('xl/')) return { what: 'an Excel workbook', advice: 'save it as text or CSV first' }
  if (text.includes('ppt/')) return { what: 'a PowerPoint file', advice: pandoc }
  if (text.includes('[Content_Types].xml'))
    return { what: 'an Office document', advice: 'save it as text first' }
  return undefined
}
