/**
 * Journey A, from drop to read: files are taken from where they lie, their texts are kept as documents, it is said what
 * reading each would take, and when its turn has come it is read. Each step stands here in its order.
 */
import i18next from 'i18next'
import type { DocumentInfo, FileSource, ImportOptions, ImportResult } from '../../contract/document'
import { SentFiles } from './sent-files'
import { sentenceOf } from '../../contract/failure'
import { inEnglish, type Said } from '../../contract/failure-words'
import type { Host, HostEvents } from '../../contract/host'
import { weightHead, weightsSaid } from '../../contract/weight-files'
import { EngineError } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import {
  type Activity,
  addNotice,
  type Offer,
  type Plan,
  putDocument,
  setActivity,
  useDocuments
} from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import { useView } from '../store/view'
import { failureSentence } from '../words/failure-sentence'
import type { KeptViews } from './kept-views'
import { type DoesNotFit, readingOf, type ReadingPlans } from './plan-reading'
import { type Queued, ReadingQueue, type Turn } from './read-queue'
import { ReadingNotes, stayAwake } from './reading-notes'
import type { BestPlans } from './best-plan'
import { modelOf } from './model-choice'
import { isHostGone, type RunningEngine } from './running-engine'
import { forgetFiles, type Picked, sourceOf } from './send-files'
import { type Sessions, toRead } from './sessions'
import { tellTrashed } from './tell-trashed'

interface ChosenFolder {
  readonly grant: string
  readonly name: string
}

type Ended =
  /** Read to its end or its limit. */
  | { readonly name: 'read' }
  /** The signal said so; what was read is kept under this key, if anything was. */
  | { readonly name: 'stopped'; readonly modelKey?: string }
  /** The engine went away; goes on with the next one. */
  | { readonly name: 'interrupted' }
  /** Waits for a person: it does not fit. */
  | { readonly name: 'refused'; readonly plan: Plan }
  | { readonly name: 'failed'; readonly reason: string }

interface OneReading {
  readonly info: DocumentInfo
  readonly plan: Plan | undefined
  readonly signal: AbortSignal
  readonly engine?: RemoteEngine
  readonly notes?: ReadingNotes
  /** Why it was not begun. */
  refused?: DoesNotFit
}

interface BegunReading {
  readonly engine: RemoteEngine
  readonly notes: ReadingNotes
  /** It is read to this token, by a person's word. */
  readonly limit: number | undefined
}

export class AddDocument {
  readonly queue = new ReadingQueue((entry, stopped) => this.turn(entry, stopped))
  private readonly planning = new Map<string, AbortController>()

  constructor(
    private readonly host: () => Host,
    private readonly engine: RunningEngine,
    private readonly sessions: Sessions,
    private readonly plans: ReadingPlans,
    private readonly bestPlans: BestPlans,
    private readonly views: KeptViews
  ) {}

  // 1. What was dropped or picked, looked at where it lies.

  readonly sent = new SentFiles()

  /** A file is dragged over the window, or a dialog for one is opened: the machine makes itself ready meanwhile. */
  prepare(): void {
    // Whatever is wrong is told when a file is added.
    this.host()
      .prepareToAdd()
      .catch(() => undefined)
  }

  async addFiles(picked: readonly Picked[], how: ImportOptions): Promise<void> {
    if (picked.length === 0) return addNotice('refused', i18next.t('flows:nothing'))
    // Gigabytes of a model are not sent to be refused.
    const [only, ...others] = picked
    const weights = others.length === 0 ? await weightsIn(only) : undefined
    if (weights)
      return addNotice('refused', failureSentence(inEnglish(weights.name, weights.values), weights))
    const names = how.asOne === undefined ? picked.map(({ path }) => path) : [how.asOne]
    await this.import(names, how, () => sourceOf(this.host(), picked), picked)
  }

  /** A folder that was chosen in the system's own dialog: the host looks through it. */
  async addFolder(folder: ChosenFolder, how: ImportOptions): Promise<void> {
    await this.import([how.asOne ?? folder.name], how, async () => ({ grants: [folder.grant] }))
  }

  /** Where `about.can.chooseFolder`; undefined: none was chosen. */
  async chooseFolder(): Promise<(ChosenFolder & { readonly holdsModel: boolean }) | undefined> {
    const chosen = await this.host().chooseFolder()
    if (!chosen) return undefined
    const { grant, path, holdsModel } = chosen
    return { grant, name: path.split(/[\\/]/).filter(Boolean).at(-1) ?? path, holdsModel }
  }

  /** Files given to the program from outside: "Open with", `readonce FILE`. */
  async addOpened(): Promise<void> {
    const opened = await this.host()
      .takeOpened()
      .catch(() => [])
    const files = opened.filter(({ folder }) => !folder)
    const grants = files.map(({ grant }) => grant)
    if (files.length > 0)
      await this.import(
        files.map(({ name }) => name),
        {},
        async () => ({ grants })
      )
    for (const { grant, name } of opened.filter(({ folder }) => folder))
      await this.import([name], { asOne: name }, async () => ({ grants: [grant] }))
  }

  // 2. The files go to the host, which takes the text out of them and keeps it.

  private async import(
    names: readonly string[],
    how: ImportOptions,
    source: () => Promise<FileSource>,
    picked: readonly Picked[] = []
  ): Promise<void> {
    const shown = names.map(name => ({ name, done: 0, total: 0 }))
    useDocuments.setState(({ importing }) => ({ importing: [...importing, ...shown] }))
    let given: FileSource | undefined
    let result: ImportResult | undefined
    try {
      given = await source()
      result = await this.host().addDocuments(given, how)
    } catch (error) {
      addNotice('refused', sentenceOf(error))
      if (given?.drop !== undefined) await forgetFiles(this.host(), given.drop)
    } finally {
      useDocuments.setState(({ importing }) => ({
        importing: importing.filter(each => !names.includes(each.name))
      }))
    }
    if (!result) return
    this.sent.keep(
      picked,
      how,
      result.added.map(({ document }) => document)
    )
    await this.imported(result)
  }

  private async imported({ added, refused, ignored }: ImportResult): Promise<void> {
    for (const { document } of added) putDocument(document)
    for (const { message, said } of refused) addNotice('refused', failureSentence(message, said))
    if (ignored > 0) addNotice('done', i18next.t('flows:ignored', { count: ignored }))
    for (const { document, isNew } of added)
      if (!isNew) addNotice('done', i18next.t('flows:alreadyHere', { name: document.name }))
    const first = (added.find(({ isNew }) => isNew) ?? added[0])?.document
    if (first && mayShow()) void this.sessions.show(first.id)
    else if (first) addNotice('done', i18next.t('flows:added', { name: first.name }), first.id)
    for (const { document } of added) await this.plan(document.id)
  }

  // 3. What reading would take is said. What fits and is short is read at once; anything else waits for a person's word.

  async plan(id: string): Promise<void> {
    const info = useDocuments.getState().documents[id]
    if (!info || this.queue.has(id) || this.planning.has(id)) return
    const stop = new AbortController()
    this.planning.set(id, stop)
    setActivity(id, { name: 'planning' })
    try {
      const plan = await this.bestPlans.planFor(info, stop.signal)
      if (stop.signal.aborted) return
      setActivity(id, plan && { name: 'planned', plan })
      const now = useDocuments.getState().documents[id]
      this.views.keepPlan(id, plan?.verdict.name === 'fits' ? undefined : plan, modelOf(now))
      if (plan?.verdict.name === 'fits') this.enqueue({ id, plan })
    } catch (error) {
      if (stop.signal.aborted) return
      // Without an engine there is nothing wrong with the document.
      const engineGone =
        error instanceof EngineError &&
        ['gpu-lost', 'gpu-lacking', 'closed', 'host-gone'].includes(error.code)
      setActivity(id, engineGone ? undefined : { name: 'failed', reason: sentenceOf(error) })
    } finally {
      if (this.planning.get(id) === stop) this.planning.delete(id)
    }
  }

  /** The disk may have filled, or been cleared, since the plan that is shown was made. */
  async followRoom(id: string): Promise<void> {
    const shown = () => {
      const { activity, documents } = useDocuments.getState()
      const now = activity[id]
      return now?.name === 'planned' && documents[id] ? { plan: now.plan, info: documents[id] } : undefined
    }
    const before = shown()
    if (!before) return
    // A host that is away, or a disk that does not answer, changes nothing of the plan.
    const plan = await this.plans.byRoomOfNow(id, before.plan, this.engine.current).catch(() => before.plan)
    if (plan === before.plan || shown()?.plan !== before.plan) return
    setActivity(id, { name: 'planned', plan })
    this.views.keepPlan(id, plan, modelOf(before.info))
  }

  /** What reading a document that was read would take with the other models; undefined where that is not known. */
  async offersFor(id: string): Promise<readonly Offer[] | undefined> {
    const info = useDocuments.getState().documents[id]
    const { current } = this.engine
    return info && current && this.plans.offersFor(info, current).catch(() => undefined)
  }

  /** A person's word: it is read with this model, and from now on asked with it. What another one read is kept. */
  async readWithModel(id: string, modelId: string): Promise<void> {
    const info = useDocuments.getState().documents[id]
    if (!info) return
    if (modelOf(info) !== modelId) {
      await this.queue.stop('pause', id)
      this.leaveQueue(id)
      await this.bestPlans.useModel(id, modelId)
    }
    this.read(id)
  }

  /** A person's word: it is read, or reading goes on. `most`: reading shall end at this token. */
  read(id: string, most?: number): void {
    if (!useDocuments.getState().documents[id] || this.queue.has(id)) return
    this.stopPlanning(id)
    const activity = useDocuments.getState().activity[id]
    const plan = activity?.name === 'planned' ? activity.plan : undefined
    this.enqueue({ id, ...(most !== undefined && { most }), ...(plan && { plan }) })
  }

  /** Stops, and puts all that was read with this model into the trash. One that only waited leaves the queue. */
  async cancel(id: string): Promise<void> {
    if (!(await this.queue.stop('cancel', id))) this.leaveQueue(id)
  }

  /** It is neither planned nor waits to be read any more. */
  leaveQueue(id: string): void {
    this.stopPlanning(id)
    this.views.keepPlan(id, undefined, '')
    this.queue.remove(id)
  }

  private enqueue(entry: Queued): void {
    this.views.keepPlan(entry.id, undefined, '')
    this.queue.add(entry)
  }

  private stopPlanning(id: string): void {
    this.planning.get(id)?.abort()
    this.planning.delete(id)
  }

  // 4. Its turn has come.

  private async turn(entry: Queued, stopped: Parameters<Turn>[1]): ReturnType<Turn> {
    const { id } = entry
    try {
      const ended = await this.readOne(entry, stopped.signal)
      if (ended.name === 'interrupted') return 'again'
      if (ended.name === 'refused')
        this.views.keepPlan(id, ended.plan, modelOf(useDocuments.getState().documents[id]))
      if (ended.name === 'stopped' && ended.modelKey !== undefined && stopped.why() === 'cancel')
        tellTrashed(await this.host().trashReading(id, ended.modelKey))
      setActivity(id, activityAfter(ended))
    } catch (error) {
      setActivity(id, { name: 'failed', reason: sentenceOf(error) })
    }
    return 'over'
  }

  private async readOne({ id, most, plan }: Queued, signal: AbortSignal): Promise<Ended> {
    const info = useDocuments.getState().documents[id]
    if (!info) return { name: 'stopped' }
    setActivity(id, { name: 'reading', plan })
    const questions = this.sessions.whileReading(id)
    const awake = stayAwake()
    const reading: OneReading = { info, plan, signal }
    try {
      const { engine, release } = await this.engine.take(modelOf(info), 'reading')
      try {
        if (signal.aborted) return { name: 'stopped' }
        await this.sessions.close(id)
        const kept = readingOf(info, engine.modelKey)
        // Once the limit is reached, reading on means to the end.
        const limit = most ?? (kept?.limit !== undefined && kept.read < kept.limit ? kept.limit : undefined)
        const begun = { engine, limit, notes: new ReadingNotes(this.host(), id, engine, limit) }
        await this.readWith(Object.assign(reading, begun), questions.begin)
        return { name: 'read' }
      } finally {
        release()
      }
    } catch (error) {
      return await this.endedBy(error, reading)
    } finally {
      questions.end()
      awake.end()
      void this.host()
        .showReading(null)
        .catch(() => undefined)
    }
  }

  private async readWith(reading: OneReading & BegunReading, onLive: () => void): Promise<void> {
    const { info, plan, signal, engine, limit, notes } = reading
    const clock = this.plans.clock(engine)
    const session = await engine
      .read(toRead(info), {
        signal,
        most: limit,
        onTokenizing(tokenizing) {
          if (!signal.aborted) setActivity(info.id, { name: 'reading', plan, tokenizing })
        },
        onFound: async ({ fromBase = 0 }, tokensToRead, tokens) => {
          clock.found(tokensToRead)
          // What is copied from the reading of an earlier text takes room too.
          reading.refused = await this.whyNot(reading, tokensToRead + fromBase, tokens)
          return reading.refused === undefined
        },
        onLive,
        onProgress(progress) {
          clock.reached(progress)
          if (!signal.aborted) setActivity(info.id, { name: 'reading', plan, progress })
          useEngine.setState({ tokensPerSecond: progress.tokensPerSecond })
          notes.reached(progress)
        }
      })
      .finally(() => clock.end())
    this.sessions.keep(info.id, session)
    await notes.end(session)
    setActivity(info.id, undefined)
    await notes.notify(info.name)
  }

  /** The plan was made from an estimate; this count is exact. Nothing is cut, and nothing too long is read unasked. */
  private async whyNot(
    { info, plan, engine, limit }: OneReading & BegunReading,
    toWrite: number,
    tokens: number
  ): Promise<DoesNotFit | undefined> {
    const { contextLimit } = useSettings.getState()
    if (limit === undefined && contextLimit > 0 && tokens > contextLimit) return { tokens }
    if (toWrite === 0) return undefined
    return this.plans.makeRoom(info.id, { toWrite, tokens, agreed: plan?.leaving ?? [] }, engine)
  }

  private async endedBy(error: unknown, { info, engine, notes, refused }: OneReading): Promise<Ended> {
    const code = error instanceof EngineError ? error.code : undefined
    if (code === 'gpu-lost' || code === 'worker-died' || code === 'closed') return { name: 'interrupted' }
    if (isHostGone(error)) return { name: 'interrupted' }
    await notes?.end().catch(() => undefined)
    if (code === 'cancelled' && !refused) return { name: 'stopped', modelKey: engine?.modelKey }
    if (engine && (refused || code === 'too-long' || code === 'disk-full')) {
      const now = useDocuments.getState().documents[info.id] ?? info
      const plan = await this.plans.planRefused(now, engine, refused)
      if (plan) return { name: 'refused', plan }
    }
    return { name: 'failed', reason: sentenceOf(error) }
  }
}

async function weightsIn({ file, path }: Picked): Promise<Said | undefined> {
  const head = await file
    .slice(0, weightHead)
    .arrayBuffer()
    .catch(() => undefined)
  return head && weightsSaid(path, new Uint8Array(head))
}

/** Somebody who looks at one document while one is read stays there. */
function mayShow(): boolean {
  const { activity, documents } = useDocuments.getState()
  const isReading = Object.values(activity).some(({ name }) => name === 'reading' || name === 'pausing')
  return !isReading || documents[useView.getState().documentId ?? ''] === undefined
}

function activityAfter(ended: Exclude<Ended, { name: 'interrupted' }>): Activity | undefined {
  if (ended.name === 'refused') return { name: 'planned', plan: ended.plan }
  if (ended.name === 'failed') return { name: 'failed', reason: ended.reason }
  return undefined
}

/** News of how far a file is turned into text. */
export const extracting = ({ name, done, total }: HostEvents['extracting']): void =>
  useDocuments.setState(({ importing }) => ({
    importing: importing.map(each =>
      lastPart(each.name) === lastPart(name) ? { ...each, done, total } : each
    )
  }))

const lastPart = (path: string): string => path.slice(path.lastIndexOf('/') + 1)
