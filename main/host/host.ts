/** The host's side of the contract, in words of documents and models. Knows no transport. */
import { failureSaying } from '../../contract/failure'
import type { HostCalls } from '../../contract/host'
import { closeIdleWorkers } from '../disk/extract/in-worker'
import type { Library } from '../disk/library'
import { Log, withoutNames } from '../disk/log'
import { addingCalls } from './add-documents'
import { chatsCalls } from './chats-calls'
import { CurrentLibrary } from './current-library'
import { aboutOf, desktopCalls } from './desktop-calls'
import { diskCalls } from './disk-calls'
import { infoOf } from './document-info'
import { documentsCalls } from './documents-calls'
import { Drops } from './drops'
import { FileWatch } from './file-watch'
import { Grants } from './grants'
import { modelsCalls } from './models-calls'
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
  const current = new CurrentLibrary(options.library)
  const closing = new AbortController()
  const listeners = new Set<(...news: News) => void>()
  const parts = partsOf(options, current, closing.signal, (...news) =>
    listeners.forEach(listener => listener(...news))
  )
  const { send, grants, log } = parts
  const lastWords = new LastWords(() => send('leaving', null))
  const opened = new OpenedFiles(grants, () => send('opened', null))
  log.write('started', {
    version: options.version,
    software: options.software,
    platform: process.platform
  })
  void parts.drops.clear()
  void parts.trash.look()
  return {
    ...parts,
    calls: callsOf(parts, current, opened, lastWords),
    listen(listener) {
      listeners.add(listener)
      return () => void listeners.delete(listener)
    },
    opened: paths => opened.add(paths),
    lastWords: pages => lastWords.of(pages),
    failed(what, error) {
      const { stack } = error instanceof Error ? error : { stack: String(error) }
      log.write('failed', { what, stack: withoutNames(String(stack)).slice(0, 2000) })
    },
    async close() {
      closing.abort()
      parts.watch.close()
      closeIdleWorkers()
      await parts.pages.closeAll()
      await parts.models.close()
      await parts.drops.close()
      await parts.trash.close()
      await log.written()
    }
  }
}

function partsOf(
  options: HostOptions,
  current: CurrentLibrary,
  closing: AbortSignal,
  send: HostParts['send']
): HostParts {
  const library = (): Library => current.get()
  const parts: HostParts = {
    options,
    library,
    grants: new Grants(),
    send,
    // Also while the library moves: what was sent is taken away first.
    drops: new Drops(() => current.folder),
    models: new OpenModels(library, options.embedded),
    pages: new OpenPages(library),
    trash: new HostTrash(library),
    watch: new FileWatch(id => void tellChanged(id)),
    log: new Log(() => current.folder),
    closing,
    tellProblems() {
      for (const problem of current.newProblems()) send('problem', problem)
    },
    busy: work => current.busy(work)
  }
  async function tellChanged(id: string): Promise<void> {
    try {
      send('documentChanged', await infoOf(parts, await library().get(id)))
    } catch {
      // It was removed, or the library is being moved: there is nothing to tell.
      parts.watch.forget(id)
    }
  }
  return parts
}

function callsOf(
  parts: HostParts,
  current: CurrentLibrary,
  opened: OpenedFiles,
  lastWords: LastWords
): HostCalls {
  return {
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
      if ('path' in to && parts.options.desktop?.chooseFolder)
        throw failureSaying('bad-request', 'folderDialog', {})
      await current.move('path' in to ? to.path : parts.grants.path(to.grant), {
        isOpen: parts.pages.count > 0,
        async before() {
          await parts.models.close()
          await parts.drops.close()
        }
      })
      parts.log.write('moved')
      return aboutOf(parts)
    }
  }
}
