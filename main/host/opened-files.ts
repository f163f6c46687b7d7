/** Files that were given to the program from outside ("Open with", `readonce FILE`) and wait until the page takes them. */
import { stat } from 'node:fs/promises'
import { basename, resolve } from 'node:path'
import type { HostCalls } from '../../contract/host'
import type { Grants } from './grants'

type Opened = Awaited<ReturnType<HostCalls['takeOpened']>>

export class OpenedFiles {
  private waiting: Opened = []
  private adding: Promise<void> = Promise.resolve()

  constructor(
    private readonly grants: Grants,
    private readonly told: () => void
  ) {}

  /** What is not there is passed on too: taking it in says so in words. */
  add(paths: readonly string[]): Promise<void> {
    this.adding = this.adding.then(async () => {
      for (const path of paths) {
        const folder = await stat(path).then(
          found => found.isDirectory(),
          () => false
        )
        this.waiting.push({ grant: this.grants.give(path), name: basename(resolve(path)), folder })
      }
      if (paths.length > 0) this.told()
    })
    return this.adding
  }

  async take(): Promise<Opened> {
    await this.adding
    const waiting = this.waiting
    this.waiting = []
    return waiting
  }
}
