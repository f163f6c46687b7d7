/** What the host consists of; each file of calls takes what it needs of it. */
import type { HostEvents } from '../../contract/host'
import type { EmbeddedModel } from '../disk/embedded-models'
import type { Extract } from '../disk/extract/ask-worker'
import type { Library } from '../disk/library'
import type { Log } from '../disk/log'
import type { Desktop } from './desktop'
import type { Drops } from './drops'
import type { FileWatch } from './file-watch'
import type { Grants } from './grants'
import type { OpenModels } from './open-models'
import type { OpenPages } from './open-pages'
import type { HostTrash } from './trash'

export interface HostOptions {
  readonly library: Library
  /** Models that came with the program, the better answers first. */
  readonly embedded: readonly EmbeddedModel[]
  readonly version: string
  readonly software: string
  /** Where files become text; a thread of this process where absent. */
  readonly extract?: Extract
  /** Has that ready for a file that will soon come. */
  readonly prepareExtract?: () => void
  /** Absent in a browser. */
  readonly desktop?: Desktop
}

export type News = { [E in keyof HostEvents]: [event: E, news: HostEvents[E]] }[keyof HostEvents]

export interface HostParts {
  readonly options: HostOptions
  /** Throws `in-use` while the library is being moved. */
  library(): Library
  readonly grants: Grants
  readonly drops: Drops
  readonly models: OpenModels
  readonly pages: OpenPages
  readonly trash: HostTrash
  readonly watch: FileWatch
  readonly log: Log
  send(...news: News): void
  /** Tells what the library found broken since it was asked last. */
  tellProblems(): void
  /** Work that the library must not be moved under. */
  busy<T>(work: () => Promise<T>): Promise<T>
  /** Aborted when the host closes. */
  readonly closing: AbortSignal
}
