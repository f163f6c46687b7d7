/** The trash of the library: erased when its time is over, when room is wanted, and when the program ends. */
import type { Trashed } from '../../contract/document'
import type { Library } from '../disk/library'
import { emptyTrash, listTrash, type TrashEntry } from '../disk/trash'

export class HostTrash {
  private timer: NodeJS.Timeout | undefined
  private closed = false

  constructor(private readonly library: () => Library) {}

  /** What the page may know of an entry; from now on its end is looked after. */
  added(entry: TrashEntry): Trashed {
    void this.look()
    return trashedOf(entry)
  }

  async list(): Promise<Trashed[]> {
    return (await listTrash(this.library().folder)).map(trashedOf)
  }

  /** Erases what is over and comes again for the next. */
  async look(): Promise<void> {
    clearTimeout(this.timer)
    try {
      const { folder } = this.library()
      await emptyTrash(folder)
      const [next] = await listTrash(folder)
      if (this.closed || !next) return
      clearTimeout(this.timer)
      this.timer = setTimeout(() => void this.look(), Math.max(1000, Date.parse(next.until) - Date.now()))
      this.timer.unref()
    } catch {
      // The library is being moved: its trash goes along, and the next start looks after it.
    }
  }

  /** All of it at once: its room is wanted. */
  async empty(): Promise<void> {
    await emptyTrash(this.library().folder, Infinity)
  }

  /** Who quits has decided: nothing that was removed lies about afterwards. */
  async close(): Promise<void> {
    this.closed = true
    clearTimeout(this.timer)
    await this.empty().catch(() => undefined)
  }
}

const trashedOf = ({ id, what, name, bytes, documentId, until }: TrashEntry): Trashed => ({
  id,
  what,
  name,
  bytes,
  documentId,
  until
})
