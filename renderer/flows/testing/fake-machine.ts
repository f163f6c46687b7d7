/** A host and an engine that only keep the order of events: who was asked what, and when a reading ends. For the queue's tests. */
import type { DocumentInfo, Reading, Trashed } from '../../../contract/document'
import type { Agreed, Host, Leaving, ModelInfo } from '../../../contract/host'
import type { ReadingSpeed } from '../../../contract/reading-time'
import { defaultSettings, type Settings } from '../../../contract/settings'
import type { PrecisionChoices, ReadingProgress } from '../../../gpu/index'
import { EngineError } from '../../engine/jobs'
import type {
  ChoicesOf,
  DocumentToRead,
  ReadOptions,
  RemoteEngine,
  RemoteQuestion,
  SessionFacts
} from '../../engine/remote-engine'
import { useDocuments } from '../../store/documents'
import { useEngine } from '../../store/engine'
import { useSettings } from '../../store/settings'
import { useView } from '../../store/view'

export interface FakeReading {
  readonly id: string
  readonly most: number | undefined
  progress(tokens: number): void
  live(): void
  finish(): void
  fail(code: EngineError['code'], message: string): void
}

export interface FakeMachine {
  readonly host: Host
  /** What happened, one line each. */
  readonly log: string[]
  readonly readings: FakeReading[]
  readonly documents: Map<string, DocumentInfo>
  settings: Settings
  /** By document. */
  tokens: Record<string, number>
  /** In graphics memory. */
  fits: boolean | 'streamed'
  room: boolean
  /** What has to go before anything is read. */
  leaving: Leaving[]
  tokensPerSecond: number
  /** Of earlier readings, with any model. */
  speeds: ReadingSpeed[]
  models: ModelInfo[]
  /** By model: tokens a second of a probe, where it is another speed than of all. */
  speedOf: Record<string, number>
  /** By model: multiplications for a token. */
  workOf: Record<string, number>
  adapter: { readonly name?: string; readonly software?: boolean }
  choicesOf: ChoicesOf
  loseEngine(reason: string): void
  /** The engine closes the document's session, as it does for another one. */
  makeRoom(documentId: string): void
  connect(now: 'here' | 'away'): void
  openEngine(model: { id: string; name: string }): Promise<RemoteEngine>
}

export function fakeMachine(ids: readonly string[]): FakeMachine {
  const at = '2026-01-01T00:00:00.000Z'
  const documents = new Map(
    ids.map((id): [string, DocumentInfo] => [
      id,
      {
        id,
        name: `${id}.txt`,
        kind: 'text',
        size: 10,
        characters: 10,
        textDigest: `digest of ${id}`,
        addedAt: at,
        usedAt: at,
        group: '',
        pinned: false,
        notes: [],
        encoding: 'utf-8',
        isEncodingChosen: false,
        isOlderText: false,
        file: 'same',
        bytes: 0,
        readings: []
      }
    ])
  )
  const log: string[] = []
  const readings: FakeReading[] = []
  let lose: ((reason: string) => void) | undefined
  /** Of documents whose sessions are open: who is told of their end. */
  const open = new Map<string, () => void>()

  const change = (id: string, readingsOf: (readings: readonly Reading[]) => Reading[]): DocumentInfo => {
    const next = { ...documents.get(id)!, readings: readingsOf(documents.get(id)!.readings) }
    documents.set(id, next)
    return next
  }

  const before = new Map<string, DocumentInfo>()
  const connections: ((now: 'here' | 'away') => void)[] = []
  const trashed = (what: Trashed['what'], documentId: string): Trashed => ({
    id: `trash of ${documentId}`,
    what,
    name: `${documentId}.txt`,
    bytes: 1,
    documentId,
    until: '2999-01-01T00:00:00.000Z'
  })
  const calls: Partial<Host> = {
    on: () => () => undefined,
    bytes: { at: '', headers: {} },
    connection: { on: listener => void connections.push(listener), tryNow: () => undefined },
    about: async () => ({
      version: '1',
      platform: 'linux',
      software: 'test',
      dataFolder: '/',
      can: { chooseFolder: false, desktop: true }
    }),
    getSettings: async () => machine.settings,
    listModels: async () => machine.models,
    listDocuments: async () => [...documents.values()],
    takeOpened: async () => [],
    touchDocument: async () => undefined,
    showReading: async () => undefined,
    diskUse: async () => {
      const room = machine.room ? 1e12 : 1
      return { readings: 0, pinned: 0, library: 0, free: room, reserve: 0, budget: 0, room, limit: 'disk' }
    },
    readingSpeeds: async modelKey => machine.speeds.filter(speed => speed.modelKey === modelKey),
    noteSpeed: async speed => {
      const { tokens, probed } = speed
      log.push(`speed ${tokens} ${probed}`)
    },
    roomAhead: async bytes => ({
      leaving: machine.room ? machine.leaving : [],
      use: await calls.diskUse!(),
      fits: machine.room || bytes <= 1
    }),
    makeRoom: async (_, keep, agreed: readonly Agreed[] = []) => {
      log.push(`room for ${keep}`)
      const use = await calls.diskUse!()
      const unasked = machine.leaving.filter(
        each =>
          !agreed.some(({ documentId, tokens }) => documentId === each.documentId && each.tokens <= tokens)
      )
      if (!machine.room || unasked.length > 0) return { evicted: [], unasked, use, fits: machine.room }
      const evicted = machine.leaving
      machine.leaving = []
      for (const { documentId } of evicted) log.push(`evict ${documentId}`)
      return { evicted, unasked, use, fits: true }
    },
    noteReading: async (id, reading) => {
      log.push(`note ${id} ${reading.state} ${reading.read}/${reading.tokens}`)
      return change(id, all => [
        ...all.filter(({ modelKey }) => modelKey !== reading.modelKey),
        { ...reading, pageFileBytes: 1, updatedAt: at }
      ])
    },
    removeReading: async (id, modelKey) => {
      log.push(`remove reading ${id} ${modelKey}`)
      return change(id, all => all.filter(each => each.modelKey !== modelKey))
    },
    removeDocument: async id => {
      log.push(`remove ${id}`)
      documents.delete(id)
      return trashed('document', id)
    },
    trashReading: async (id, modelKey) => {
      log.push(`trash reading ${id} ${modelKey}`)
      const put = `trash-${log.length}`
      before.set(put, documents.get(id)!)
      change(id, all => all.filter(each => each.modelKey !== modelKey))
      return { ...trashed('reading', id), id: put }
    },
    restore: async id => {
      const was = before.get(id)!
      log.push(`restore ${was.id}`)
      documents.set(was.id, was)
    },
    listTrash: async () => [],
    keepView: async (id, view) => {
      log.push(`keep view ${id} ${JSON.stringify(view)}`)
      documents.set(id, { ...documents.get(id)!, view: { ...documents.get(id)!.view, ...view } })
    },
    prepareToAdd: async () => undefined,
    left: async () => void log.push('left'),
    updateDocument: async (id, what) => {
      documents.set(id, { ...documents.get(id)!, ...what })
      return documents.get(id)!
    }
  }

  const machine: FakeMachine = {
    host: calls as Host,
    log,
    readings,
    documents,
    settings: defaultSettings,
    tokens: {},
    fits: true,
    room: true,
    leaving: [],
    tokensPerSecond: 1000,
    speeds: [],
    models: ['embedded', 'other'].map(id => ({ id, name: id, bytes: 1, embedded: id === 'embedded' })),
    speedOf: {},
    workOf: {},
    adapter: {},
    choicesOf: async (_, { id }) => {
      log.push(`count ${id}`)
      return { readingWork: machine.workOf[id] } as PrecisionChoices
    },
    loseEngine: reason => lose?.(reason),
    makeRoom: id => closeDocument(id),
    connect: now => connections.forEach(listener => listener(now)),
    openEngine: async ({ id: model }) => {
      log.push(`open ${model}`)
      const lost = Promise.withResolvers<string>()
      const failures = new Set<(error: EngineError) => void>()
      lose = reason => {
        lost.resolve(reason)
        for (const id of open.keys()) closeDocument(id)
        for (const fail of failures) fail(failure('gpu-lost', reason))
      }
      let closed: (id: string) => void = () => undefined
      const opened = (id: string): void => void open.set(id, () => closed(id))
      return {
        model: {
          name: model,
          weights: 'f16',
          pages: 'f16',
          config: { trainedLength: 1024 },
          bytesPerToken: 4,
          bytesPerDocument: 8
        },
        modelKey: `${model}-key`,
        adapter: machine.adapter,
        memory: {},
        onMemory: () => undefined,
        lost: lost.promise,
        probe: async () => ({ tokensPerSecond: machine.speedOf[model] ?? machine.tokensPerSecond }),
        countTokens: async (id: string) => ({ tokens: machine.tokens[id] ?? 1000, exact: true }),
        fitsMemory: async () => ({
          bytes: 2000,
          most: machine.fits === true ? 2000 : 1000,
          kept: machine.fits === true ? 'resident' : machine.fits ? 'streamed' : 'no',
          streamingSecondsPerToken: machine.fits === 'streamed' ? 0.5 : 0
        }),
        onClosed: (listener: (id: string) => void) => void (closed = listener),
        close: () => {
          log.push(`close ${model}`)
          for (const id of open.keys()) closeDocument(id)
        },
        closeDocument,
        async open({ id }: DocumentToRead) {
          const saved = savedOf(id, model)
          if (saved === 0) return undefined
          log.push(`reopen ${id}`)
          opened(id)
          return facts(saved, machine.tokens[id] ?? 1000)
        },
        async read({ id }: DocumentToRead, options: ReadOptions) {
          const session = await fakeRead({ id, model }, options, failures)
          opened(id)
          return session
        },
        async *ask(id: string, { text }: RemoteQuestion) {
          log.push(`ask ${id} ${text}`)
          yield { type: 'text', text: 'said' }
        }
      } as unknown as RemoteEngine
    }
  }

  const savedOf = (id: string, model: string): number =>
    Math.max(
      0,
      ...documents
        .get(id)!
        .readings.filter(({ modelKey }) => modelKey === `${model}-key`)
        .map(({ read }) => read)
    )

  function closeDocument(id: string): void {
    open.get(id)?.()
    open.delete(id)
  }

  const failure = (code: EngineError['code'], message: string): EngineError => new EngineError(code, message)

  async function fakeRead(
    { id, model }: { readonly id: string; readonly model: string },
    { most, signal, onFound, onProgress, onLive }: ReadOptions,
    failures: Set<(error: EngineError) => void>
  ): Promise<SessionFacts> {
    const total = machine.tokens[id] ?? 1000
    const saved = savedOf(id, model)
    const end = Math.max(saved, Math.min(most ?? total, total))
    if ((await onFound?.({ state: saved > 0 ? 'partial' : 'absent' }, end - saved, total)) === false)
      throw failure('cancelled', 'Reading was not begun.')
    log.push(`read ${id} from ${saved}${most === undefined ? '' : ` to ${most}`}`)
    return new Promise((resolve, reject) => {
      failures.add(reject)
      signal.addEventListener('abort', () => reject(failure('cancelled', 'stopped')))
      const progress = (tokens: number): void =>
        onProgress?.({
          tokens,
          total,
          reused: saved,
          seconds: 1,
          tokensPerSecond: 1,
          bytes: 1
        } as ReadingProgress)
      progress(saved)
      readings.push({
        id,
        most,
        progress,
        live: () => onLive?.(),
        finish: () => resolve(facts(end, total)),
        fail: (code, message) => reject(failure(code, message))
      })
    })
  }

  return machine
}

const facts = (tokens: number, total: number): SessionFacts => ({
  tokens,
  total,
  reused: 0,
  seconds: 1,
  pageFileBytes: 1
})

/** Until everything has happened that waits for nothing but promises. */
export const settled = (): Promise<void> => new Promise(resolve => setTimeout(resolve, 5))

/** As a page that was reloaded has them. */
export function emptyStores(): void {
  useDocuments.setState(useDocuments.getInitialState(), true)
  useEngine.setState(useEngine.getInitialState(), true)
  useSettings.setState(useSettings.getInitialState(), true)
  useView.setState(useView.getInitialState(), true)
}
