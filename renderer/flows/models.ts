/** The models of this computer: listed, brought in, taken away, and which one is loaded. */
import type { Host, ModelInfo } from '../../contract/host'
import type { ModelPrecision } from '../../contract/settings'
import type { PrecisionChoices } from '../../gpu/index'
import { choicesOf, makeWeights } from '../engine/model-worker'
import type { ChoicesOf, MakeWeights } from '../engine/remote-engine'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { embeddedModels } from './model-choice'
import type { RunningEngine } from './running-engine'
import { forgetFiles, type Sending, sourceOf } from './send-files'
import type { KeptSettings } from './settings'
import { tellTrashed } from './tell-trashed'

export interface ModelImport {
  /** Rejects with HostFailure; nothing is kept then, and its code is `cancelled` when a person ended it. */
  readonly done: Promise<ModelInfo>
  pause(): void
  resume(): void
  cancel(): void
}

export interface Choosing {
  /** Rejects with EngineError or HostFailure, `cancelled` when a person ended it; nothing is changed then. */
  readonly done: Promise<void>
  cancel(): void
}

interface ModelWork {
  readonly choicesOf: ChoicesOf
  readonly makeWeights: MakeWeights
}

export class Models {
  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine,
    private readonly settings: KeptSettings,
    private readonly work: ModelWork = { choicesOf, makeWeights }
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
    if (useEngine.getState().modelId === id) await this.switchTo(embeddedModels().at(-1)?.id ?? 'embedded')
    tellTrashed(await this.host().removeModel(id))
    await this.list()
  }

  /** What a model can be run in. Rejects with EngineError. */
  choices(model: ModelInfo): Promise<PrecisionChoices> {
    return this.work.choicesOf(this.host().bytes, model)
  }

  /** From now on the model is run so: weights that are not there are made first, and it is loaded anew where it is loaded. */
  choose(
    model: ModelInfo,
    precision: ModelPrecision,
    onProgress: (done: number, total: number) => void
  ): Choosing {
    const ending = new AbortController()
    return {
      done: this.chooseUntil(ending.signal, model, precision, onProgress),
      cancel: () => ending.abort()
    }
  }

  /** Deletes weights that were made; not those that are in use. */
  async removeWeights(id: string, precision: NonNullable<ModelPrecision['weights']>): Promise<void> {
    await this.host().removeWeights(id, precision)
    await this.list()
  }

  private async chooseUntil(
    signal: AbortSignal,
    model: ModelInfo,
    precision: ModelPrecision,
    onProgress: (done: number, total: number) => void
  ): Promise<void> {
    const { id, name } = model
    const { weights, pages } = precision
    if (weights) {
      const host = this.host()
      const drop = crypto.randomUUID()
      try {
        const making = {
          bytes: host.bytes,
          model: { id, name },
          precision: weights,
          drop,
          signal,
          onProgress
        }
        if (await this.work.makeWeights(making)) await host.keepWeights(id, drop)
      } catch (error) {
        await forgetFiles(host, drop)
        throw error
      }
    }
    const { [id]: before, ...others } = useSettings.getState().precisions
    const chosen = { ...(weights && { weights }), ...(pages && { pages }) }
    if (before?.weights === weights && before?.pages === pages) return this.list()
    await this.settings.change({
      precisions: weights || pages ? { ...others, [id]: chosen } : others
    })
    if (useEngine.getState().modelId === id) await this.switchTo(id)
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
  ): Promise<ModelInfo> {
    const host = this.host()
    const ignore = host.on('importing', news => {
      if (news.job === job) sending.onProgress?.(news.done, news.total)
    })
    try {
      const source = await sourceOf(host, picked, sending)
      const model = await host.importModel(source, name, job).catch(async error => {
        if (source.drop !== undefined) await forgetFiles(host, source.drop)
        throw error
      })
      await this.list()
      return model
    } finally {
      ignore()
    }
  }
}
