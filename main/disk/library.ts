/**
 * All that Readonce keeps for a person: documents, their conversations, installed models. A library is a folder
 * (see paths.ts), not a process: several programs may have it open, and what one of them changes the
 * others find. Nothing is held in memory.
 */
import { randomUUID } from 'node:crypto'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { join, resolve } from 'node:path'
import { HostFailure } from '../../contract/failure'
import { makeFolder } from './atomic-write'
import * as chats from './chats'
import * as documents from './documents'
import { takeLock, whileLocked } from './file-lock'
import { writeFailure } from './io-failure'
import { type InstalledModel, listModels } from './models'
import { digestsFile, documentFolder, documentLock, documentsFolder, lockFile, pagesLocation } from './paths'

export type { Chat, ChatDraft, ChatMessage } from './chats'
export type { AddedDocument, DocumentRecord, Reading } from './documents'
export type { InstalledModel } from './models'

export interface Forgotten {
  readonly documents: { readonly id: string; readonly name: string }[]
  readonly bytesFreed: number
}

// A document that is being erased; what a crash left of it is erased when the library is opened next.
const erasing = '.erasing-'

export async function openLibrary(folder: string): Promise<Library> {
  const library = resolve(folder)
  await makeFolder(documentsFolder(library))
  for (const name of await readdir(documentsFolder(library)))
    if (name.startsWith(erasing))
      await rm(join(documentsFolder(library), name), { recursive: true, force: true }).catch(() => undefined)
  return new Library(library)
}

export class Library {
  /** Sentences about files that were broken and put aside since the library was opened. */
  readonly problems: string[] = []

  constructor(readonly folder: string) {}

  private readonly report = (reason: string) => void this.problems.push(reason)

  /** Takes a file's text in, or finds it again: the same text is the same document, whatever the file is called. */
  add(path: string): Promise<documents.AddedDocument> {
    return documents.addDocument(this.folder, path)
  }

  /** Newest first. */
  async list(): Promise<documents.DocumentRecord[]> {
    const found: documents.DocumentRecord[] = []
    for (const id of (await readdir(documentsFolder(this.folder))).filter(documents.isDocumentId)) {
      // One document that cannot be read must not hide the others.
      const document = await documents
        .loadDocument(this.folder, id, this.report)
        .catch(error => this.report(String(error)))
      if (document) found.push(document)
    }
    return found.sort((a, b) => (a.addedAt < b.addedAt ? 1 : -1))
  }

  /** By id, by path, by name or by the beginning of an id (4 digits at least), in this order. */
  async get(what: string): Promise<documents.DocumentRecord> {
    const [found, ...others] = await this.find(what)
    if (found === undefined) throw documents.unknown(what)
    // One path may have held several texts over time: the last one is meant.
    if (others.length === 0 || found.path === resolve(what)) return found
    const list = [found, ...others].map(({ id, name }) => `${id} (${name})`).join(', ')
    throw new HostFailure('bad-request', `"${what}" may be any of ${list}. Give the whole id.`)
  }

  private async find(what: string): Promise<documents.DocumentRecord[]> {
    const exact =
      documents.isDocumentId(what) && (await documents.loadDocument(this.folder, what, this.report))
    if (exact) return [exact]
    const all = await this.list()
    const tests: ((document: documents.DocumentRecord) => boolean)[] = [
      ({ path }) => path === resolve(what),
      ({ name }) => name === what,
      ({ id }) => /^[0-9a-f]{4,15}$/.test(what) && id.startsWith(what)
    ]
    return tests.map(test => all.filter(test)).find(found => found.length > 0) ?? []
  }

  text(id: string): Promise<string> {
    return documents.readText(this.folder, id)
  }

  /** Where a document's reading with a model is kept: for `new PageFile(…)`. */
  pages(id: string, modelKey: string): string {
    return pagesLocation(this.folder, id, modelKey)
  }

  setReading(
    id: string,
    modelKey: string,
    reading: Omit<documents.Reading, 'updatedAt'>
  ): Promise<documents.DocumentRecord> {
    return documents.setReading(this.folder, id, modelKey, reading)
  }

  /** Erases all traces of a document; given a path, of every text that was added from there. */
  async forget(what: string): Promise<Forgotten> {
    let targets: { id: string; name: string }[] = (await this.find(what)).filter(
      ({ path }, _, all) => all.length === 1 || path === resolve(what)
    )
    if (targets.length === 0) {
      // A folder without text and record, as a crash may leave it, still holds pages; its id is enough.
      const orphan =
        documents.isDocumentId(what) && (await stat(documentFolder(this.folder, what)).catch(() => undefined))
      targets = [orphan ? { id: what, name: what } : await this.get(what)]
    }
    let bytesFreed = 0
    for (const { id } of targets) bytesFreed += await this.erase(id)
    return { documents: targets.map(({ id, name }) => ({ id, name })), bytesFreed }
  }

  private erase(id: string): Promise<number> {
    const folder = documentFolder(this.folder, id)
    return whileLocked(documentLock(this.folder, id), `The document ${id}`, async () => {
      const pages = (await readdir(folder)).filter(
        name => /\.(pages|lock)$/.test(name) && name !== 'document.lock'
      )
      const locks = new Set(pages.map(name => lockFile(join(folder, name.replace(/\.lock$/, '.pages')))))
      const releases: (() => Promise<void>)[] = []
      try {
        for (const lock of locks) releases.push(await takeLock(lock, `The document ${id}`))
        const bytes = await bytesIn(folder)
        // Renamed first: from one instant to the next it is gone, also when erasing gigabytes is interrupted.
        const away = join(documentsFolder(this.folder), `${erasing}${id}-${randomUUID().slice(0, 8)}`)
        await rename(folder, away)
        await rm(away, { recursive: true, force: true })
        return bytes
      } catch (error) {
        throw await writeFailure(error, folder, 0)
      } finally {
        for (const release of releases) await release()
      }
    })
  }

  async saveChat(document: string, draft: chats.ChatDraft): Promise<chats.Chat> {
    await this.get(document)
    return chats.saveChat(this.folder, document, draft)
  }

  readChat(document: string, id: string): Promise<chats.Chat> {
    return chats.readChat(this.folder, document, id)
  }

  /** Newest first. */
  listChats(document: string): Promise<chats.Chat[]> {
    return chats.listChats(this.folder, document, this.report)
  }

  deleteChat(document: string, id: string): Promise<void> {
    return chats.deleteChat(this.folder, document, id)
  }

  /** The embedded model's folder is not part of the library and is handed in. */
  listModels(embedded?: string): Promise<InstalledModel[]> {
    return listModels(this.folder, embedded)
  }

  /** For `openModelFolder(…, { digestCache })`. */
  get digestCache(): string {
    return digestsFile(this.folder)
  }
}

/** Bytes of the files in a folder and in the folders inside it; locks are ours and do not count. */
async function bytesIn(folder: string): Promise<number> {
  let bytes = 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && !entry.name.endsWith('.lock'))
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0
      )
  return bytes
}
