/** What the engine is doing, in named states, and what is known of this computer. Plain data; flows/ changes it. */
import { create } from 'zustand'
import type { About, DocumentInfo, ModelInfo } from '../../contract/host'
import type { Adapter, Memory } from '../worker/protocol'

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

export interface EngineStore {
  readonly state: EngineState
  readonly about?: About
  readonly model?: ModelInfo
  readonly adapter?: Adapter
  readonly memory?: Memory
  /** Tokens of the longest text that the model was trained on, where it says so. */
  readonly trainedLength?: number
  /** What the command line keeps. */
  readonly documents: readonly DocumentInfo[]
  /** Sentences about the library, for people. */
  readonly problems: readonly string[]
}

export const useEngine = create<EngineStore>(() => ({ state: { name: 'off' }, documents: [], problems: [] }))
