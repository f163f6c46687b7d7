/** What the engine is doing, in named states, and what is known of this computer. Plain data; flows/ changes it. */
import { create } from 'zustand'
import type { About, ModelInfo } from '../../contract/host'
import type { ModelInfo as LoadedModel } from '../../gpu/index'
import type { Adapter, Memory } from '../engine/remote-engine'

export type EngineState =
  | { readonly name: 'off' }
  | { readonly name: 'loading'; readonly loaded: number; readonly total: number }
  | { readonly name: 'ready' }
  | { readonly name: 'reading' }
  | { readonly name: 'answering' }
  /** The device went away; a new engine can be opened. */
  | { readonly name: 'lost'; readonly reason: string }
  /** This computer or browser lacks what the engine needs. */
  | { readonly name: 'unsupported'; readonly reason: string }
  /** Anything else that kept it from starting. */
  | { readonly name: 'failed'; readonly reason: string }

/**
 * The program behind the page: `away`: it does not answer; `replaced`: it was started again, and this page belongs to the
 * run before.
 */
type HostState = 'here' | 'away' | 'replaced'

interface EngineStore {
  readonly state: EngineState
  readonly host: HostState
  /** The engine's worker has not answered for ten seconds. */
  readonly silent: boolean
  readonly about?: About
  /** Installed models. */
  readonly models: readonly ModelInfo[]
  /** The one that is loaded. */
  readonly modelId?: string
  readonly model?: LoadedModel
  readonly adapter?: Adapter
  readonly memory?: Memory
  /** Of the last reading or answer. */
  readonly tokensPerSecond?: number
}

/** Selector: nothing is read or answered before a person, or the program, does something. */
export const hasStopped = ({ state, host }: EngineStore): boolean =>
  host !== 'here' || ['lost', 'failed', 'unsupported'].includes(state.name)

export const useEngine = create<EngineStore>(() => ({
  state: { name: 'off' },
  host: 'here',
  silent: false,
  models: []
}))
