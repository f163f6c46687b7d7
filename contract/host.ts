/** What main and renderer say to each other in small calls and news; large bytes travel by the routes of bytes.ts. */
import type { ByteAddress } from './bytes'
import { type FailureCode, failureCodes, HostFailure } from './failure'

export interface About {
  readonly version: string
  /** "linux", "darwin", "win32" … as Node names it: decides which advice a person gets. */
  readonly platform: string
  /** What runs the host: "Electron 45.4.1" or "Node 20.20.2". */
  readonly software: string
}

export interface ModelInfo {
  /** For the byte routes. */
  readonly id: string
  readonly name: string
  /** Of all its files. */
  readonly bytes: number
  /** Came with the program. */
  readonly embedded: boolean
}

export interface DocumentInfo {
  readonly id: string
  readonly name: string
  /** Bytes of the file. */
  readonly size: number
  /** What was read of it, by model. */
  readonly readings: readonly {
    readonly modelName: string
    readonly tokens: number
    readonly read: number
    readonly pageFileBytes: number
    readonly state: 'partial' | 'complete'
  }[]
}

/** Small questions to the machine. */
export interface HostCalls {
  about(): Promise<About>
  listModels(): Promise<ModelInfo[]>
  /** What the library holds, newest first. */
  listDocuments(): Promise<DocumentInfo[]>
}

/** News from the machine. */
export interface HostEvents {
  /** A file in the library was broken and put aside; a sentence for people. */
  problem: string
}

export interface Host extends HostCalls {
  /** Returns what ends the listening. */
  on<E extends keyof HostEvents>(event: E, listener: (news: HostEvents[E]) => void): () => void
  readonly bytes: ByteAddress
}

/** The only names a transport may carry. A call or event that is missing here does not compile. */
export const callNames = {
  about: true,
  listModels: true,
  listDocuments: true
} as const satisfies Record<keyof HostCalls, true>

export const eventNames = { problem: true } as const satisfies Record<keyof HostEvents, true>

/** What crosses the wire for a call. Structured clone and JSON both lose the class of an error, so failures are data. */
export type Reply =
  | { readonly ok: true; readonly value: unknown }
  /** "unexpected" is a mistake of ours, not something a person could act on. */
  | { readonly ok: false; readonly code: FailureCode | 'unexpected'; readonly message: string }

/** The failure in a reply, a class again. */
export function failureOf({ code, message }: { code?: unknown; message?: unknown }): Error {
  const known = failureCodes.find(each => each === code)
  return known ? new HostFailure(known, String(message)) : new Error(String(message))
}

/** What the preload puts on the window in Electron, and nothing more. */
export interface Bridge {
  call(name: string, ...args: unknown[]): Promise<Reply>
  on(event: string, listener: (news: unknown) => void): () => void
}
