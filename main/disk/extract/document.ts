/** What comes out of a file, and within which limits: shared by the worker that extracts and by those who ask it to. */
import type { DocumentKind, Note, NoteKind, Outline } from '../../../contract/document'
import { failureSaying } from '../../../contract/failure'
import { noteInEnglish, type NoteValues, type NoteWord } from '../../../contract/note-words'

export interface ExtractedDocument {
  /** Well formed: no lone surrogates. Plain text is kept as it is, line ends included; other formats have "\n". */
  readonly text: string
  readonly kind: DocumentKind
  /** Of a text file, as TextDecoder names it; empty for formats that bring their own. */
  readonly encoding: string
  /** Length of the file, or of all files. */
  readonly bytes: number
  /** Starts are UTF-16 offsets into `text`. */
  readonly outline: Outline
  /** What the text does not hold and what a person should know of it. */
  readonly notes: readonly Note[]
}

/**
 * Counted up when the same file gives another text than before: libraries keep it with each document, so that reading again can be
 * offered. 1: documents that say nothing. 2: encodings, Word, OpenDocument and EPUB read anew. 3: PDF and RTF read anew,
 * damaged texts in East Asian encodings, cells of notebooks. 4: contents and drawings of EPUB, what Word and OpenDocument say of pictures,
 * equations.
 */
export const extractorVersion = 4

export interface Limits {
  /** Of a file whose format has to lie in memory as a whole; plain text may have `longestText`. */
  readonly fileBytes: number
  /** What one archive may hold unpacked, as far as it is unpacked. */
  readonly inflatedBytes: number
  /** UTF-16 units of text that a format other than plain text may turn into. */
  readonly characters: number
  /** Of the worker's JavaScript heap; V8 stops the worker beyond it. */
  readonly heapMegabytes: number
  /** Of a library's own memory beside that heap (PDFium's, with the whole file in it). */
  readonly libraryMegabytes: number
  readonly milliseconds: number
}

const mega = 1 << 20

/**
 * A day's newspaper archive or a textbook of 3,000 pages stays far below all of them. Time grows with the file:
 * the slowest format, PDF, was measured at about 0.1 s for a page, and a page has 5 KB and more.
 */
export const limitsFor = (bytes: number): Limits => ({
  fileBytes: 512 * mega,
  inflatedBytes: 512 * mega,
  characters: 256 * mega,
  heapMegabytes: 2048,
  libraryMegabytes: 1024 + 2 * Math.ceil(bytes / mega),
  milliseconds: 120_000 + 5_000 * Math.ceil(bytes / mega)
})

/** What a format's reader is told besides the bytes. */
export interface Setting {
  /** The file's name, for sentences. */
  readonly name: string
  readonly html: 'readable' | 'whole'
  /** Of text and web pages, by a person's word. */
  readonly encoding?: string
  readonly limits: Limits
  /** `total` 0: not known. */
  readonly progress: (done: number, total: number) => void
}

export type Extraction = Omit<ExtractedDocument, 'bytes'>

/** A note whose sentence every language of the window has. `values.count`: how many of them, where they can be counted. */
export function noteSaying(kind: NoteKind, name: NoteWord, values: NoteValues = {}, where?: string): Note {
  const said = { name, values }
  const { count } = values
  return {
    kind,
    message: noteInEnglish(said),
    ...(typeof count === 'number' ? { count } : {}),
    ...(where === undefined ? {} : { where }),
    said
  }
}

export const outOfMemory = ({ name }: Pick<Setting, 'name'>, megabytes: number) =>
  failureSaying('too-long', 'outOfMemory', { name, megabytes })
