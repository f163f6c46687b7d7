/** A model's files into the library: copied by the host where it may know their paths, sent in slices where not. */
import { listModels } from './list-models'
import { currentHost } from './running-engine'
import { forgetFiles, type Sending } from './send-files'
import { sourceOf } from './source-of'

export interface ModelImport {
  /** Rejects with HostFailure; nothing is kept then, and its code is `cancelled` when a person ended it. */
  readonly done: Promise<void>
  pause(): void
  resume(): void
  cancel(): void
}

export function importModel(
  name: string,
  files: readonly { readonly name: string; readonly file: File }[],
  onProgress: (done: number, total: number) => void
): ModelImport {
  const job = crypto.randomUUID()
  const host = currentHost()
  const ending = new AbortController()
  let paused: PromiseWithResolvers<void> | undefined
  const steer = (how: 'pause' | 'resume' | 'cancel'): void =>
    void host.steerImport(job, how).catch(() => undefined)
  const sending: Sending = {
    signal: ending.signal,
    whenGoingOn: async () => paused?.promise,
    onProgress
  }

  async function run(): Promise<void> {
    const ignore = host.on('importing', news => {
      if (news.job === job) onProgress(news.done, news.total)
    })
    try {
      const picked = files.map(({ name, file }) => ({ path: name, file }))
      const source = await sourceOf(host, picked, sending)
      const forget = (): Promise<void> | undefined =>
        source.drop === undefined ? undefined : forgetFiles(host, source.drop)
      await host.importModel(source, name, job).catch(async error => {
        await forget()
        throw error
      })
      await listModels()
    } finally {
      ignore()
    }
  }

  const go = (): void => {
    paused?.resolve()
    paused = undefined
  }
  return {
    done: run(),
    pause() {
      paused ??= Promise.withResolvers()
      steer('pause')
    },
    resume() {
      go()
      steer('resume')
    },
    cancel() {
      ending.abort()
      go()
      steer('cancel')
    }
  }
}
