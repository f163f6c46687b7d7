/** The library that the host works on. It is moved only while nobody works in it, and meanwhile nobody may begin. */
import { failureSaying } from '../../contract/failure'
import type { Library } from '../disk/library'
import { moveLibrary } from './move-library'

export class CurrentLibrary {
  private moving = false
  private working = 0
  /** How many of the library's problems were told. */
  private told = 0

  constructor(private current: Library) {}

  /** Throws `in-use` while it is being moved. */
  get(): Library {
    if (this.moving) throw failureSaying('in-use', 'moveUnderWay', {})
    return this.current
  }

  /** Also while it is being moved. */
  get folder(): string {
    return this.current.folder
  }

  /** What was found broken since it was asked last. */
  newProblems(): string[] {
    const { problems } = this.current
    const news = problems.slice(this.told)
    this.told = problems.length
    return news
  }

  /** Work that the library must not be moved under. */
  async busy<T>(work: () => Promise<T>): Promise<T> {
    this.get()
    this.working++
    return work().finally(() => void this.working--)
  }

  /** `before` closes what is open in it. Rejects with `in-use` while somebody works in it. */
  async move(path: string, { isOpen, before }: { isOpen: boolean; before(): Promise<void> }): Promise<void> {
    if (isOpen || this.working > 0) throw failureSaying('in-use', 'moveBusy', {})
    const from = this.get()
    this.moving = true
    try {
      await before()
      this.current = await moveLibrary(from, path)
      this.told = 0
    } finally {
      this.moving = false
    }
  }
}
