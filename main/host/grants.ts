/**
 * Which paths the page may have read: those that a person picked, dropped, or gave on the command line. The page holds a
 * random id and never a path of its own making, so that a page gone wrong cannot ask for any other file.
 */
import { randomUUID } from 'node:crypto'
import { resolve } from 'node:path'
import { failureSaying } from '../../contract/failure'

/** The oldest are forgotten beyond this many: a page that asks for ever must not fill the memory. */
const most = 100_000

export class Grants {
  private readonly paths = new Map<string, string>()

  /** The id for a path that a person chose. */
  give(path: string): string {
    const grant = randomUUID()
    this.paths.set(grant, resolve(path))
    const [oldest] = this.paths.keys()
    if (this.paths.size > most && oldest !== undefined) this.paths.delete(oldest)
    return grant
  }

  /** Throws not-found for an id that was never given. */
  path(grant: string): string {
    const path = this.paths.get(grant)
    if (path === undefined) throw failureSaying('not-found', 'grantUnknown', {})
    return path
  }
}
