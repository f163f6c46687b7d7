/**
 * What a document would cost with each of the models that came with the program. Of one that is not loaded nothing is
 * measured for it: earlier readings here tell, or the last probe, or its work counted from the headers of its files.
 */
import type { DocumentInfo } from '../../contract/document'
import type { Host, ModelInfo } from '../../contract/host'
import { likelyRatio, type ReadingTime, timeElsewhere } from '../../contract/reading-time'
import type { ChoicesOf, RemoteEngine } from '../engine/remote-engine'
import { type Offer, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { embeddedModels, readAsRun } from './model-choice'

/** What the loaded model takes for a document. */
interface Known {
  /** Of the whole document. */
  readonly tokens: number
  readonly toRead: number
  readonly time: ReadingTime
}

export class Offers {
  /** By model, multiplications for a token. */
  private readonly work = new Map<string, Promise<number>>()
  /** By model and adapter: tokens a second by the last probe. */
  private readonly probes = new Map<string, number>()

  constructor(
    private readonly host: () => Host,
    private readonly choicesOf: ChoicesOf
  ) {}

  /** A probe of this engine. */
  probed({ adapter }: RemoteEngine, tokensPerSecond: number): void {
    const { modelId } = useEngine.getState()
    if (modelId !== undefined) this.probes.set(keyOf(modelId, adapter), tokensPerSecond)
  }

  /** The better answers first; undefined where there is nothing to choose. */
  async of(info: DocumentInfo, engine: RemoteEngine, known: Known): Promise<readonly Offer[] | undefined> {
    const embedded = embeddedModels()
    const { modelId } = useEngine.getState()
    const loaded = embedded.find(({ id }) => id === modelId)
    if (embedded.length < 2 || !loaded) return undefined
    return Promise.all(
      embedded.map(async ({ id, name }): Promise<Offer> => {
        if (id === loaded.id) return { modelId: id, name, ...known.time }
        const seconds = await this.secondsOf({ id, name }, { info, engine, loaded: loaded.id, known })
        return { modelId: id, name, seconds, least: seconds, most: seconds }
      })
    )
  }

  private async secondsOf(
    model: Pick<ModelInfo, 'id' | 'name'>,
    {
      info,
      engine,
      loaded,
      known
    }: { info: DocumentInfo; engine: RemoteEngine; loaded: string; known: Known }
  ): Promise<number> {
    const { adapter } = engine
    const toRead = Math.max(0, known.tokens - (readAsRun(info, model)?.read ?? 0))
    const key = modelKeyOf(model)
    const speeds =
      key === undefined
        ? []
        : await this.host()
            .readingSpeeds(key, adapter.name)
            .catch(() => [])
    const [here, there] = [loaded, model.id].map(id => this.probes.get(keyOf(id, adapter)))
    return timeElsewhere(toRead, speeds, { tokens: known.toRead, seconds: known.time.seconds }, async () =>
      here !== undefined && there !== undefined
        ? here / there
        : likelyRatio(await this.workOf(loaded), await this.workOf(model.id))
    )
  }

  /** From the headers of its files, once. */
  private workOf(id: string): Promise<number> {
    const known = this.work.get(id) ?? this.countWork(id)
    this.work.set(id, known)
    known.catch(() => this.work.delete(id))
    return known
  }

  private async countWork(id: string): Promise<number> {
    const model = embeddedModels().find(each => each.id === id)!
    return (await this.choicesOf(this.host().bytes, { id, name: model.name })).readingWork
  }
}

const keyOf = (modelId: string, { name }: { readonly name: string }): string => `${modelId}\n${name}`

/** Under which its readings are kept, if the library has one as it is run now. */
const modelKeyOf = (model: Pick<ModelInfo, 'id' | 'name'>): string | undefined =>
  Object.values(useDocuments.getState().documents)
    .map(info => readAsRun(info, model)?.modelKey)
    .find(key => key !== undefined)
