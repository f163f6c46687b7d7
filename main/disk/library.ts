/**
 * All that Readonce keeps for a person: documents, their conversations, installed models. A library is a folder
 * (see paths.ts), not a process: several programs may have it open, and what one of them changes the
 * others find. Nothing is held in memory.
 */
import { randomUUID } from 'node:crypto'
import { existsSync } from 'node:fs'
import { readdir, rename, rm, stat } from 'node:fs/promises'
import { basename, join, relative, resolve } from 'node:path'
import type { Outline } from '../../contract/document'
import { failureSaying } from '../../contract/failure'
import { makeFolder } from './atomic-write'
import * as chats from './chats'
import type { DocumentRecord, Reading } from './document-record'
import * as documents from './documents'
import { earlierOf } from './earlier-text'
import type { ExtractedDocument } from './extract-text'
import { takeLock, whileLocked } from './file-lock'
import { writeFailure } from './io-failure'
import { removeUnfinished } from './copy-model'
import type { EmbeddedModel } from './embedded-models'
import { eraseRemoved, type InstalledModel, listModels } from './models'
import { folderOf, homeFolder } from './location'
import {
  chatFile,
  digestsFile,
  documentFolder,
  documentLock,
  documentsFolder,
  libraryEntries,
  lockFile,
  modelsFolder,
  pagesLocation,
  readingFiles,
  textFile
} from './paths'
import { eraseReading, readingBytes } from './readings'
import { findFiles, textOfFile, textOfFiles } from './import-files'
import { bringBack, entryOf, putAway, type TrashEntry } from './trash'
import { type DocumentView, readView, writeView } from './views'

interface Forgotten {
  readonly documents: { readonly id: string; readonly name: string }[]
  readonly bytesFreed: number
}

// A document that is being erased; what a crash left of it is erased when the library is opened next.
const erasing = '.erasing-'

/**
 * The library that belongs to `--library DIR` (READONCE_LIBRARY, the platform's place), wherever it was moved to. A program
 * that uses `home` itself gives it.
 */
export async function findLibrary(override?: string, home = homeFolder(override)): Promise<Library> {
  return openLibrary(await folderOf(home), home)
}

/** `home` holds the pointer when the library is moved (location.ts); by default the library's own folder. */
export async function openLibrary(folder: string, home = folder): Promise<Library> {
  const library = resolve(folder)
  await makeFolder(documentsFolder(library))
  for (const name of await readdir(documentsFolder(library)))
    if (name.startsWith(erasing))
      await rm(join(documentsFolder(library), name), { recursive: true, force: true }).catch(() => undefined)
  await eraseRemoved(library)
  await removeUnfinished(library)
  return new Library(library, resolve(home))
}

export class Library {
  /** Sentences about files that were broken and put aside since the library was opened. */
  readonly problems: string[] = []

  constructor(
    readonly folder: string,
    readonly home: string
  ) {}

  readonly report = (reason: string) => void this.problems.push(reason)

  /**
   * Takes a file's text in, or finds it again: the same text is the same document, whatever the file is called. What an earlier version
   * made of the same file and was read stays, unless it is asked for `anew`.
   */
  async add(
    path: string,
    { anew = false }: { readonly anew?: boolean } = {}
  ): Promise<documents.AddedDocument> {
    const whole = resolve(path)
    const name = basename(whole)
    // A folder is one document, as where it is opened or dropped in the window.
    const isFolder = await stat(whole).then(
      found => found.isDirectory(),
      () => false
    )
    const { extracted, files } = isFolder
      ? await textOfFiles(name, (await findFiles([whole])).files, {})
      : await textOfFile({ path: whole, name }, {})
    const origin = { picked: [whole], ...(isFolder && { asOne: name }) }
    // Once today's text was read too, it is the one.
    const isKnown = existsSync(textFile(this.folder, documents.documentIdOf(extracted.text)))
    const earlier = anew || isKnown ? undefined : earlierOf(await this.all(), whole, files, extracted.bytes)
    const text = earlier && (await this.text(earlier.id).catch(() => undefined))
    if (earlier && text !== undefined) return { document: earlier, text, isNew: false, isOlder: true }
    return this.keep(extracted, { name, origin, files })
  }

  keep(extracted: ExtractedDocument, from: documents.TextOrigin): Promise<documents.AddedDocument> {
    return documents.keepDocument(this.folder, extracted, from)
  }

  /** Newest first. Those that a newer text replaced are not among them. */
  async list(): Promise<DocumentRecord[]> {
    return (await this.all()).filter(({ replacedBy }) => replacedBy === undefined)
  }

  async all(): Promise<DocumentRecord[]> {
    const found: DocumentRecord[] = []
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
  async get(what: string): Promise<DocumentRecord> {
    const [found, ...others] = await this.find(what)
    if (found === undefined) throw documents.unknown(what)
    // One path may have held several texts over time: the last one is meant.
    if (others.length === 0 || found.path === resolve(what)) return found
    const list = [found, ...others].map(({ id, name }) => `${id} (${name})`).join(', ')
    throw failureSaying('bad-request', 'documentAmbiguous', { what, list })
  }

  private async find(what: string): Promise<DocumentRecord[]> {
    const exact =
      documents.isDocumentId(what) && (await documents.loadDocument(this.folder, what, this.report))
    if (exact) return [exact]
    const all = await this.all()
    const tests: ((document: DocumentRecord) => boolean)[] = [
      ({ path }) => path === resolve(what),
      ({ name }) => name === what,
      ({ id }) => /^[0-9a-f]{4,15}$/.test(what) && id.startsWith(what)
    ]
    return tests.map(test => all.filter(test)).find(found => found.length > 0) ?? []
  }

  text(id: string): Promise<string> {
    return documents.readText(this.folder, id)
  }

  outline(id: string): Promise<Outline> {
    return documents.readOutline(this.folder, id)
  }

  /** All that is kept for a document. */
  bytesOf(id: string): Promise<number> {
    return bytesIn(documentFolder(this.folder, id))
  }

  /** Everything in the library. */
  async bytes(): Promise<number> {
    let bytes = 0
    for (const name of libraryEntries) bytes += await bytesIn(join(this.folder, name))
    return bytes
  }

  change(id: string, change: (before: DocumentRecord) => DocumentRecord): Promise<DocumentRecord> {
    return documents.changeDocument(this.folder, id, change)
  }

  /** Where a document's reading with a model is kept: for `new PageFile(…)`. */
  pages(id: string, modelKey: string): string {
    return pagesLocation(this.folder, id, modelKey)
  }

  setReading(id: string, modelKey: string, reading: Omit<Reading, 'updatedAt'>): Promise<DocumentRecord> {
    return documents.setReading(this.folder, id, modelKey, reading)
  }

  /** What is on disk now, whatever the record says; 0: nothing. */
  readingBytes(id: string, modelKey: string): Promise<number> {
    return readingBytes(this.folder, id, modelKey)
  }

  /** Rejects with `in-use` while its page file is open. Returns the bytes freed. */
  async removeReading(id: string, modelKey: string): Promise<number> {
    const freed = await eraseReading(this.folder, id, modelKey)
    await this.#withoutReading(id, modelKey)
    return freed
  }

  #withoutReading(id: string, modelKey: string): Promise<DocumentRecord> {
    return this.change(id, before => ({
      ...before,
      readings: Object.fromEntries(Object.entries(before.readings).filter(([key]) => key !== modelKey))
    }))
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

  /** Rejects with `in-use` while one of its page files is open. */
  erase(id: string): Promise<number> {
    return this.#alone(id, async folder => {
      const bytes = await bytesIn(folder)
      // Renamed first: from one instant to the next it is gone, also when erasing gigabytes is interrupted.
      const away = join(documentsFolder(this.folder), `${erasing}${id}-${randomUUID().slice(0, 8)}`)
      await rename(folder, away)
      await rm(away, { recursive: true, force: true })
      return bytes
    })
  }

  /** Into the trash, with those that are kept for it alone. Rejects with `in-use` while a page file is open. */
  async trashDocument(id: string, hidden: readonly string[] = []): Promise<TrashEntry> {
    const { name } = await this.get(id)
    const ids = [...hidden, id]
    let bytes = 0
    for (const each of ids) bytes += await this.bytesOf(each)
    const paths = ids.map(each => this.#below(documentFolder(this.folder, each)))
    const about = { what: 'document' as const, name, bytes, documentId: id }
    const allAlone = ([first, ...rest]: readonly string[]): Promise<TrashEntry> =>
      first === undefined ? putAway(this.folder, about, paths) : this.#alone(first, () => allAlone(rest))
    return allAlone(ids)
  }

  /** Into the trash. Rejects with `in-use` while its page file is open. */
  async trashReading(id: string, modelKey: string): Promise<TrashEntry> {
    const { name, readings } = await this.get(id)
    const pages = this.pages(id, modelKey)
    const entry = await whileLocked(lockFile(pages), { name: 'ownThisReading', values: {} }, async () =>
      putAway(
        this.folder,
        {
          what: 'reading',
          name,
          bytes: await this.readingBytes(id, modelKey),
          documentId: id,
          modelKey,
          reading: readings[modelKey]
        },
        // The pages go last: a checkpoint without its pages is nothing, and is seen as such.
        readingFiles(pages)
          .reverse()
          .map(path => this.#below(path))
      )
    )
    await this.#withoutReading(id, modelKey)
    return entry
  }

  async trashChat(document: string, id: string): Promise<TrashEntry> {
    const { title } = await chats.readChat(this.folder, document, id)
    const path = chatFile(this.folder, document, id)
    const about = { what: 'chat' as const, name: title, bytes: await bytesIn(path), documentId: document }
    return putAway(this.folder, about, [this.#below(path)])
  }

  trashModel({ name, bytes }: Pick<InstalledModel, 'name' | 'bytes'>): Promise<TrashEntry> {
    return putAway(this.folder, { what: 'model', name, bytes }, [
      this.#below(join(modelsFolder(this.folder), name))
    ])
  }

  /** Rejects with not-found for what was erased, with in-use where something else is in its place. */
  async restore(id: string): Promise<TrashEntry> {
    const { what, name, documentId, modelKey, reading } = await entryOf(this.folder, id)
    if (what === 'model' && existsSync(join(modelsFolder(this.folder), name)))
      throw failureSaying('in-use', 'modelAgain', { name })
    if (documentId !== undefined && what !== 'document') await this.get(documentId)
    if (what === 'reading' && documentId !== undefined && modelKey !== undefined && reading) {
      const again = (await this.get(documentId)).readings[modelKey]
      if (again && again.read >= reading.read) throw failureSaying('in-use', 'readFurther', { name })
      await this.removeReading(documentId, modelKey)
      const back = await bringBack(this.folder, id)
      await this.change(documentId, before => ({
        ...before,
        readings: { ...before.readings, [modelKey]: reading }
      }))
      return back
    }
    return bringBack(this.folder, id)
  }

  #below(path: string): string {
    return relative(this.folder, path).replaceAll('\\', '/')
  }

  /** Holds the document and all of its page files. */
  #alone<T>(id: string, work: (folder: string) => Promise<T>): Promise<T> {
    const folder = documentFolder(this.folder, id)
    return whileLocked(documentLock(this.folder, id), { name: 'ownDocument', values: { id } }, async () => {
      const pages = (await readdir(folder)).filter(
        name => /\.(pages|lock)$/.test(name) && name !== 'document.lock'
      )
      const locks = new Set(pages.map(name => lockFile(join(folder, name.replace(/\.lock$/, '.pages')))))
      const releases: (() => Promise<void>)[] = []
      try {
        for (const lock of locks) releases.push(await takeLock(lock, { name: 'ownDocument', values: { id } }))
        return await work(folder)
      } catch (error) {
        throw await writeFailure(error, folder, 0)
      } finally {
        for (const release of releases) await release()
      }
    })
  }

  view(id: string): Promise<DocumentView | undefined> {
    return readView(this.folder, id)
  }

  /** Rejects with not-found. */
  async keepView(id: string, change: DocumentView): Promise<void> {
    await this.get(id)
    await writeView(this.folder, id, change)
  }

  async saveChat(document: string, draft: chats.ChatDraft): Promise<chats.Chat> {
    await this.get(document)
    return chats.saveChat(this.folder, document, draft)
  }

  async writeChat(document: string, chat: unknown): Promise<chats.Chat> {
    await this.get(document)
    return chats.writeChat(this.folder, document, chat)
  }

  /** Passages that were kept without their text get it from the document. */
  async readChat(document: string, id: string): Promise<chats.Chat> {
    const chat = await chats.readChat(this.folder, document, id)
    if (!chat.messages.some(({ sources }) => sources?.some(({ text }) => text === ''))) return chat
    const text = await this.text(document)
    const messages = chat.messages.map(({ sources, ...message }) =>
      sources === undefined
        ? message
        : { ...message, sources: sources.map(each => ({ ...each, text: text.slice(each.start, each.end) })) }
    )
    return { ...chat, messages }
  }

  moveChats(from: string, to: string): Promise<void> {
    return chats.moveChats(this.folder, from, to)
  }

  /** Newest first. */
  listChats(document: string): Promise<chats.Chat[]> {
    return chats.listChats(this.folder, document, this.report)
  }

  deleteChat(document: string, id: string): Promise<void> {
    return chats.deleteChat(this.folder, document, id)
  }

  /** Embedded models are not part of the library and are handed in. */
  listModels(embedded?: readonly EmbeddedModel[]): Promise<InstalledModel[]> {
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
  const found = await stat(folder).catch(() => undefined)
  if (!found?.isDirectory()) return found?.size ?? 0
  for (const entry of await readdir(folder, { withFileTypes: true, recursive: true }))
    if (entry.isFile() && !entry.name.endsWith('.lock'))
      bytes += await stat(join(entry.parentPath, entry.name)).then(
        ({ size }) => size,
        () => 0
      )
  return bytes
}
