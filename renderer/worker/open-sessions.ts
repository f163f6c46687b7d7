/** Sessions whose pages are on the GPU, by document. One too many, and the least recently used one is closed first. */
import type { Session } from '../../gpu/index'

/** Two documents side by side can be asked in turn; each more would take GPU memory that a long reading needs. */
const mostOpen = 2

export class OpenSessions {
  /** In order of use, the least recent first. */
  private readonly sessions = new Map<string, Session>()

  /** `freed` is told of sessions that were closed to make room. */
  constructor(private readonly freed: (documentId: string) => void) {}

  /** In place of the document's session before. */
  add(documentId: string, session: Session): void {
    this.close(documentId)
    this.sessions.set(documentId, session)
    this.trim(mostOpen)
  }

  /** Undefined when it is not open any more. */
  use(documentId: string): Session | undefined {
    const session = this.sessions.get(documentId)
    if (!session) return undefined
    this.sessions.delete(documentId)
    this.sessions.set(documentId, session)
    return session
  }

  /** Answers under way go on to their end: the engine gives the memory back after them. */
  close(documentId: string): void {
    this.sessions.get(documentId)?.close()
    this.sessions.delete(documentId)
  }

  /** Closes a session that reads from its page file, and waits until its answers need that file no more. */
  async closeStreamed(documentId: string): Promise<void> {
    const session = this.sessions.get(documentId)
    if (!session?.isStreamed) return
    this.drop(documentId)
    await session.released
  }

  /** Closes one that cannot go on, and tells of it: who wants it opens it again. */
  drop(documentId: string): void {
    if (!this.sessions.has(documentId)) return
    this.close(documentId)
    this.freed(documentId)
  }

  /** Closes the least recently used ones until `most` are left. Returns how many were closed. */
  trim(most: number): number {
    const extra = [...this.sessions.keys()].slice(0, Math.max(0, this.sessions.size - most))
    for (const documentId of extra) this.drop(documentId)
    return extra.length
  }
}
