/**
 * Whose turn it is: documents are read one at a time, in the order of asking. The browser keeps their ids, so that a window
 * that was closed or crashed goes on with them.
 */
import { type Plan, setActivity, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'

export interface Entry {
  readonly id: string
  /** Read to this token, by a person's word. */
  readonly most?: number
}

export interface Queued extends Entry {
  readonly plan?: Plan
}

/** Why the document that is being read was stopped. */
export type Ending = 'pause' | 'cancel' | 'remove'

/** Reads a document whose turn has come. `again`: it could not be read to its end for now, and stays first in the queue. */
export type Turn = (
  entry: Queued,
  stopped: { readonly signal: AbortSignal; why(): Ending | undefined }
) => Promise<'over' | 'again'>

interface Current extends Queued {
  readonly stop: AbortController
  readonly ended: Promise<unknown>
  ending?: Ending
}

export class ReadingQueue {
  private waiting: readonly Queued[] = []
  private current: Current | undefined

  constructor(private readonly turn: Turn) {}

  has(id: string): boolean {
    return this.current?.id === id || this.waiting.some(entry => entry.id === id)
  }

  add(entry: Queued): void {
    this.waiting = [...this.waiting, entry]
    setActivity(entry.id, { name: 'queued', plan: entry.plan })
    this.keep()
    void this.startNext()
  }

  /** One that only waits. */
  remove(id: string): void {
    this.waiting = this.waiting.filter(entry => entry.id !== id)
    if (this.current?.id !== id) setActivity(id, undefined)
    this.keep()
  }

  /** The document that is being read stops: `id`, or whichever it is. False: that is none. */
  async stop(ending: Ending, id = this.current?.id): Promise<boolean> {
    const { current } = this
    if (!current || current.id !== id) return false
    current.ending = ending
    setActivity(current.id, { name: 'pausing' })
    current.stop.abort()
    await current.ended
    return true
  }

  /** Goes on with what a closed or crashed window left. */
  resume(): void {
    const { documents } = useDocuments.getState()
    for (const entry of keptQueue()) if (documents[entry.id] && !this.has(entry.id)) this.add(entry)
    this.keep()
    void this.startNext()
  }

  private async startNext(): Promise<void> {
    const { state, host } = useEngine.getState()
    if (this.current || host !== 'here' || state.name === 'lost' || state.name === 'unsupported') return
    const [next, ...others] = this.waiting
    if (!next) return
    this.waiting = others
    const stop = new AbortController()
    const over = Promise.withResolvers<undefined>()
    const current: Current = { ...next, stop, ended: over.promise }
    this.current = current
    this.keep()
    const ended = await this.turn(next, { signal: stop.signal, why: () => current.ending })
    if (ended === 'again') {
      this.waiting = [next, ...this.waiting]
      setActivity(next.id, { name: 'queued', plan: next.plan })
    }
    this.current = undefined
    this.keep()
    over.resolve(undefined)
    void this.startNext()
  }

  private keep(): void {
    const { current, waiting } = this
    useDocuments.setState({ queue: waiting.map(({ id }) => id) })
    // A paused one is not kept: it goes on when a person says so.
    const now = current && current.ending === undefined ? [current] : []
    keepQueue([...now, ...waiting].map(({ id, most }) => ({ id, ...(most !== undefined && { most }) })))
  }
}

const key = 'readonce-queue'

function keepQueue(entries: readonly Entry[]): void {
  try {
    if (entries.length > 0) localStorage.setItem(key, JSON.stringify(entries))
    else localStorage.removeItem(key)
  } catch {
    // Storage that is full or forbidden costs only the going on by itself.
  }
}

function keptQueue(): Entry[] {
  try {
    const kept: unknown = JSON.parse(localStorage.getItem(key) ?? '[]')
    return Array.isArray(kept) ? kept.filter(isEntry) : []
  } catch {
    return []
  }
}

function isEntry(value: unknown): value is Entry {
  const { id, most } = (value ?? {}) as Partial<Entry>
  return typeof id === 'string' && (most === undefined || typeof most === 'number')
}
