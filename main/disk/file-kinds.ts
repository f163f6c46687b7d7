/**
 * What a file is. Its first bytes decide wherever they can, whatever its name says: a person who drops a film wants to hear
 * "this is an MP4 video", not "encoding not detected". Text files are told apart by their names.
 */
import { extname } from 'node:path'
import type { DocumentKind } from '../../contract/document'
import { HostFailure } from '../../contract/failure'
import { looksLikeMhtml } from './extract/mime'

/** What is read here. */
export type Format = Exclude<DocumentKind, 'files'>

interface FileKind {
  /** With its article: "a PDF". */
  readonly what: string
  /** Read here; "archive": a ZIP whose list of files tells more (`archiveKind`). */
  readonly format?: Format | 'archive'
  /** How to get text out of it, where there is a usual way. */
  readonly advice?: string
}

/** Bytes to look at. An EPUB and a tar are told by what lies behind byte 30 and 257. */
export const headLength = 4096

const unpack = 'unpack it first'
const sound = 'transcribe it first'
const picture = 'extract its text first, for example with tesseract'

// Bytes are written as Latin-1. Magic numbers that could begin a text as well ("BM", "MZ", "ID3") count only when the
// head holds a NUL, which text in a byte encoding does not.
type Row = readonly [
  offset: number,
  magic: string,
  what: string,
  advice?: string,
  format?: FileKind['format']
]
const rows: readonly Row[] = [
  [0, '%PDF-', 'a PDF', '', 'pdf'],
  [0, '{\\rtf', 'an RTF document', '', 'rtf'],
  [0, '%!PS-', 'a PostScript file', 'convert it to text first, for example with ps2ascii'],
  [
    0,
    '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1',
    'an old Office document (.doc, .xls or .ppt), or one protected by a password',
    'save it as .docx without a password, or as text, in your office program first'
  ],
  [60, 'BOOKMOBI', 'a Kindle book', 'convert it to text first, for example with ebook-convert'],
  [0, 'AT&TFORM', 'a DjVu document', 'convert it to text first, for example with djvutxt'],
  [0, 'PK\x03\x04', 'a ZIP archive', unpack, 'archive'],
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

/** Undefined when the first bytes are those of no kind that is known here, as those of text are. */
export function kindOf(head: Uint8Array): FileKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, headLength)).toString('latin1')
  const hasNul = text.includes('\0')
  for (const [offset, magic, what, advice, format] of rows) {
    const couldBeText = /^[\x20-\x7e]{1,8}$/.test(magic) && !['%PDF-', '{\\rtf', '%!PS-'].includes(magic)
    if (!text.startsWith(magic, offset) || (couldBeText && !hasNul)) continue
    return { what, ...(advice && { advice }), ...(format && { format }) }
  }
  // Some programs put a few lines before a PDF's first; readers look for it in the first 1,024 bytes.
  if (hasNul || /[\x80-\xff]/.test(text)) {
    const at = text.slice(0, 1024).search(/^%PDF-\d/m)
    if (at !== -1) return { what: 'a PDF', format: 'pdf' }
  }
  if (/^(\xef\xbb\xbf)?\s{0,64}\{\\rtf/.test(text)) return { what: 'an RTF document', format: 'rtf' }
  if (looksLikeMhtml(text)) return { what: 'a web page saved as one file', format: 'html' }
  // OpenDocument without its archive.
  if (/<(\w+:)?document\b[^>]*mimetype\s*=\s*"application\/vnd\.oasis\.opendocument\.text/.test(text))
    return { what: 'an OpenDocument text', format: 'odt' }
  return undefined
}

/** What a file's name says it is, where that begins behind something else: programs put lines before it, and readers look for it. */
export function behindJunk(head: Uint8Array, name: string): FileKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  const claimed = claimedKind(name)
  if (claimed === 'a PDF' && text.includes('%PDF-')) return { what: 'a PDF', format: 'pdf' }
  // Or a piece of one, as programs put it on the clipboard.
  if (claimed === 'an RTF document' && /\{\\rtf|^\s*\{\\[a-z]/.test(text))
    return { what: claimed, format: 'rtf' }
  const isPacked = claimed !== undefined && claimed !== 'an RTF document' && claimed !== 'a PDF'
  return isPacked && text.includes('PK\x03\x04') ? { what: 'a ZIP archive', format: 'archive' } : undefined
}

/** Books and office documents are ZIP archives with telling names in them; `mimetype` is the content of the file of that name. */
export function archiveKind(names: ReadonlySet<string>, mimetype: string): FileKind {
  const opendocument = /^application\/vnd\.oasis\.opendocument\.([a-z-]+)/.exec(mimetype)?.[1]
  if (opendocument !== undefined)
    return /^text(-master|-template|-web)?$/.test(opendocument)
      ? { what: 'an OpenDocument text', format: 'odt' }
      : { what: `an OpenDocument ${opendocument}`, advice: 'export it as PDF or text first' }
  if (mimetype.startsWith('application/epub') || names.has('META-INF/container.xml'))
    return { what: 'an EPUB', format: 'epub' }
  if (names.has('word/document.xml')) return { what: 'a Word document', format: 'docx' }
  if (names.has('xl/workbook.xml') || names.has('xl/workbook.bin'))
    return { what: 'an Excel workbook', advice: 'save it as CSV first' }
  if (names.has('ppt/presentation.xml'))
    return { what: 'a PowerPoint file', advice: 'export it as PDF first' }
  // Word's own root document may have another name; its relations tell.
  if (names.has('[Content_Types].xml'))
    return [...names].some(name => name.startsWith('word/'))
      ? { what: 'a Word document', format: 'docx' }
      : { what: 'an Office document', advice: 'save it as text first' }
  if (names.has('Index/Document.iwa'))
    return { what: 'a document of Pages, Numbers or Keynote', advice: 'export it as PDF or Word first' }
  return { what: 'a ZIP archive', advice: unpack }
}

const extensions: Record<string, string> = {
  markdown: 'md markdown mdown mkd mdx qmd rmd',
  table: 'csv tsv tab psv',
  json: 'json jsonl ndjson geojson json5 jsonc ipynb webmanifest har',
  html: 'html htm xhtml xht',
  code:
    'c h cc cpp cxx hh hpp hxx m mm cs java kt kts scala sc groovy gradle clj cljs edn go rs swift zig nim d v sv vhd vhdl ' +
    'js mjs cjs jsx ts mts cts tsx vue svelte astro css scss sass less wgsl glsl hlsl metal vert frag comp py pyi pyx rb ' +
    'php pl pm lua r jl dart ex exs erl hrl elm hs lhs ml mli fs fsx fsi lisp el scm rkt asm s f f90 f95 for pas ada adb ' +
    'ads cob cbl sh bash zsh fish ps1 psm1 bat cmd sql graphql gql proto thrift cmake mk tf hcl nix bazel bzl xml xsd xsl ' +
    'xslt svg yaml yml toml ini cfg conf properties env diff patch tex bib sty cls dockerfile makefile'
}
const byExtension = new Map(
  Object.entries(extensions).flatMap(([format, all]) => all.split(' ').map(each => [each, format as Format]))
)

/** For a file that is text as far as its first bytes tell. */
export function textFormatOf(name: string, head: Uint8Array): Format {
  const extension = extname(name).slice(1).toLowerCase()
  const known = byExtension.get(extension === '' ? name.toLowerCase() : extension)
  if (known) return known
  if (['txt', 'text', 'log'].includes(extension)) return 'text'
  // A saved page may have any name or none.
  const start = Buffer.from(head.buffer, head.byteOffset, Math.min(head.length, 512)).toString('latin1')
  return /^\s*(\xef\xbb\xbf)?\s*<(!doctype html|html[\s>])/i.test(start) ? 'html' : 'text'
}

const bound: Record<string, string> = {
  pdf: 'a PDF',
  docx: 'a Word document',
  epub: 'an EPUB',
  odt: 'an OpenDocument text',
  rtf: 'an RTF document'
}

/** What the name claims, where a file of that kind cannot be plain text. */
export const claimedKind = (name: string): string | undefined => bound[extname(name).slice(1).toLowerCase()]

/** Of a kind without a `format`. */
export const refusal = (name: string, { what, advice }: FileKind) =>
  new HostFailure(
    'unsupported-file',
    `${name} is ${what}, which is not read here${advice === undefined ? '' : `; ${advice}`}.`
  )
