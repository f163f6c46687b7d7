/**
 * Notices that files change from which documents were added. Asking costs a stat a file (some 10 µs), so it is done on a
 * timer: watching folders would also need one watch for each, fails on network disks, and tells of everything else there.
 */
import { stat } from 'node:fs/promises'
import type { DocumentRecord } from '../disk/document-record'
import { type FileState, stateOfFiles } from '../disk/fingerprint'

type Watched = Pick<DocumentRecord, 'id' | 'path' | 'size' | 'files'>

const every = 3000

export class FileWatch {
  private readonly watched = new Map<string, { document: Watched; state: FileState }>()
  private timer: NodeJS.Timeout | undefined
  private closed = false

  /** `changed` is told ids whose state is another than the one told last. */
  constructor(private readonly changed: (id: string) => void) {}

  /** Looks, and goes on watching. */
  async stateOf({ id, path, size, files }: DocumentRecord): Promise<FileState> {
    const document = { id, path, size, files }
    const state = await lookAt(document)
    this.watched.set(id, { document, state })
    this.plan(every)
    return state
  }

  forget(id: string): void {
    this.watched.delete(id)
  }

  close(): void {
    this.closed = true
    clearTimeout(this.timer)
    this.watched.clear()
  }

  private plan(after: number): void {
    if (this.closed || this.timer) return
    this.timer = setTimeout(() => void this.look(), after)
    this.timer.unref()
  }

  /** Public for tests, which need not wait for the timer. */
  async look(): Promise<void> {
    const begun = performance.now()
    for (const [id, { document, state }] of [...this.watched]) {
      const now = await lookAt(document)
      const still = this.watched.get(id)
      if (now === state || still?.document !== document || this.closed) continue
      this.watched.set(id, { document, state: now })
      this.changed(id)
    }
    clearTimeout(this.timer)
    this.timer = undefined
    // Thousands of files on a slow disk: a twentieth of the time at most.
    this.plan(Math.max(every, 20 * (performance.now() - begun)))
  }
}

async function lookAt({ path, size, files }: Watched): Promise<FileState> {
  if (files.length > 0 || path === '') return stateOfFiles(files)
  // Added by the first version, which kept only the length.
  const found = await stat(path).catch(() => undefined)
  if (!found?.isFile()) return 'gone'
  return found.size === size ? 'unknown' : 'changed'
}
