/**
 * The one engine that runs, who uses it, and its change to another model when nobody does. Whoever wants the loaded
 * model shares it; whoever wants another waits until those before have done.
 */
import { failureHere } from '../words/failure-sentence'
import { HostFailure, sentenceOf } from '../../contract/failure'
import type { ModelPrecision } from '../../contract/settings'
import type { Host } from '../../contract/host'
import { EngineError, openEngineClient } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import { setSession } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'

const set = useEngine.setState

/** Nothing is wrong with what was asked: the banner says what is, and nobody else has to. */
export const isHostGone = (error: unknown): boolean =>
  (error instanceof HostFailure || error instanceof EngineError) && error.code === 'host-gone'

const precisionOf = (modelId: string): ModelPrecision => useSettings.getState().precisions[modelId] ?? {}

/** A model as a person wants it run: run otherwise, it is another engine. */
const keyOf = (modelId: string, { weights, pages } = precisionOf(modelId)): string =>
  [modelId, weights, pages].join('\n')

type Purpose = 'reading' | 'answering' | 'other'

interface Waiting {
  readonly modelId: string
  readonly purpose: Purpose
  granted(use: EngineUse): void
  refused(error: unknown): void
}

interface EngineUse {
  readonly engine: RemoteEngine
  release(): void
}

export class RunningEngine {
  private running: { readonly key: string; readonly engine: RemoteEngine } | undefined
  private opening = false
  private giveUp = new AbortController()
  private readonly users = { reading: 0, answering: 0, other: 0 }
  private waiting: Waiting[] = []

  constructor(
    private readonly host: () => Host,
    private readonly openEngine = openEngineClient,
    /** Told where weights that a person chose are not there and the model runs with its own instead. */
    private readonly onWeightsMissing: (modelId: string) => void = () => undefined
  ) {}

  get current(): RemoteEngine | undefined {
    return this.running?.engine
  }

  /** Waits until the engine runs with this model. Rejects with what keeps it from running. */
  take(modelId: string, purpose: Purpose): Promise<EngineUse> {
    return new Promise((granted, refused) => {
      this.waiting.push({ modelId, purpose, granted, refused })
      void this.serve()
    })
  }

  /** Frees the engine, lost or not, so that the next who asks gets a new one. */
  drop(): void {
    this.running?.engine.close()
    this.running = undefined
    this.giveUp.abort()
    this.giveUp = new AbortController()
    if (!this.opening) set({ state: { name: 'off' } })
  }

  private async serve(): Promise<void> {
    if (this.opening) return
    const { state } = useEngine.getState()
    if (state.name === 'lost' || state.name === 'unsupported') {
      const code = state.name === 'lost' ? 'gpu-lost' : 'gpu-lacking'
      return this.refuse(() => true, new EngineError(code, state.reason))
    }
    this.grant()
    const { reading, answering, other } = this.users
    const [next] = this.waiting
    if (!next || reading + answering + other > 0) return
    this.opening = true
    try {
      await this.open(next.modelId)
    } catch (error) {
      this.refuse(({ modelId }) => modelId === next.modelId, error)
    } finally {
      this.opening = false
    }
    await this.serve()
  }

  /** Lets in who wants the model that runs. */
  private grant(): void {
    if (!this.running) return
    const { key, engine } = this.running
    const other = this.waiting.findIndex(each => keyOf(each.modelId) !== key)
    // A reading takes long: it must not overtake those who wait for another model. Answers may.
    const now = this.waiting.filter(
      (each, i) => keyOf(each.modelId) === key && (each.purpose !== 'reading' || other < 0 || i < other)
    )
    this.waiting = this.waiting.filter(each => !now.includes(each))
    for (const { purpose, granted } of now) granted(this.use(engine, purpose))
  }

  private refuse(whom: (waiting: Waiting) => boolean, error: unknown): void {
    const refused = this.waiting.filter(whom)
    this.waiting = this.waiting.filter(each => !refused.includes(each))
    for (const each of refused) each.refused(error)
  }

  private use(engine: RemoteEngine, purpose: Purpose): EngineUse {
    this.users[purpose]++
    this.showState()
    let held = true
    return {
      engine,
      release: () => {
        if (!held) return
        held = false
        this.users[purpose]--
        this.showState()
        void this.serve()
      }
    }
  }

  private showState(): void {
    const { name } = useEngine.getState().state
    if (!['ready', 'reading', 'answering'].includes(name)) return
    const { answering, reading } = this.users
    const now = answering > 0 ? 'answering' : reading > 0 ? 'reading' : 'ready'
    if (now !== name) set({ state: { name: now } })
  }

  private async open(modelId: string): Promise<void> {
    this.running?.engine.close()
    this.running = undefined
    set({ modelId, state: { name: 'loading', loaded: 0, total: 0 } })
    try {
      const model = useEngine.getState().models.find(({ id }) => id === modelId)
      if (!model) throw failureHere('not-found', 'modelGone', {})
      const precision = precisionOf(modelId)
      const engine = await this.openEngine({
        bytes: this.host().bytes,
        model,
        precision,
        onLoading: (loaded, total) => set({ state: { name: 'loading', loaded, total } }),
        onSilence: silent => set({ silent }),
        giveUp: this.giveUp.signal
      })
      const { pages } = precision
      this.running = { key: keyOf(modelId, engine.weightsMissing ? { pages } : precision), engine }
      if (engine.weightsMissing) this.onWeightsMissing(modelId)
      this.follow(engine)
    } catch (error) {
      const lacking = error instanceof EngineError && error.code === 'gpu-lacking'
      set({ state: { name: lacking ? 'unsupported' : 'failed', reason: sentenceOf(error) } })
      throw error
    }
  }

  private follow(engine: RemoteEngine): void {
    const { adapter, memory, model } = engine
    engine.onMemory(now => set({ memory: now }))
    engine.onClosed(documentId => setSession(documentId, undefined))
    set({ adapter, memory, model, tokensPerSecond: undefined, state: { name: 'ready' } })
    void engine.lost.then(reason => {
      if (this.running?.engine !== engine) return
      this.running = undefined
      set({ state: { name: 'lost', reason } })
    })
  }
}
