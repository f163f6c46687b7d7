/**
 * Page files that clients have open: one for a document and a model, held by the client who opened it last. A page that was
 * reloaded begins anew with another name, takes the file over, and what the old one still sends is refused.
 */
import { failureInEnglish, failureSaying } from '../../contract/failure'
import { isDocumentId, unknown } from '../disk/documents'
import type { Library } from '../disk/library'
import { PageFile, PageFileMisuse, type SavedPages } from '../disk/page-file'
import type { PageIdentity } from '../disk/page-record'

export interface PagesOf {
  readonly id: string
  readonly modelKey: string
  /** A random name. */
  readonly client: string
}

interface Held extends PagesOf {
  readonly file: PageFile
}

export class OpenPages {
  private readonly held = new Map<string, Held>()
  /** What was held under a key before and is not free yet; never rejects. */
  private readonly closing = new Map<string, Promise<void>>()

  constructor(private readonly library: () => Library) {}

  /** Takes the file over from an earlier client. Rejects with not-found for an unknown document. */
  async open(whose: PagesOf, identity: PageIdentity): Promise<{ file: PageFile; saved: SavedPages }> {
    const library = this.library()
    if (!isDocumentId(whose.id)) throw unknown(whose.id.slice(0, 80))
    await library.get(whose.id)
    const key = keyOf(whose.id, whose.modelKey)
    const path = library.pages(whose.id, whose.modelKey)
    const before = this.held.get(key)
    const file = before?.client === whose.client ? before.file : new PageFile(path)
    this.held.set(key, { ...whose, file })
    try {
      if (before && before.file !== file) await this.shut(key, before.file)
      await this.closing.get(key)
      if (this.held.get(key)?.file !== file) throw takenOver()
      const saved = await file.open(identity)
      // Taken over while it was being opened: nobody else will close it.
      if (this.held.get(key)?.file !== file) {
        await file.close()
        throw takenOver()
      }
      return { file, saved }
    } catch (error) {
      if (this.held.get(key)?.file === file) this.held.delete(key)
      throw error
    }
  }

  /** Runs `work` on the file that this client holds; rejects with `in-use` when it does not hold it, also afterwards. */
  async use<T>({ id, modelKey, client }: PagesOf, work: (file: PageFile) => Promise<T>): Promise<T> {
    const key = keyOf(id, modelKey)
    const held = this.held.get(key)
    if (held?.client !== client) throw takenOver()
    try {
      return await work(held.file)
    } catch (error) {
      if (this.held.get(key)?.file !== held.file) throw takenOver()
      if (error instanceof PageFileMisuse) throw failureInEnglish('bad-request', error.message)
      throw error
    }
  }

  /** Closing what is not held, or held by another, is no failure: it is closed for this client. */
  async close({ id, modelKey, client }: PagesOf): Promise<void> {
    if (this.held.get(keyOf(id, modelKey))?.client === client) await this.release(keyOf(id, modelKey))
  }

  isOpen(id: string, modelKey: string): boolean {
    return this.held.has(keyOf(id, modelKey))
  }

  get count(): number {
    return this.held.size
  }

  /** Of one document, or of one model of it, or all. */
  async closeAll(id?: string, modelKey?: string): Promise<void> {
    for (const [key, held] of this.held)
      if ((id === undefined || held.id === id) && (modelKey === undefined || held.modelKey === modelKey))
        await this.release(key)
  }

  private async release(key: string): Promise<void> {
    const held = this.held.get(key)
    this.held.delete(key)
    if (held) await this.shut(key, held.file)
  }

  private shut(key: string, file: PageFile): Promise<void> {
    const closed = file.close()
    const all = Promise.allSettled([this.closing.get(key), closed]).then(() => {
      if (this.closing.get(key) === all) this.closing.delete(key)
    })
    this.closing.set(key, all)
    return closed
  }
}

const keyOf = (id: string, modelKey: string) => `${id}/${modelKey}`

const takenOver = () => failureSaying('in-use', 'readingTakenOver', {})
