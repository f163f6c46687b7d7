/**
 * What a file is. Its first bytes decide wherever they can, whatever its name says: a person who drops a film wants to hear
 * "this is an MP4 video", not "encoding not detected". Text files are told apart by their names.
 */
import { extname } from 'node:path'
import type { DocumentKind } from '../../contract/document'
import { failureSaying, type HostFailure } from '../../contract/failure'
import type { AdviceWord, FileKindWord } from '../../contract/file-kind-words'
import { looksLikeMhtml } from './extract/mime'

/** What is read here. */
export type Format = Exclude<DocumentKind, 'files'>

interface FileKind {
  readonly what: FileKindWord
  /** Of an OpenDocument file that is no text, as its type calls it. */
  readonly type?: string
  /** Read here; "archive": a ZIP whose list of files tells more (`archiveKind`). */
  readonly format?: Format | 'archive'
  /** How to get text out of it, where there is a usual way. */
  readonly advice?: AdviceWord
}

/** Bytes to look at. An EPUB and a tar are told by what lies behind byte 30 and 257. */
export const headLength = 4096

const unpack = 'adviceUnpack'
const sound = 'adviceTranscribe'
const picture = 'adviceRecognise'

// Bytes are written as Latin-1. Magic numbers that could begin a text as well ("BM", "MZ", "ID3") count only when the
// head holds a NUL, which text in a byte encoding does not.
type Row = readonly [
  offset: number,
  magic: string,
  what: FileKindWord,
  advice?: AdviceWord | '',
  format?: FileKind['format']
]
const rows: readonly Row[] = [
  [0, '%PDF-', 'kindPdf', '', 'pdf'],
  [0, '{\\rtf', 'kindRtf', '', 'rtf'],
  [0, '%!PS-', 'kindPostscript', 'adviceConvertPs'],
  [0, '\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1', 'kindOldOffice', 'adviceSaveDocx'],
  [60, 'BOOKMOBI', 'kindKindle', 'adviceConvertKindle'],
  [0, 'AT&TFORM', 'kindDjvu', 'adviceConvertDjvu'],
  [0, 'PK\x03\x04', 'kindZip', unpack, 'archive'],
  [0, 'PK\x05\x06', 'kindEmptyZip'],
  [0, '\x1f\x8b', 'kindGzip', unpack],
  [0, '\xfd7zXZ\0', 'kindXz', unpack],
  [0, '\x28\xb5\x2f\xfd', 'kindZstd', unpack],
  [0, 'BZh', 'kindBzip2', unpack],
  [0, '7z\xbc\xaf\x27\x1c', 'kind7zip', unpack],
  [0, 'Rar!\x1a\x07', 'kindRar', unpack],
  [0, '\x04\x22\x4d\x18', 'kindLz4', unpack],
  [257, 'ustar', 'kindTar', unpack],
  [0, '\x89PNG\r\n\x1a\n', 'kindPng', picture],
  [0, '\xff\xd8\xff', 'kindJpeg', picture],
  [0, 'GIF87a', 'kindGif', picture],
  [0, 'GIF89a', 'kindGif', picture],
  [0, 'II*\0', 'kindTiff', picture],
  [0, 'MM\0*', 'kindTiff', picture],
  [0, 'BM', 'kindBmp', picture],
  [0, '8BPS', 'kindPhotoshop', picture],
  [8, 'WEBP', 'kindWebp', picture],
  [8, 'WAVE', 'kindWav', sound],
  [8, 'AVI ', 'kindAvi', sound],
  [4, 'ftyp', 'kindMp4', sound],
  [0, 'ID3', 'kindMp3', sound],
  [0, '\xff\xfb', 'kindMp3', sound],
  [0, '\xff\xf3', 'kindMp3', sound],
  [0, 'OggS', 'kindOgg', sound],
  [0, 'fLaC', 'kindFlac', sound],
  [0, '\x1a\x45\xdf\xa3', 'kindMatroska', sound],
  [0, '\x7fELF', 'kindElf'],
  [0, 'MZ', 'kindWindowsProgram'],
  [0, '\xfe\xed\xfa\xce', 'kindMachO'],
  [0, '\xfe\xed\xfa\xcf', 'kindMachO'],
  [0, '\xce\xfa\xed\xfe', 'kindMachO'],
  [0, '\xcf\xfa\xed\xfe', 'kindMachO'],
  [0, '\xca\xfe\xba\xbe', 'kindJavaClass'],
  [0, '\0asm', 'kindWasm'],
  [0, 'SQLite format 3\0', 'kindSqlite', 'adviceExportText'],
  [0, 'GGUF', 'kindGguf'],
  [8, '{"', 'kindSafetensors'],
  [0, '\x93NUMPY', 'kindNumpy'],
  [0, '\x89HDF\r\n\x1a\n', 'kindHdf5'],
  [0, 'PAR1', 'kindParquet', 'adviceExportAsText'],
  [0, 'wOFF', 'kindFont'],
  [0, 'wOF2', 'kindFont'],
  [0, 'OTTO', 'kindFont']
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
    if (at !== -1) return { what: 'kindPdf', format: 'pdf' }
  }
  if (/^(\xef\xbb\xbf)?\s{0,64}\{\\rtf/.test(text)) return { what: 'kindRtf', format: 'rtf' }
  if (looksLikeMhtml(text)) return { what: 'kindMhtml', format: 'html' }
  // OpenDocument without its archive.
  if (/<(\w+:)?document\b[^>]*mimetype\s*=\s*"application\/vnd\.oasis\.opendocument\.text/.test(text))
    return { what: 'kindOdt', format: 'odt' }
  return undefined
}

/** What a file's name says it is, where that begins behind something else: programs put lines before it, and readers look for it. */
export function behindJunk(head: Uint8Array, name: string): FileKind | undefined {
  const text = Buffer.from(head.buffer, head.byteOffset, head.length).toString('latin1')
  const claimed = claimedKind(name)
  if (claimed === 'kindPdf' && text.includes('%PDF-')) return { what: 'kindPdf', format: 'pdf' }
  // Or a piece of one, as programs put it on the clipboard.
  if (claimed === 'kindRtf' && /\{\\rtf|^\s*\{\\[a-z]/.test(text)) return { what: claimed, format: 'rtf' }
  const isPacked = claimed !== undefined && claimed !== 'kindRtf' && claimed !== 'kindPdf'
  return isPacked && text.includes('PK\x03\x04') ? { what: 'kindZip', format: 'archive' } : undefined
}

/** Books and office documents are ZIP archives with telling names in them; `mimetype` is the content of the file of that name. */
export function archiveKind(names: ReadonlySet<string>, mimetype: string): FileKind {
  const opendocument = /^application\/vnd\.oasis\.opendocument\.([a-z-]+)/.exec(mimetype)?.[1]
  if (opendocument !== undefined)
    return /^text(-master|-template|-web)?$/.test(opendocument)
      ? { what: 'kindOdt', format: 'odt' }
      : { what: 'kindOpenDocument', type: opendocument, advice: 'adviceExportPdfOrText' }
  if (mimetype.startsWith('application/epub') || names.has('META-INF/container.xml'))
    return { what: 'kindEpub', format: 'epub' }
  if (names.has('word/document.xml')) return { what: 'kindWord', format: 'docx' }
  if (names.has('xl/workbook.xml') || names.has('xl/workbook.bin'))
    return { what: 'kindExcel', advice: 'adviceSaveCsv' }
  if (names.has('ppt/presentation.xml')) return { what: 'kindPowerPoint', advice: 'adviceExportPdf' }
  // Word's own root document may have another name; its relations tell.
  if (names.has('[Content_Types].xml'))
    return [...names].some(name => name.startsWith('word/'))
      ? { what: 'kindWord', format: 'docx' }
      : { what: 'kindOffice', advice: 'adviceSaveText' }
  if (names.has('Index/Document.iwa')) return { what: 'kindIwork', advice: 'adviceExportPdfOrWord' }
  return { what: 'kindZip', advice: unpack }
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

const bound: Record<string, FileKindWord> = {
  pdf: 'kindPdf',
  docx: 'kindWord',
  epub: 'kindEpub',
  odt: 'kindOdt',
  rtf: 'kindRtf'
}

/** What the name claims, where a file of that kind cannot be plain text. */
export const claimedKind = (name: string): FileKindWord | undefined =>
  bound[extname(name).slice(1).toLowerCase()]

/** Of a kind without a `format`. */
export function refusal(name: string, { what, type, advice }: FileKind): HostFailure {
  const kind = { name: what, values: { type: type ?? '' } }
  return advice === undefined
    ? failureSaying('unsupported-file', 'notReadHere', { name, what: kind })
    : failureSaying('unsupported-file', 'notReadHereBut', {
        name,
        what: kind,
        advice: { name: advice, values: {} }
      })
}
