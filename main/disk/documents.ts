/**
 * One document on disk: its text and what is known of it. Each has a folder and a JSON file of its own, so
 * that two processes never write the same file for different documents, and a broken one takes
 * no other with it. Fields that a later version wrote survive being read and written by this one.
 */
import { createHash } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readFile } from 'node:fs/promises'
import { z } from 'zod'
import type { Outline } from '../../contract/document'
import { failureSaying } from '../../contract/failure'
import { inEnglish } from '../../contract/failure-words'
import { makeFolder, writeAtomically } from './atomic-write'
import { checkRoom } from './disk-space'
import { DocumentRecord, type Origin, Reading } from './document-record'
import { extractorVersion } from './extract/document'
import type { ExtractedDocument } from './extract-text'
import { whileLocked } from './file-lock'
import type { Fingerprint } from './fingerprint'
import { codeOf, readFailure } from './io-failure'
import { readJson, writeJson } from './json-file'
import { documentFile, documentFolder, documentLock, outlineFile, textFile } from './paths'

export interface AddedDocument {
  readonly document: DocumentRecord
  readonly text: string
  /** False when the same text was in the library already. */
  readonly isNew: boolean
  /** An earlier version made the text, and today's would be another. */
  readonly isOlder?: boolean
}

/** Where a text comes from. */
export interface TextOrigin {
  readonly name: string
  /** Absent: sent by a page that knows no paths. */
  readonly origin?: Origin
  readonly files: readonly Fingerprint[]
}

const locked = <T>(library: string, id: string, work: () => Promise<T>) =>
  whileLocked(documentLock(library, id), { name: 'ownDocument', values: { id } }, work)

/** Keeps a text; the same text is the same document, whatever its file is called. */
export async function keepDocument(
  library: string,
  extracted: ExtractedDocument,
  { name, origin, files }: TextOrigin
): Promise<AddedDocument> {
  const { text, encoding, bytes: size, kind, outline, notes } = extracted
  const bytes = Buffer.from(text)
  const outlineBytes = Buffer.byteLength(JSON.stringify(outline))
  const textDigest = sha256(bytes)
  const id = idOf(textDigest)
  // What is there already takes nothing more.
  if (!existsSync(textFile(library, id)))
    await checkRoom(library, bytes.length + outlineBytes, 'noRoomToAdd', name)
  await makeFolder(documentFolder(library, id))
  return locked(library, id, async () => {
    // The text first: a text without a record is found and repaired, a record without its text is of no use.
    const kept = await readFile(textFile(library, id)).catch(() => undefined)
    if (!kept?.equals(bytes)) await writeAtomically(textFile(library, id), [bytes])
    await writeJson(outlineFile(library, id), outline)
    const found = await readJson(documentFile(library, id), DocumentRecord)
    const before = found.state === 'whole' ? found.value : undefined
    const at = now()
    const path = origin?.picked.length === 1 ? origin.picked[0] : ''
    const document: DocumentRecord = {
      addedAt: at,
      path: '',
      files: [],
      readings: {},
      group: '',
      pinned: false,
      ...before,
      id,
      name: before?.named ? before.name : name,
      // A copy that came without a path does not make a known one unknown.
      ...(origin ? { path, origin, files: [...files] } : {}),
      size,
      characters: text.length,
      textDigest,
      encoding,
      kind,
      sheets: outline.sheets.length > 0 ? outline.sheets.length : undefined,
      notes: [...notes],
      extractor: extractorVersion,
      usedAt: at,
      replacedBy: undefined
    }
    await writeJson(documentFile(library, id), document)
    return { document, text, isNew: before === undefined || before.replacedBy !== undefined }
  })
}

/** Undefined when there is no such document. A broken record is put aside, told to `report`, and made anew from the text. */
export async function loadDocument(
  library: string,
  id: string,
  report: (reason: string) => void
): Promise<DocumentRecord | undefined> {
  const found = await readJson(documentFile(library, id), DocumentRecord)
  if (found.state === 'whole' && found.value.id === id) return found.value
  if (found.state === 'broken') report(inEnglish(found.reason.name, found.reason.values))
  const text = await readFile(textFile(library, id)).catch(() => undefined)
  if (text === undefined || idOf(sha256(text)) !== id) return undefined
  return locked(library, id, async () => {
    // Its owner may have been between its two writes.
    const now = await readJson(documentFile(library, id), DocumentRecord)
    if (now.state === 'whole' && now.value.id === id) return now.value
    const document = recovered(id, text)
    await writeJson(documentFile(library, id), document)
    return document
  })
}

const recovered = (id: string, text: Buffer): DocumentRecord => ({
  id,
  name: `recovered ${id}`,
  path: '',
  size: text.length,
  characters: text.toString('utf8').length,
  textDigest: sha256(text),
  encoding: 'utf-8',
  addedAt: now(),
  readings: {},
  kind: 'text',
  group: '',
  pinned: false,
  notes: [
    { kind: 'other' as const, message: 'The record of this document was lost and made anew from its text.' }
  ],
  files: []
})

/** The text exactly as it was added. */
export async function readText(library: string, id: string): Promise<string> {
  const bytes = await readFile(textFile(library, id)).catch(error => {
    if (codeOf(error) === 'ENOENT') throw unknown(id)
    throw readFailure(error, textFile(library, id))
  })
  if (idOf(sha256(bytes)) !== id) throw failureSaying('unreadable-file', 'textChanged', {})
  return bytes.toString('utf8')
}

/** Changes the record under its lock; `change` sees what stands there then. Rejects with not-found. */
export async function changeDocument(
  library: string,
  id: string,
  change: (before: DocumentRecord) => DocumentRecord
): Promise<DocumentRecord> {
  // Looked at before the lock is taken: taking it in a folder that is gone would fail in other words.
  if (!isDocumentId(id) || (await readJson(documentFile(library, id), DocumentRecord)).state !== 'whole')
    throw unknown(id)
  return locked(library, id, async () => {
    const found = await readJson(documentFile(library, id), DocumentRecord)
    if (found.state !== 'whole') throw unknown(id)
    const document = DocumentRecord.parse(change(found.value))
    await writeJson(documentFile(library, id), document)
    return document
  })
}

export const setReading = (
  library: string,
  id: string,
  modelKey: string,
  reading: Omit<Reading, 'updatedAt'>
): Promise<DocumentRecord> =>
  changeDocument(library, id, before => {
    const { limit } = reading
    const next = Reading.parse({ ...before.readings[modelKey], ...reading, limit, updatedAt: now() })
    return { ...before, usedAt: next.updatedAt, readings: { ...before.readings, [modelKey]: next } }
  })

const count = z.number().int().nonnegative()
const outlineSchema = z.object({
  headings: z.array(z.object({ title: z.string(), level: z.number(), start: count })),
  sheets: z.array(count),
  // Outlines of earlier versions have none.
  sheetNames: z.array(z.string()).optional().catch(undefined)
})

/** Documents of the first version have none; a broken one is as good as none, since adding the file again makes it. */
export async function readOutline(library: string, id: string): Promise<Outline> {
  const found = await readJson(outlineFile(library, id), outlineSchema)
  return found.state === 'whole' ? found.value : { headings: [], sheets: [] }
}

export const unknown = (what: string) => failureSaying('not-found', 'documentUnknown', { what })

export const isDocumentId = (text: string) => /^[0-9a-f]{16}$/.test(text)
const idOf = (digest: string) => digest.slice(0, 16)
/** Of the document that has this text. */
export const documentIdOf = (text: string) => idOf(sha256(Buffer.from(text)))
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const now = () => new Date().toISOString()
