/** Sessions that hold pages on the GPU, by number; only so many stay open, the least recently used is closed first. */
import type { Session } from '../../gpu/index'

/** Two documents side by side can be asked in turn; each more would take GPU memory that a long reading needs. */
export const mostOpen = 2

interface Kept {
  readonly session: Session
  /** Answers being given. */
  busy: number
  /** Nobody wants it any more; it closes with its last answer. */
  unwanted: boolean
}

export class OpenSessions {
  /** In order of use, the least recent first. */
  private readonly sessions = new Map<number, Kept>()

  /** `freed` is told of sessions that were closed to make room. */
  constructor(private readonly freed: (id: number) => void) {}

  add(id: number, session: Session): void {
    this.sessions.set(id, { session, busy: 0, unwanted: false })
    this.trim(mostOpen)
  }

  /** Uses a session, which is not closed meanwhile; false when it is not open any more. */
  async use(id: number, work: (session: Session) => Promise<void>): Promise<boolean> {
    const found = this.sessions.get(id)
    if (!found) return false
    this.sessions.delete(id)
    this.sessions.set(id, found)
    found.busy++
    try {
      await work(found.session)
    } finally {
      found.busy--
      if (found.unwanted) this.close(id)
      else this.trim(mostOpen)
    }
    return true
  }

  close(id: number): void {
    const found = this.sessions.get(id)
    if (!found) return
    if (found.busy > 0) found.unwanted = true
    else {
      this.sessions.delete(id)
      found.session.close()
    }
  }

  /** Closes the least recently used ones that are not busy until `most` are left. Returns how many were closed. */
  trim(most: number): number {
    let closed = 0
    for (const [id, { busy }] of [...this.sessions]) {
      if (this.sessions.size <= most) break
      if (busy > 0) continue
      this.close(id)
      this.freed(id)
      closed++
    }
    return closed
  }
}
