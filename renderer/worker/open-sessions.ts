/** Sessions that hold pages on the GPU, by number; only so many stay open, the least recently used is closed first. */
import type { Session } from '../../gpu/index'

/** Two documents side by side can be asked in turn; each more would take GPU memory that a long reading needs. */
const mostOpen = 2

export class OpenSessions {
  /** In order of use, the least recent first. */
  private readonly sessions = new Map<number, Session>()

  /** `freed` is told of sessions that were closed to make room. */
  constructor(private readonly freed: (id: number) => void) {}

  add(id: number, session: Session): void {
    this.sessions.set(id, session)
    this.trim(mostOpen)
  }

  /** Undefined when it is not open any more. */
  use(id: number): Session | undefined {
    const session = this.sessions.get(id)
    if (!session) return undefined
    this.sessions.delete(id)
    this.sessions.set(id, session)
    return session
  }

  /** Answers under way go on to their end: the engine gives the memory back after them. */
  close(id: number): void {
    this.sessions.get(id)?.close()
    this.sessions.delete(id)
  }

  /** Closes the least recently used ones until `most` are left. Returns how many were closed. */
  trim(most: number): number {
    const extra = [...this.sessions.keys()].slice(0, Math.max(0, this.sessions.size - most))
    for (const id of extra) {
      this.close(id)
      this.freed(id)
    }
    return extra.length
  }
}
