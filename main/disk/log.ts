/**
 * What went wrong and when, for bug reports: one JSON object a line, without names of documents and without their text.
 * Two files of at most 1 MB: a log must never be what fills a disk. Not being able to write it is no failure.
 */
import { appendFile, readFile, rename, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { makeFolder } from './atomic-write'
import { logsFolder } from './paths'

const mostBytes = 1_000_000

export class Log {
  private last: Promise<void> = Promise.resolve()

  /** `library` is asked each time: it may be moved. */
  constructor(private readonly library: () => string) {}

  write(kind: string, about: Readonly<Record<string, string | number>> = {}): void {
    const line = JSON.stringify({ at: new Date().toISOString(), kind, ...about })
    this.last = this.last.then(() => this.append(`${line}\n`)).catch(() => undefined)
  }

  private async append(line: string): Promise<void> {
    const [path, older] = this.paths()
    const size = await stat(path).then(
      s => s.size,
      () => 0
    )
    if (size + line.length > mostBytes) await rename(path, older)
    if (size === 0) await makeFolder(logsFolder(this.library()))
    await appendFile(path, line, { mode: 0o600 })
  }

  /** The last lines, oldest first. */
  async tail(most: number): Promise<string[]> {
    await this.last
    const [path, older] = this.paths()
    const texts = await Promise.all([older, path].map(each => readFile(each, 'utf8').catch(() => '')))
    return texts.join('').split('\n').filter(Boolean).slice(-most)
  }

  /** When everything is on disk. */
  async written(): Promise<void> {
    await this.last
  }

  private paths(): [string, string] {
    const folder = logsFolder(this.library())
    return [join(folder, 'log.jsonl'), join(folder, 'log.1.jsonl')]
  }
}

/** What failed, without what stands between quotes or looks like a path: those may be names of documents. */
export function withoutNames(text: string): string {
  return text.replace(/(['"`]).*?\1/g, '"…"').replace(/(?:[A-Za-z]:)?(?:[/\\][^/\\:()\n]*)+(?=[/\\])/g, '…')
}
