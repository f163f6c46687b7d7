/** The models of this computer: listed, brought in, taken away, and which one is loaded. */
import type { Host } from '../../contract/host'
import { useEngine } from '../store/engine'
import type { RunningEngine } from './running-engine'
import { forgetFiles, type Sending, sourceOf } from './send-files'
import { tellTrashed } from './tell-trashed'

export interface ModelImport {
  /** Rejects with HostFailure; nothing is kept then, and its code is `cancelled` when a person ended it. */
  readonly done: Promise<void>
  pause(): void
  resume(): void
  cancel(): void
}

export class Models {
  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine
  ) {}

  /** As the host lists them. */
  async list(): Promise<void> {
    useEngine.setState({ models: await this.host().listModels() })
  }

  /** Loads another model once what is under way has ended. */
  async switchTo(modelId: string): Promise<void> {
    const use = await this.engine.take(modelId, 'other')
    use.release()
  }

  async remove(id: string): Promise<void> {
    // Its files cannot go while they are being read.
    if (useEngine.getState().modelId === id) await this.switchTo('embedded')
    tellTrashed(await this.host().removeModel(id))
    await this.list()
  }

  /** A model's files into the library: copied by the host where it may know their paths, sent in slices where not. */
  import(
    name: string,
    files: readonly { readonly name: string; readonly file: File }[],
    onProgress: (done: number, total: number) => void
  ): ModelImport {
    const job = crypto.randomUUID()
    const ending = new AbortController()
    let paused: PromiseWithResolvers<void> | undefined
    const steer = (how: 'pause' | 'resume' | 'cancel'): void =>
      void this.host()
        .steerImport(job, how)
        .catch(() => undefined)
    const goOn = (): void => {
      paused?.resolve()
      paused = undefined
    }
    const picked = files.map(({ name, file }) => ({ path: name, file }))
    const sending = { signal: ending.signal, whenGoingOn: async () => paused?.promise, onProgress }
    return {
      done: this.importAs(job, name, picked, sending),
      pause() {
        paused ??= Promise.withResolvers()
        steer('pause')
      },
      resume() {
        goOn()
        steer('resume')
      },
      cancel() {
        ending.abort()
        goOn()
        steer('cancel')
      }
    }
  }

  private async importAs(
    job: string,
    name: string,
    picked: Parameters<typeof sourceOf>[1],
    sending: Sending
  ): Promise<void> {
    const host = this.host()
    const ignore = host.on('importing', news => {
      if (news.job === job) sending.onProgress?.(news.done, news.total)
    })
    try {
      const source = await sourceOf(host, picked, sending)
      await host.importModel(source, name, job).catch(async error => {
        if (source.drop !== undefined) await forgetFiles(host, source.drop)
        throw error
      })
      await this.list()
    } finally {
      ignore()
    }
  }
}
