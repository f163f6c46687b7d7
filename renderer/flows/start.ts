/** From an empty page to a ready engine, and again after a loss. */
import type { Host } from '../../contract/host'
import { EngineError, openEngineClient, type RemoteEngine } from '../engine/engine-client'
import { pickHost } from '../host/host'
import { useEngine } from '../store/engine'

const set = useEngine.setState

let host: Host | undefined
let engine: RemoteEngine | undefined

export const currentHost = (): Host | undefined => host
export const currentEngine = (): RemoteEngine | undefined => engine

export async function start(): Promise<void> {
  set({ state: { name: 'loading', loaded: 0, total: 0 } })
  try {
    host ??= greet(pickHost())
    const [about, [model], documents] = await Promise.all([
      host.about(),
      host.listModels(),
      host.listDocuments()
    ])
    set({ about, model, documents })
    if (!model) return set({ state: { name: 'failed', reason: 'No model is installed.' } })
    engine = await openEngineClient(host.bytes, model, (loaded, total) =>
      set({ state: { name: 'loading', loaded, total } })
    )
    const { adapter, memory } = engine
    set({ adapter, memory, trainedLength: engine.model.config.trainedLength, state: { name: 'ready' } })
    void engine.lost.then(reason => set({ state: { name: 'lost', reason } }))
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error)
    const lacking = error instanceof EngineError && error.code === 'gpu-lacking'
    set({ state: { name: lacking ? 'unsupported' : 'failed', reason } })
  }
}

/** Another engine in place of one that was lost. */
export async function startAgain(): Promise<void> {
  engine?.close()
  engine = undefined
  await start()
}

function greet(picked: Host): Host {
  picked.on('problem', problem => set(({ problems }) => ({ problems: [...problems, problem] })))
  return picked
}
