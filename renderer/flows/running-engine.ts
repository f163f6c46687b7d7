/**
 * The one engine that runs, who uses it, and its change to another model when nobody does. Whoever wants the loaded
 * model shares it; whoever wants another waits until those before have done.
 */
import { HostFailure, sentenceOf } from '../../contract/failure'
import type { DocumentInfo } from '../../contract/document'
import type { Host } from '../../contract/host'
import { EngineError, openEngineClient } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import { pickHost } from '../host/host'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'

const set = useEngine.setState

let host: Host | undefined

/** Throws HostFailure when the page was opened without what a host wants. */
export const currentHost = (): Host => (host ??= pickHost())

/** Nothing is wrong with what was asked: the banner says what is, and nobody else has to. */
export const isHostGone = (error: unknown): boolean =>
  (error instanceof HostFailure || error instanceof EngineError) && error.code === 'host-gone'

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

let running: { readonly modelId: string; readonly engine: RemoteEngine } | undefined
let opening = false
let giveUp = new AbortController()
const users = { reading: 0, answering: 0, other: 0 }
let waiting: Waiting[] = []

export const currentEngine = (): RemoteEngine | undefined => running?.engine

/** The model of a document: chosen for it, or the default one; what is not installed does not count. */
export function modelOf(info: Pick<DocumentInfo, 'modelId'> | undefined): string {
  const installed = new Set(useEngine.getState().models.map(({ id }) => id))
  const wanted = [info?.modelId, useSettings.getState().defaultModel, 'embedded']
  return wanted.find(id => id !== undefined && installed.has(id)) ?? 'embedded'
}

/** Waits until the engine runs with this model. Rejects with what keeps it from running. */
export function takeEngine(modelId: string, purpose: Purpose): Promise<EngineUse> {
  return new Promise((granted, refused) => {
    waiting.push({ modelId, purpose, granted, refused })
    void serve()
  })
}

/** Frees the engine, lost or not, so that the next who asks gets a new one. */
export function dropEngine(): void {
  running?.engine.close()
  running = undefined
  giveUp.abort()
  giveUp = new AbortController()
  if (!opening) set({ state: { name: 'off' } })
}

async function serve(): Promise<void> {
  if (opening) return
  const { state } = useEngine.getState()
  if (state.name === 'lost' || state.name === 'unsupported') {
    const code = state.name === 'lost' ? 'gpu-lost' : 'gpu-lacking'
    const all = waiting
    waiting = []
    return all.forEach(({ refused }) => refused(new EngineError(code, state.reason)))
  }
  if (running) {
    const { modelId, engine } = running
    const other = waiting.findIndex(each => each.modelId !== modelId)
    // A reading takes long: it must not overtake those who wait for another model. Answers may.
    const now = waiting.filter(
      (each, i) => each.modelId === modelId && (each.purpose !== 'reading' || other < 0 || i < other)
    )
    waiting = waiting.filter(each => !now.includes(each))
    for (const { purpose, granted } of now) granted(use(engine, purpose))
  }
  const [next] = waiting
  if (!next || users.reading + users.answering + users.other > 0) return
  opening = true
  try {
    await open(next.modelId)
  } catch (error) {
    const refused = waiting.filter(each => each.modelId === next.modelId)
    waiting = waiting.filter(each => !refused.includes(each))
    for (const each of refused) each.refused(error)
  } finally {
    opening = false
  }
  await serve()
}

function use(engine: RemoteEngine, purpose: Purpose): EngineUse {
  users[purpose]++
  showState()
  let held = true
  return {
    engine,
    release() {
      if (!held) return
      held = false
      users[purpose]--
      showState()
      void serve()
    }
  }
}

function showState(): void {
  const { name } = useEngine.getState().state
  if (!['ready', 'reading', 'answering'].includes(name)) return
  const now = users.answering > 0 ? 'answering' : users.reading > 0 ? 'reading' : 'ready'
  if (now !== name) set({ state: { name: now } })
}

async function open(modelId: string): Promise<void> {
  running?.engine.close()
  running = undefined
  set({ modelId, state: { name: 'loading', loaded: 0, total: 0 } })
  try {
    const model = useEngine.getState().models.find(({ id }) => id === modelId)
    if (!model)
      throw new HostFailure('not-found', 'This model is not installed any more. Choose another one.')
    const engine = await openEngineClient(
      currentHost().bytes,
      model,
      (loaded, total) => set({ state: { name: 'loading', loaded, total } }),
      silent => set({ silent }),
      undefined,
      giveUp.signal
    )
    running = { modelId, engine }
    engine.onMemory(memory => set({ memory }))
    const { adapter, memory } = engine
    set({ adapter, memory, model: engine.model, tokensPerSecond: undefined, state: { name: 'ready' } })
    void engine.lost.then(reason => {
      if (running?.engine !== engine) return
      running = undefined
      set({ state: { name: 'lost', reason } })
    })
  } catch (error) {
    const reason = sentenceOf(error)
    const lacking = error instanceof EngineError && error.code === 'gpu-lacking'
    set({ state: { name: lacking ? 'unsupported' : 'failed', reason } })
    throw error
  }
}
