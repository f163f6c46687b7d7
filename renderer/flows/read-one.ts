/** One document is read: room on disk, the engine, progress to whoever wants it, and how it ended. */
import i18next from 'i18next'
import type { DocumentInfo, Reading } from '../../contract/document'
import { sentenceOf } from '../../contract/failure'
import type { Agreed, DiskUse, Leaving } from '../../contract/host'
import { SerialQueue } from '../../contract/serial-queue'
import { throttle } from '../../contract/throttle'
import type { ReadingProgress } from '../../gpu/index'
import { EngineError } from '../engine/engine-client'
import type { RemoteEngine } from '../engine/remote-engine'
import { addNotice, type Plan, putDocument, setActivity, useDocuments } from '../store/documents'
import { useEngine } from '../store/engine'
import { useSettings } from '../store/settings'
import type { Entry } from './kept-queue'
import { diskBytesOf, planFor, readingOf, secondsOf } from './plan-reading'
import { readingClock } from './reading-speed'
import { currentHost, isHostGone, modelOf, takeEngine } from './running-engine'
import { closeSession, keepSession, toRead, whileReading } from './sessions'
import { stayAwake } from './stay-awake'

/** Milliseconds between two notes of how far reading came, between two looks at the taskbar, and before an end is worth a notification. */
const pace = { note: 5000, taskbar: 1000, notification: 10_000 }

export type Ended =
  /** Read to its end or its limit. */
  | { readonly name: 'read' }
  /** The signal said so; what was read is kept under this key, if anything was. */
  | { readonly name: 'stopped'; readonly modelKey?: string }
  /** The engine went away; goes on with the next one. */
  | { readonly name: 'interrupted' }
  /** Waits for a person: it does not fit. */
  | { readonly name: 'refused'; readonly plan: Plan }
  | { readonly name: 'failed'; readonly reason: string }

class DoesNotFit extends Error {
  /** `tokens`: of the whole document, counted. Without `disk` it is longer than the settings allow. */
  constructor(
    readonly tokens: number,
    readonly disk?: { readonly needed: number; readonly use: DiskUse; readonly leaving: readonly Leaving[] }
  ) {
    super()
  }
}

export async function readOne(
  { id, most }: Entry,
  plan: Plan | undefined,
  signal: AbortSignal
): Promise<Ended> {
  const info = useDocuments.getState().documents[id]
  if (!info) return { name: 'stopped' }
  setActivity(id, { name: 'reading', plan })
  const questions = whileReading(id)
  let engine: RemoteEngine | undefined
  let notes: Notes | undefined
  const awake = stayAwake()
  try {
    const use = await takeEngine(modelOf(info), 'reading')
    engine = use.engine
    try {
      if (signal.aborted) return { name: 'stopped' }
      await closeSession(id)
      const kept = readingOf(info, engine.modelKey)
      // Once the limit is reached, reading on means to the end.
      const limit = most ?? (kept?.limit !== undefined && kept.read < kept.limit ? kept.limit : undefined)
      notes = notesOn(id, engine, limit)
      await read(info, use.engine, { most: limit, plan, signal, notes, questions })
      return { name: 'read' }
    } finally {
      use.release()
    }
  } catch (error) {
    return await endedBy(error, info, engine, notes)
  } finally {
    questions.end()
    awake.end()
    void currentHost()
      .showReading(null)
      .catch(() => undefined)
  }
}

interface ReadSteps {
  /** Read to this token, by a person's word. */
  readonly most: number | undefined
  readonly plan: Plan | undefined
  readonly signal: AbortSignal
  readonly notes: Notes
  readonly questions: ReturnType<typeof whileReading>
}

async function read(info: DocumentInfo, engine: RemoteEngine, steps: ReadSteps): Promise<void> {
  const { id, name } = info
  const { most, plan, signal, notes, questions } = steps
  const begun = performance.now()
  const clock = readingClock(engine)
  const taskbar = throttle<number>(
    pace.taskbar,
    share =>
      void currentHost()
        .showReading(share)
        .catch(() => undefined)
  )
  const reading = engine.read(toRead(info), {
    signal,
    most,
    onTokenizing(tokenizing) {
      if (!signal.aborted) setActivity(id, { name: 'reading', plan, tokenizing })
    },
    onFound: async ({ seeded = 0 }, tokensToRead, tokens) => {
      const { contextLimit } = useSettings.getState()
      clock.found(tokensToRead)
      // The count before was an estimate; this one is exact. Nothing is cut, and nothing too long is read unasked.
      if (most === undefined && contextLimit > 0 && tokens > contextLimit) throw new DoesNotFit(tokens)
      // What is copied from the reading of an earlier text takes room too.
      if (tokensToRead + seeded > 0)
        await makeRoom(id, { toWrite: tokensToRead + seeded, tokens, agreed: plan?.leaving ?? [] }, engine)
    },
    onLive: questions.begin,
    onProgress(progress) {
      clock.reached(progress)
      if (!signal.aborted) setActivity(id, { name: 'reading', plan, progress })
      useEngine.setState({ tokensPerSecond: progress.tokensPerSecond })
      notes.reached(progress)
      taskbar.push(progress.tokens / Math.min(progress.total, most ?? progress.total))
    }
  })
  const session = await reading.finally(() => clock.end())
  keepSession(id, engine, session)
  await notes.end({ tokens: session.tokens, total: session.total })
  setActivity(id, undefined)
  const { notify } = useSettings.getState()
  if (notify && document.hidden && performance.now() - begun > pace.notification) {
    const body = i18next.t('flows:readBody')
    await currentHost()
      .notify(i18next.t('flows:readTitle', { name }), body)
      .catch(() => undefined)
  }
}

/**
 * Evicts what the plan told of and no more; says what was evicted. Throws DoesNotFit, with nothing evicted, when that is
 * not enough: what is there may have changed since the plan, and after a restart nobody was told of anything.
 */
async function makeRoom(
  id: string,
  { toWrite, tokens, agreed }: { toWrite: number; tokens: number; agreed: readonly Agreed[] },
  { model }: RemoteEngine
): Promise<void> {
  const needed = diskBytesOf(model, toWrite)
  const told = agreed.map(({ documentId, modelKey, tokens }) => ({ documentId, modelKey, tokens }))
  const made = await currentHost().makeRoom(needed, id, told)
  if (!made.fits) throw new DoesNotFit(tokens, { needed, use: made.use, leaving: [] })
  if (made.unasked.length > 0) {
    const { leaving, use } = await currentHost().roomAhead(needed, id)
    throw new DoesNotFit(tokens, { needed, use, leaving })
  }
  for (const { name } of made.evicted) addNotice('done', i18next.t('flows:evicted', { name }))
}

async function endedBy(
  error: unknown,
  info: DocumentInfo,
  engine: RemoteEngine | undefined,
  notes: Notes | undefined
): Promise<Ended> {
  const code = error instanceof EngineError ? error.code : undefined
  if (code === 'gpu-lost' || code === 'worker-died' || code === 'closed') return { name: 'interrupted' }
  if (isHostGone(error)) return { name: 'interrupted' }
  await notes?.end().catch(() => undefined)
  if (code === 'cancelled') return { name: 'stopped', modelKey: engine?.modelKey }
  const refused = error instanceof DoesNotFit ? error : undefined
  if (engine && (refused || code === 'too-long' || code === 'disk-full')) {
    const now = useDocuments.getState().documents[info.id] ?? info
    const plan = await planFor(now, engine, refused?.tokens).catch(() => undefined)
    // What was just refused counts, and with the very numbers that it was refused by.
    if (plan && refused?.disk)
      return { name: 'refused', plan: { ...plan, ...(await roomFor(refused.disk, engine)) } }
    if (plan && (plan.verdict.name === 'too-long' || plan.verdict.name === 'no-disk'))
      return { name: 'refused', plan }
  }
  return { name: 'failed', reason: sentenceOf(error) }
}

const roomFor = async (
  { needed, use, leaving }: NonNullable<DoesNotFit['disk']>,
  engine: RemoteEngine
): Promise<Partial<Plan>> => ({
  diskBytes: needed,
  roomBytes: use.room,
  reserveBytes: use.reserve,
  leaving,
  leavingSeconds: await secondsOf(leaving, engine).catch(() => undefined),
  verdict: leaving.length > 0 ? { name: 'evicts' } : { name: 'no-disk', limit: use.limit }
})

interface Notes {
  reached(progress: Pick<ReadingProgress, 'tokens' | 'total'>): void
  /** Waits until the library knows. Without progress: as far as was told last. */
  end(progress?: Pick<ReadingProgress, 'tokens' | 'total'>): Promise<void>
}

/** Tells the library how far reading came: at its beginning, every few seconds, at its end. */
function notesOn(id: string, { model, modelKey }: RemoteEngine, limit: number | undefined): Notes {
  // One after another: an earlier note must not overtake a later one.
  const queue = new SerialQueue()
  let last: Pick<ReadingProgress, 'tokens' | 'total'> | undefined
  const note = ({ tokens, total }: Pick<ReadingProgress, 'tokens' | 'total'>): Promise<void> => {
    const state: Reading['state'] = tokens >= total ? 'complete' : 'partial'
    const reading = {
      modelKey,
      modelName: model.name,
      tokens: total,
      read: tokens,
      state,
      ...(limit !== undefined && limit < total && { limit })
    }
    return queue.run(async () => putDocument(await currentHost().noteReading(id, reading)))
  }
  // The end is noted once, with what the session says.
  const onTheWay = throttle<Pick<ReadingProgress, 'tokens' | 'total'>>(pace.note, progress => {
    if (progress.tokens < progress.total) void note(progress).catch(() => undefined)
  })
  return {
    reached(progress) {
      last = progress
      onTheWay.push(progress)
    },
    end: progress => {
      const reached = progress ?? last
      return reached ? note(reached) : Promise.resolve()
    }
  }
}
