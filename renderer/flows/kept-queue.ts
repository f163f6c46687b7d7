/** Which documents are to be read, kept in the browser so that a closed or crashed window goes on with them. Ids only. */

export interface Entry {
  readonly id: string
  /** Read to this token, by a person's word. */
  readonly most?: number
}

const key = 'readonce-queue'

export function keepQueue(entries: readonly Entry[]): void {
  try {
    if (entries.length > 0) localStorage.setItem(key, JSON.stringify(entries))
    else localStorage.removeItem(key)
  } catch {
    // Storage that is full or forbidden costs only the going on by itself.
  }
}

export function keptQueue(): Entry[] {
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
