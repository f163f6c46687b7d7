/** What the library knows of a document, as both sides of the contract see it. */
import type { Said } from './failure-words'
import type { NoteSaid } from './note-words'

export type DocumentKind =
  | 'text'
  | 'markdown'
  | 'code'
  | 'table'
  | 'json'
  | 'html'
  | 'pdf'
  | 'docx'
  | 'epub'
  | 'rtf'
  | 'odt'
  /** Several files read as one text, each under a heading with its path. */
  | 'files'

/** What a note is about: what was not taken into the text, what was damaged in the file, what was decided for the person. */
export const noteKinds = [
  'pictures',
  'drawings',
  'charts',
  'objects',
  'comments',
  'deleted-text',
  'hidden-text',
  'attachments',
  'contents-page',
  'menus',
  'missing-part',
  'damaged',
  'cut-short',
  'unreadable-letters',
  'undecoded',
  'encoding-guessed',
  'encoding-mixed',
  'structure',
  'converter',
  'other'
] as const
export type NoteKind = (typeof noteKinds)[number]

/** Something that a person should know of a text before it is read. */
export interface Note {
  readonly kind: NoteKind
  /** A whole sentence, in English. */
  readonly message: string
  /** How many of them, where they can be counted. */
  readonly count?: number
  /** Where in the file, in its own terms: a page, a part, a line. */
  readonly where?: string
  /** The message's name and values, by which the window says it in its own language. */
  readonly said?: NoteSaid
}

/** What was read of a document with one model. */
export interface Reading {
  /** Names the weights (see main/disk/paths.ts, `modelKey`); also the name of the page file. */
  readonly modelKey: string
  readonly modelName: string
  /** Tokens of the whole document with this model's tokenizer. */
  readonly tokens: number
  /** How many of them were read. */
  readonly read: number
  /** The real size of the files on disk. */
  readonly pageFileBytes: number
  readonly state: 'partial' | 'complete'
  /** A person said that reading shall end at this token; answers say so. */
  readonly limit?: number
  /** ISO 8601. */
  readonly updatedAt: string
}

export interface DocumentInfo {
  readonly id: string
  readonly name: string
  readonly kind: DocumentKind
  /** Bytes of the file, or of all files. */
  readonly size: number
  /** UTF-16 units of the text, in which every offset counts. */
  readonly characters: number
  /** SHA-256 of the text as UTF-8. */
  readonly textDigest: string
  /** ISO 8601. */
  readonly addedAt: string
  /** When it was opened or asked last; the least recently used readings are evicted first. */
  readonly usedAt: string
  /** Heading in the library; empty: none. */
  readonly group: string
  /** Its readings are never evicted. */
  readonly pinned: boolean
  /** Chosen for this document; absent: the default model. */
  readonly modelId?: string
  /** How many pages the printed original has, where it has pages. */
  readonly sheets?: number
  /** What the text does not hold, and what was decided about it: "12 of 300 pages are pictures without text". */
  readonly notes: readonly Note[]
  /** Of a text file, as contract/encodings.ts names them; empty for formats that bring their own. */
  readonly encoding: string
  /** By a person, and not by what the file says or a guess. */
  readonly isEncodingChosen: boolean
  /** The text was made by an earlier version of the program; taking the file in again may give more of it. */
  readonly isOlderText: boolean
  /** What lies where the file was added from. */
  readonly file: 'same' | 'changed' | 'gone' | 'unknown'
  /** What was kept of an earlier text of the same file is used for the unchanged beginning. */
  readonly replaces?: string
  /** All that the library keeps for it, readings included. */
  readonly bytes: number
  readonly readings: readonly Reading[]
  /** As the page left it. */
  readonly view?: {
    /** UTF-16 offset in the text of what was the first row in view. */
    readonly place?: number
    /** The page's own: what reading would take, while it waits for a person's word; null: none waits. */
    readonly plan?: Readonly<Record<string, unknown>> | null
  }
}

/** What was taken away and can be brought back, until its time is over or the program ends. */
export interface Trashed {
  readonly id: string
  readonly what: 'document' | 'reading' | 'chat' | 'model'
  /** Of the document, the conversation or the model. */
  readonly name: string
  readonly bytes: number
  /** Of what is no model. */
  readonly documentId?: string
  /** ISO 8601. */
  readonly until: string
}

/** Where the parts of a text begin; by GET on `documentOutline(id)`. */
export interface Outline {
  readonly headings: readonly { readonly title: string; readonly level: number; readonly start: number }[]
  /** Start of each printed page, in order. */
  readonly sheets: readonly number[]
  /** What the document calls its printed pages ("iv", "A-3"), where that is not 1, 2, 3. */
  readonly sheetNames?: readonly string[]
}

/** Files to take in: with a path known to the host, sent by the byte route `dropped`, or some of each. */
export interface FileSource {
  readonly grants?: readonly string[]
  /** The name that `dropped` was sent to. */
  readonly drop?: string
}

export interface ImportOptions {
  /** All files as one document of this name, with file headings; absent: one document a file. */
  readonly asOne?: string
  /** HTML: the readable text, or all of it. */
  readonly html?: 'readable' | 'whole'
}

export interface ImportResult {
  /** In the order of the files. `isNew` is false when the same text was there already. */
  readonly added: readonly { readonly document: DocumentInfo; readonly isNew: boolean }[]
  readonly refused: readonly {
    readonly name: string
    readonly code: string
    readonly message: string
    readonly said?: Said
  }[]
  /** Files left out because .gitignore or their kind says so: how many. */
  readonly ignored: number
}
