/** What main and renderer say to each other in small calls and news; large bytes travel by the routes of bytes.ts. */
import type { ByteAddress } from './bytes'
import type { ChatHit, ChatInfo } from './chat'
import type { Encoding } from './encodings'
import type { DocumentInfo, FileSource, Reading, ImportResult, ImportOptions, Trashed } from './document'
import { type FailureCode, failureCodes, HostFailure } from './failure'
import type { Said } from './failure-words'
import type { ModelCard } from './model-card'
import type { ReadingSpeed } from './reading-time'
import type { ModelPrecision, Settings } from './settings'

/**
 * How the program reaches the GPU. plain: without Vulkan on the screen, which some drivers of Linux do not survive; x11: through
 * X11 where the session is Wayland; software: not at all, WebGPU computes on the processor.
 */
export type Graphics = 'automatic' | 'plain' | 'x11' | 'software'

export interface About {
  readonly version: string
  /** "linux", "darwin", "win32" … as Node names it: decides which advice a person gets. */
  readonly platform: string
  /** What runs the host: "Electron 45.4.1" or "Node 20.20.2". */
  readonly software: string
  /** Where the library lies. */
  readonly dataFolder: string
  /** What this host can do beyond a browser's page. */
  readonly can: {
    /** Show the system's dialog for a folder. */
    readonly chooseFolder: boolean
    /** Progress in the taskbar, notifications, keeping the system awake. */
    readonly desktop: boolean
  }
  /** How the GPU is reached, and the ways that `restartProgram` takes; undefined where the program cannot start itself again. */
  readonly graphics?: { readonly now: Graphics; readonly others: readonly Graphics[] }
}

export interface ModelInfo {
  /** For the byte routes. */
  readonly id: string
  readonly name: string
  /** Of all its files. */
  readonly bytes: number
  /** Came with the program; cannot be removed. */
  readonly embedded: boolean
  /** What its readonce.json says; absent without one. */
  readonly card?: ModelCard
  /** Why its readonce.json is not used; a sentence for people. */
  readonly cardProblem?: string
}

export interface DiskUse {
  /** Bytes of all readings; pinned ones among them. */
  readonly readings: number
  readonly pinned: number
  /** Everything in the library. */
  readonly library: number
  /** What this user may still write on the library's disk. */
  readonly free: number
  /** Of it, what is kept free for the computer: neither added nor read into. */
  readonly reserve: number
  /** As set; 0: none. */
  readonly budget: number
  /**
   * The most that reading the document asked about may write, with everything evicted that may be: the number that a
   * plan, the check before reading and the sentence about it all go by.
   */
  readonly room: number
  /** What `room` ends at. */
  readonly limit: 'disk' | 'budget'
}

/** A reading that is given up so that another one has room. */
export interface Leaving {
  readonly documentId: string
  readonly name: string
  readonly modelKey: string
  /** So many were read. */
  readonly tokens: number
  readonly bytes: number
  /** Of a text that a newer one took the place of. */
  readonly replaced: boolean
}

/** What making room would cost. */
export interface RoomAhead {
  /** In the order in which they would go; empty where it does not fit. */
  readonly leaving: readonly Leaving[]
  readonly use: DiskUse
  /** False: even with everything evicted that may be, the bytes do not fit. */
  readonly fits: boolean
}

export interface MadeRoom {
  readonly evicted: readonly Leaving[]
  /** What would have to go too and was not agreed to; nothing was evicted then. */
  readonly unasked: readonly Leaving[]
  /** Of the document asked about, before or after what was evicted. */
  readonly use: DiskUse
  /** False: even with everything evicted that may be, the bytes do not fit; nothing was evicted then. */
  readonly fits: boolean
}

/** What a person was told of and agreed to. A reading that grew since is not the one that was agreed to. */
export type Agreed = Pick<Leaving, 'documentId' | 'modelKey' | 'tokens'>

export interface Diagnostics {
  /** For people and bug reports: name and value, in order. No document names, no texts. */
  readonly lines: readonly (readonly [name: string, value: string])[]
  /** Requests that wanted to leave the computer and were cancelled. */
  readonly requestsCancelled: number
  /** Last lines of the log. */
  readonly log: readonly string[]
}

export interface RefreshOptions extends ImportOptions {
  readonly encoding?: Encoding
  readonly drop?: string
}

/** Small questions to the machine. Every argument is checked by its schema in main/host/call-schemas.ts. */
export interface HostCalls {
  about(): Promise<About>
  diagnostics(): Promise<Diagnostics>

  /** What the library holds, newest first. */
  listDocuments(): Promise<DocumentInfo[]>
  /** A file will soon be added (it is dragged over the window): what turns files into text is started meanwhile. */
  prepareToAdd(): Promise<void>
  addDocuments(source: FileSource, how: ImportOptions): Promise<ImportResult>
  updateDocument(
    id: string,
    change: Partial<Pick<DocumentInfo, 'name' | 'group' | 'pinned'>> & { modelId?: string }
  ): Promise<DocumentInfo>
  /** It was opened or asked: moves it to the end of the line for eviction. */
  touchDocument(id: string): Promise<void>
  /** With all of its traces, into the trash. */
  removeDocument(id: string): Promise<Trashed>
  /** For good: what is of no use any more. */
  removeReading(id: string, modelKey: string): Promise<DocumentInfo>
  /** As a person takes it away: into the trash. */
  trashReading(id: string, modelKey: string): Promise<Trashed>
  /** What `restore` can bring back. */
  listTrash(): Promise<Trashed[]>
  /** Brings back what is not there again meanwhile. Rejects with not-found for what was erased. */
  restore(trashed: string): Promise<void>
  /** Where its text was left, and the plan that waits; what is absent stays. */
  keepView(id: string, view: NonNullable<DocumentInfo['view']>): Promise<void>
  /** Notes how far reading came; the bytes on disk are measured, not believed. */
  noteReading(id: string, reading: Omit<Reading, 'pageFileBytes' | 'updatedAt'>): Promise<DocumentInfo>
  /**
   * Takes the changed file in anew. The new text is a new document that takes over name, group, pin, model and
   * conversations; what was read of the old text stays beside it as `replaces` until the new one is read. `encoding`: a person's
   * word, kept for the next time. `drop`: the file was sent again, since the host cannot reach it by itself.
   */
  refreshDocument(id: string, how?: RefreshOptions): Promise<DocumentInfo>

  /** `room` is for reading document `keep`, whose own readings are not evicted for it. */
  diskUse(keep?: string): Promise<DiskUse>
  /** What `makeRoom` would evict now; changes nothing. */
  roomAhead(bytes: number, keep: string): Promise<RoomAhead>
  /**
   * Evicts the least recently used readings that are not pinned until `bytes` more fit, sparing document `keep`. Evicts
   * nothing when one of them is not among the `agreed`.
   */
  makeRoom(bytes: number, keep: string, agreed?: readonly Agreed[]): Promise<MadeRoom>

  /** How fast this computer read with a model on an adapter, for contract/reading-time.ts. */
  readingSpeeds(modelKey: string, adapter: string): Promise<ReadingSpeed[]>
  /** Keeps what tells something, the last few of each model and adapter. */
  noteSpeed(speed: Omit<ReadingSpeed, 'at'>): Promise<void>

  listChats(documentId: string): Promise<ChatInfo[]>
  renameChat(documentId: string, chatId: string, title: string): Promise<void>
  /** Into the trash; null: it was never saved. */
  deleteChat(documentId: string, chatId: string): Promise<Trashed | null>
  /** In all documents, newest first, at most 200. */
  searchChats(words: string): Promise<ChatHit[]>

  listModels(): Promise<ModelInfo[]>
  /**
   * Copies the files of a model, or the folder that holds them, into the library. The caller makes up the name `job`, which
   * steerImport and the news of the import take.
   */
  importModel(source: FileSource, name: string, job: string): Promise<ModelInfo>
  /** Nothing happens when the job is over. */
  steerImport(job: string, how: 'pause' | 'resume' | 'cancel'): Promise<void>
  /** Into the trash. */
  removeModel(id: string): Promise<Trashed>
  /** Keeps weights that were made of a model's own and sent to `drop` as one file: beside the model, or in the library where it came with the program. */
  keepWeights(id: string, drop: string): Promise<void>
  /** For good: they can be made again. */
  removeWeights(id: string, precision: NonNullable<ModelPrecision['weights']>): Promise<void>

  getSettings(): Promise<Settings>
  setSettings(change: Partial<Settings>): Promise<Settings>
  resetSettings(): Promise<Settings>
  /** A folder of the person's choice, or nothing when it was not chosen. */
  chooseFolder(): Promise<{ grant: string; path: string; holdsModel: boolean } | null>
  /** Moves the library; a path is taken only where `can.chooseFolder` is false. */
  moveLibrary(to: { grant: string } | { path: string }): Promise<About>

  /** Files that were given to the program from outside ("Open with", `readonce FILE`) and not yet taken. */
  takeOpened(): Promise<{ grant: string; name: string; folder: boolean }[]>
  /** Progress 0 to 1 in the taskbar while something is read, awake if so set; null: nothing is read any more. */
  showReading(progress: number | null): Promise<void>
  /** The page's word after `leaving`: all that it knew is written. */
  left(): Promise<void>
  notify(title: string, body: string): Promise<void>
  /** The program ends and starts again, and from then on reaches the GPU another way: one of `about().graphics.others`. */
  restartProgram(graphics: Graphics): Promise<void>
}

export type MenuCommand = 'open' | 'openFolder' | 'settings' | 'models' | 'shortcuts' | 'diagnostics' | 'find'

/** News from the machine. */
export interface HostEvents {
  /** A file in the library was broken and put aside; a sentence for people. */
  problem: string
  documentChanged: DocumentInfo
  documentRemoved: string
  modelsChanged: null
  settingsChanged: Settings
  /** Files wait in `takeOpened`. */
  opened: null
  /** How far a file is turned into text; `total` 0: not known. */
  extracting: { readonly name: string; readonly done: number; readonly total: number }
  /** The program is about to end: what is not written yet is to be, and `left` to be said. */
  leaving: null
  /** Bytes of a model that were copied. */
  importing: { readonly job: string; readonly done: number; readonly total: number }
  /** A command of the native menu. */
  menu: MenuCommand
}

export interface Host extends HostCalls {
  /** Returns what ends the listening. */
  on<E extends keyof HostEvents>(event: E, listener: (news: HostEvents[E]) => void): () => void
  /** Tells the host the paths of dropped or picked files, where the page may know them; undefined in a browser. */
  readonly grant?: (files: readonly File[]) => Promise<(string | null)[]>
  readonly bytes: ByteAddress
  /** Where the program behind the page can go away without it: told when it does, and when it is there again. */
  readonly connection?: {
    on(listener: (now: 'here' | 'away' | 'replaced') => void): void
    /** Asks now and not after the pause. */
    tryNow(): void
  }
}

/** The only names a transport may carry. A call or event that is missing here does not compile. */
export const callNames = {
  about: true,
  diagnostics: true,
  listDocuments: true,
  prepareToAdd: true,
  addDocuments: true,
  updateDocument: true,
  touchDocument: true,
  removeDocument: true,
  removeReading: true,
  trashReading: true,
  listTrash: true,
  restore: true,
  keepView: true,
  noteReading: true,
  refreshDocument: true,
  diskUse: true,
  roomAhead: true,
  makeRoom: true,
  readingSpeeds: true,
  noteSpeed: true,
  listChats: true,
  renameChat: true,
  deleteChat: true,
  searchChats: true,
  listModels: true,
  importModel: true,
  steerImport: true,
  removeModel: true,
  keepWeights: true,
  removeWeights: true,
  getSettings: true,
  setSettings: true,
  resetSettings: true,
  chooseFolder: true,
  moveLibrary: true,
  takeOpened: true,
  showReading: true,
  left: true,
  notify: true,
  restartProgram: true
} as const satisfies Record<keyof HostCalls, true>

export const eventNames = {
  problem: true,
  documentChanged: true,
  documentRemoved: true,
  modelsChanged: true,
  settingsChanged: true,
  opened: true,
  extracting: true,
  leaving: true,
  importing: true,
  menu: true
} as const satisfies Record<keyof HostEvents, true>

/** What crosses the wire for a call. Structured clone and JSON both lose the class of an error, so failures are data. */
export type Reply =
  | { readonly ok: true; readonly value: unknown }
  /** "unexpected" is a mistake of ours, not something a person could act on. */
  | {
      readonly ok: false
      readonly code: FailureCode | 'unexpected'
      readonly message: string
      readonly said?: Said
    }

/** The failure in a reply, a class again. */
export function failureOf({
  code,
  message,
  said
}: {
  code?: unknown
  message?: unknown
  said?: unknown
}): Error {
  const known = failureCodes.find(each => each === code)
  return known
    ? new HostFailure(known, String(message), undefined, said as Said | undefined)
    : new Error(String(message))
}

/** What the preload puts on the window in Electron, and nothing more. */
export interface Bridge {
  call(name: string, ...args: unknown[]): Promise<Reply>
  on(event: string, listener: (news: unknown) => void): () => void
  /** `(string | null)[]`: ids for the paths of these files, in their order; null for what has no path. */
  grant(files: readonly File[]): Promise<Reply>
}
