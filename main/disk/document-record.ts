/** What document.json holds. Records of every earlier version must load: new fields are optional or have defaults. */
import { z } from 'zod'
import { encodings } from '../../contract/encodings'
import { type DocumentKind, noteKinds } from '../../contract/document'
import { noteNames, type NoteWord } from '../../contract/note-words'
import { Fingerprint } from './fingerprint'

const count = z.number().int().nonnegative()

/** What was read of a document with one model. */
export const Reading = z.looseObject({
  modelName: z.string(),
  /** Tokens of the whole document with this model's tokenizer. */
  tokens: count,
  /** How many of them were read. */
  read: count,
  pageFileBytes: count,
  state: z.enum(['partial', 'complete']),
  /** A person said that reading shall end at this token. */
  limit: count.optional(),
  updatedAt: z.string()
})
export type Reading = z.infer<typeof Reading>

const documentKinds = [
  'text',
  'markdown',
  'code',
  'table',
  'json',
  'html',
  'pdf',
  'docx',
  'epub',
  'rtf',
  'odt',
  'files'
] as const satisfies readonly DocumentKind[]

/** A word that this version does not know is told by its sentence alone. */
const NoteSaid = z.object({
  name: z.string().refine((name): name is NoteWord => noteNames.includes(name)),
  values: z.record(z.string(), z.union([z.string(), z.number()])),
  file: z.string().optional()
})

/** Earlier versions wrote the sentence alone. */
const Note = z.union([
  z.string().transform(message => ({ kind: 'other' as const, message })),
  z.object({
    kind: z.enum(noteKinds).catch('other'),
    message: z.string(),
    count: count.optional().catch(undefined),
    where: z.string().optional().catch(undefined),
    said: NoteSaid.optional().catch(undefined)
  })
])

/** What a person chose and how, so that it can be taken in again when it has changed. */
export const Origin = z.looseObject({
  /** Files and folders. */
  picked: z.array(z.string()),
  asOne: z.string().optional(),
  html: z.enum(['readable', 'whole']).optional(),
  encoding: z.enum(encodings).optional().catch(undefined)
})
export type Origin = z.infer<typeof Origin>

// Records of the first version have none of the fields with defaults; what a later version means by a value that is
// not known here must not cost the record.
export const DocumentRecord = z.looseObject({
  /** First 16 hexadecimal digits of the text's digest. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string(),
  /** Where the file or folder lay when it was added last; empty when that is not known. */
  path: z.string(),
  /** Bytes of that file, or of all files. */
  size: count,
  /** UTF-16 units, in which offsets into the text count. */
  characters: count,
  /** SHA-256 of the text as UTF-8. */
  textDigest: z.string().regex(/^[0-9a-f]{64}$/),
  encoding: z.string(),
  addedAt: z.string(),
  /** By model key. */
  readings: z.record(z.string(), Reading),
  kind: z.enum(documentKinds).catch('text').default('text'),
  /** A person gave it its name: adding the file again does not take it away. */
  named: z.boolean().optional().catch(undefined),
  group: z.string().catch('').default(''),
  pinned: z.boolean().catch(false).default(false),
  /** Absent: never since it was added. */
  usedAt: z.string().optional().catch(undefined),
  modelId: z.string().optional().catch(undefined),
  /** How many printed pages. */
  sheets: count.optional().catch(undefined),
  notes: z.array(Note).catch([]).default([]),
  /** Which version of the program's readers made the text; absent: the first. */
  extractor: count.optional().catch(undefined),
  /** The document of an earlier text of the same file; what was read of it helps reading this one. */
  replaces: z.string().optional().catch(undefined),
  /** A newer text of the same file took its place: kept for its readings only and shown nowhere. */
  replacedBy: z.string().optional().catch(undefined),
  /** A person said in which encoding it is; of a file whose origin is not known. */
  isEncodingChosen: z.boolean().optional().catch(undefined),
  origin: Origin.optional().catch(undefined),
  files: z.array(Fingerprint).catch([]).default([])
})
export type DocumentRecord = z.infer<typeof DocumentRecord>
