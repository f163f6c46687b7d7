/** The host's side of the contract, in words of documents and models. Knows no transport. */
import { HostFailure } from '../../contract/failure'
import type { HostCalls } from '../../contract/host'
import type { Library } from '../disk/library'
import { Log, withoutNames } from '../disk/log'
import { addingCalls } from './add-documents'
import { chatsCalls } from './chats-calls'
import { aboutOf, desktopCalls } from './desktop-calls'
import { diskCalls } from './disk-calls'
import { infoOf } from './document-info'
import { documentsCalls } from './documents-calls'
import { Drops } from './drops'
import { FileWatch } from './file-watch'
import { Grants } from './grants'
import { modelsCalls } from './models-calls'
import { moveLibrary } from './move-library'
import { OpenModels } from './open-models'
import { OpenPages } from './open-pages'
import { OpenedFiles } from './opened-files'
import type { HostOptions, HostParts, News } from './parts'
import { LastWords } from './last-words'
import { settingsCalls } from './settings-calls'
import { HostTrash } from './trash'
import { trashCalls } from './trash-calls'

export interface MachineHost extends Pick<
  HostParts,
  'library' | 'drops' | 'models' | 'pages' | 'watch' | 'send'
> {
  readonly calls: HostCalls
  /** Returns what ends the listening. */
  listen(listener: (...news: News) => void): () => void
  /** Ids for paths that a person chose, and the way back. */
  readonly grants: Grants
  /** Files that were given to the program from outside: they wait in `takeOpened`. */
  opened(paths: readonly string[]): Promise<void>
  /** Tells so many pages that the program ends; resolves when they have written what they knew, after a second at most. */
  lastWords(pages: number): Promise<void>
  /** Notes a mistake of ours in the log. */
  failed(what: string, error: unknown): void
  close(): Promise<void>
}

export function makeHost(options: HostOptions): MachineHost {
  let current: Library = options.library
  let moving = false
  let working = 0
  let told = 0
  const closing = new AbortController()
  const listeners = new Set<(...news: News) => void>()
  const send = (...news: News): void => listeners.forEach(listener => listener(...news))

  const library = (): Library => {
    if (moving) throw new HostFailure('in-use', 'The library is being moved. Try again when that is done.')
    return current
  }
  const grants = new Grants()
  const parts: HostParts = {
    options,
    library,
    grants,
    send,
    // Also while the library moves: what was sent is taken away first.
    drops: new Drops(() => current.folder),
    models: new OpenModels(library, options.embedded),
    pages: new OpenPages(library),
    trash: new HostTrash(library),
    watch: new FileWatch(id => void tellChanged(id)),
    log: new Log(() => current.folder),
    closing: closing.signal,
    tellProblems() {
      for (; told < current.problems.length; told++) send('problem', current.problems[told])
    },
    async busy(work) {
      library()
      working++
      return work().finally(() => void working--)
    }
  }

  async function tellChanged(id: string): Promise<void> {
    try {
      send('documentChanged', await infoOf(parts, await library().get(id)))
    } catch {
      // It was removed, or the library is being moved: there is nothing to tell.
      parts.watch.forget(id)
    }
  }

  const lastWords = new LastWords(() => send('leaving', null))
  const opened = new OpenedFiles(grants, () => send('opened', null))
  const calls: HostCalls = {
    ...desktopCalls(parts, opened),
    ...documentsCalls(parts),
    ...addingCalls(parts),
    ...diskCalls(parts),
    ...chatsCalls(parts),
    ...modelsCalls(parts),
    ...settingsCalls(parts),
    ...trashCalls(parts),
    left: async () => lastWords.heard(),
    async moveLibrary(to) {
      if ('path' in to && options.desktop?.chooseFolder)
        throw new HostFailure('bad-request', 'A folder is chosen in the dialog here.')
      const path = 'path' in to ? to.path : grants.path(to.grant)
      if (parts.pages.count > 0 || working > 0)
        throw new HostFailure(
          'in-use',
          'A document is open or being read. Stop reading, close the documents, and move the library then.'
        )
      const before = library()
      moving = true
      try {
        await parts.models.close()
        await parts.drops.close()
        current = await moveLibrary(before, path)
        told = 0
        parts.log.write('moved')
      } finally {
        moving = false
      }
      return aboutOf(parts)
    }
  }

  parts.log.write('started', {
    version: options.version,
    software: options.software,
    platform: process.platform
  })
  void parts.drops.clear()
  void parts.trash.look()
  return {
    ...parts,
    calls,
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    opened: paths => opened.add(paths),
    lastWords: pages => lastWords.of(pages),
    failed(what, error) {
      const { stack } = error instanceof Error ? error : { stack: String(error) }
      parts.log.write('failed', { what, stack: withoutNames(String(stack)).slice(0, 2000) })
    },
    async close() {
      closing.abort()
      parts.watch.close()
      await parts.pages.closeAll()
      await parts.models.close()
      await parts.drops.close()
      await parts.trash.close()
      await parts.log.written()
    }
  }
}
