/**
 * One document on disk: its text and what is known of it. Each has a folder and a JSON file of its own, so
 * that two processes never write the same file for different documents, and a broken one takes
 * no other with it. Fields that a later version wrote survive being read and written by this one.
 */
import { createHash } from 'node:crypto'
import { readFile } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import { z } from 'zod'
import { HostFailure } from '../../contract/failure'
import { makeFolder, writeAtomically } from './atomic-write'
import { extractText } from './extract-text'
import { whileLocked } from './file-lock'
import { codeOf, readFailure } from './io-failure'
import { readJson, writeJson } from './json-file'
import { documentFile, documentFolder, documentLock, textFile } from './paths'

const count = z.number().int().nonnegative()

/** What was read of a document with one model. */
const Reading = z.looseObject({
  modelName: z.string(),
  /** Tokens of the whole document with this model's tokenizer. */
  tokens: count,
  /** How many of them were read. */
  read: count,
  pageFileBytes: count,
  state: z.enum(['partial', 'complete']),
  updatedAt: z.string()
})
export type Reading = z.infer<typeof Reading>

const DocumentRecord = z.looseObject({
  /** First 16 hexadecimal digits of the text's digest. */
  id: z.string().regex(/^[0-9a-f]{16}$/),
  name: z.string(),
  /** Where the file lay when it was added last; empty when that is not known any more. */
  path: z.string(),
  /** Bytes of that file. */
  size: count,
  /** UTF-16 units, in which offsets into the text count. */
  characters: count,
  /** SHA-256 of the text as UTF-8. */
  textDigest: z.string().regex(/^[0-9a-f]{64}$/),
  encoding: z.string(),
  addedAt: z.string(),
  /** By model key. */
  readings: z.record(z.string(), Reading)
})
export type DocumentRecord = z.infer<typeof DocumentRecord>

export interface AddedDocument {
  readonly document: DocumentRecord
  readonly text: string
  /** False when the same text was in the library already. */
  readonly isNew: boolean
}

const locked = <T>(library: string, id: string, work: () => Promise<T>) =>
  whileLocked(documentLock(library, id), `The document ${id}`, work)

export async function addDocument(library: string, path: string): Promise<AddedDocument> {
  const { text, encoding, bytes: size } = await extractText(path)
  const bytes = Buffer.from(text)
  const textDigest = sha256(bytes)
  const id = idOf(textDigest)
  await makeFolder(documentFolder(library, id))
  return locked(library, id, async () => {
    // The text first: a text without a record is found and repaired, a record without its text is of no use.
    const kept = await readFile(textFile(library, id)).catch(() => undefined)
    if (!kept?.equals(bytes)) await writeAtomically(textFile(library, id), [bytes])
    const found = await readJson(documentFile(library, id), DocumentRecord)
    const before = found.state === 'whole' ? found.value : undefined
    const document: DocumentRecord = {
      addedAt: now(),
      readings: {},
      ...before,
      id,
      name: basename(path),
      path: resolve(path),
      size,
      characters: text.length,
      textDigest,
      encoding
    }
    await writeJson(documentFile(library, id), document)
    return { document, text, isNew: before === undefined }
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
  if (found.state === 'broken') report(found.reason)
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
  readings: {}
})

/** The text exactly as it was added. */
export async function readText(library: string, id: string): Promise<string> {
  const bytes = await readFile(textFile(library, id)).catch(error => {
    if (codeOf(error) === 'ENOENT') throw unknown(id)
    throw readFailure(error, textFile(library, id))
  })
  if (idOf(sha256(bytes)) !== id)
    throw new HostFailure(
      'unreadable-file',
      `The kept text of the document ${id} was changed or damaged on disk (${textFile(library, id)}). Add the original file again.`
    )
  return bytes.toString('utf8')
}

export async function setReading(
  library: string,
  id: string,
  modelKey: string,
  reading: Omit<Reading, 'updatedAt'>
): Promise<DocumentRecord> {
  // Looked at before the lock is taken: taking it in a folder that is gone would fail in other words.
  if ((await readJson(documentFile(library, id), DocumentRecord)).state !== 'whole') throw unknown(id)
  return locked(library, id, async () => {
    const found = await readJson(documentFile(library, id), DocumentRecord)
    if (found.state !== 'whole') throw unknown(id)
    const { readings } = found.value
    const next = Reading.parse({ ...readings[modelKey], ...reading, updatedAt: now() })
    const document = { ...found.value, readings: { ...readings, [modelKey]: next } }
    await writeJson(documentFile(library, id), document)
    return document
  })
}

export const unknown = (what: string) =>
  new HostFailure('not-found', `The library has no document ${what}. "readonce documents" lists what it has.`)

export const isDocumentId = (text: string) => /^[0-9a-f]{16}$/.test(text)
const idOf = (digest: string) => digest.slice(0, 16)
const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex')
const now = () => new Date().toISOString()
