/**
 * What reading a document would take, told before it begins: tokens, time, disk, memory, and whether it fits. This computer's
 * speed is known by a probe of now and by the host's memory of earlier readings, which each reading adds to.
 */
import i18next from 'i18next'
import type { DocumentInfo, Reading } from '../../contract/document'
import type { Agreed, DiskUse, Host, Leaving, RoomAhead } from '../../contract/host'
import { type ReadingSpeed, readingTime, secondsPerWord, timeBefore } from '../../contract/reading-time'
import type { MemoryFit, ReadingProgress } from '../../gpu/index'
import type { RemoteEngine } from '../engine/remote-engine'
import { addNotice, type Offer, type Plan } from '../store/documents'
import { useSettings } from '../store/settings'
import { documentsOf } from './leaving-documents'
import { longestUnasked } from './model-choice'
import type { Offers } from './offers'

export const readingOf = (info: DocumentInfo, modelKey: string): Reading | undefined =>
  info.readings.find(reading => reading.modelKey === modelKey)

/** It may be read now, and to its end. */
export const isReadable = ({ verdict }: Pick<Plan, 'verdict'>): boolean =>
  verdict.name !== 'too-long' && verdict.name !== 'no-disk'

/** What a plan leaves to choose: where there is no room for the reading with its own model (`usual`), the others may need less. */
export function offeredBy(
  plan: Pick<Plan, 'offers' | 'verdict'>,
  usual: string | undefined
): readonly Offer[] {
  const { offers = [], verdict } = plan
  if (isReadable(plan)) return offers
  const isBounded = verdict.name === 'too-long' && verdict.because === 'settings'
  return isBounded ? [] : offers.filter(({ modelId }) => modelId !== usual)
}

/** Bytes on disk that reading so many tokens takes: of the plan, of the check before reading and of the sentence about it. */
const diskBytesOf = (
  { bytesPerToken, bytesPerDocument }: Pick<RemoteEngine['model'], 'bytesPerToken' | 'bytesPerDocument'>,
  tokens: number
): number => Math.ceil(tokens * bytesPerToken + bytesPerDocument)

/** Why reading did not begin. Without `disk` the document is longer than the settings allow. */
export interface DoesNotFit {
  /** Of the whole document, counted. */
  readonly tokens: number
  readonly disk?: { readonly needed: number; readonly use: DiskUse; readonly leaving: readonly Leaving[] }
}

interface ReadingClock {
  /** The text is cut into tokens, and so many are to be read. */
  found(toRead: number): void
  reached(progress: Pick<ReadingProgress, 'tokens'>): void
  /** However it ended: the host remembers how fast it went. */
  end(): void
}

export class ReadingPlans {
  /** By engine, which is one model on one adapter: tokens a second by the last probe. */
  private readonly probes = new WeakMap<RemoteEngine, number>()

  constructor(
    private readonly host: () => Host,
    private readonly offers: Offers
  ) {}

  /** `exactTokens` of the document, where they were counted already. */
  async planFor(info: DocumentInfo, engine: RemoteEngine, exactTokens?: number): Promise<Plan> {
    const known = exactTokens ?? readingOf(info, engine.modelKey)?.tokens
    const counted =
      known === undefined ? engine.countTokens(info.id) : Promise.resolve({ tokens: known, exact: true })
    const [{ tokens, exact }, probed, speeds] = await Promise.all([
      counted,
      this.probe(engine),
      this.speedsOf(engine)
    ])
    const read = readingOf(info, engine.modelKey)?.read ?? 0
    const toRead = Math.max(0, tokens - read)
    const fit = await engine.fitsMemory(tokens)
    const tooLong = tooLongFor(tokens, fit)
    // Too long, it is read to its limit at most.
    const writes = Math.max(0, Math.min(tokens, tooLong?.limit ?? tokens) - read)
    const ahead = await this.host().roomAhead(writes === 0 ? 0 : diskBytesOf(engine.model, writes), info.id)
    const { use: disk, leaving } = ahead
    const time = readingTime(toRead, probed, speeds)
    // The document may be read with the model that is loaded; the others are not, and then the time of all of it counts.
    const whole =
      toRead > 0 ? { toRead, time } : { toRead: tokens, time: readingTime(tokens, probed, speeds) }
    const offers = await this.offers.of(info, engine, { tokens, ...whole }).catch(() => undefined)
    return {
      tokens,
      exact,
      toRead,
      ...time,
      diskBytes: toRead === 0 ? 0 : diskBytesOf(engine.model, toRead),
      roomBytes: disk.room,
      reserveBytes: disk.reserve,
      memoryBytes: fit.kept === 'streamed' ? Math.min(fit.bytes, fit.most) : fit.bytes,
      ...(fit.kept === 'streamed' && {
        answerSecondsPerWord: secondsPerWord(fit.streamingSecondsPerToken, tokens, info.characters)
      }),
      trainedLength: engine.model.config.trainedLength,
      ...(offers && { offers }),
      leaving,
      leavingSeconds: await this.secondsOf(leaving, engine),
      verdict: tooLong ?? byRoom(ahead, time.most, fit.kept === 'streamed')
    }
  }

  /** What a document that was read would take with each of the models that came with the program. */
  async offersFor(info: DocumentInfo, engine: RemoteEngine): Promise<readonly Offer[] | undefined> {
    const tokens = readingOf(info, engine.modelKey)?.tokens
    if (tokens === undefined) return undefined
    const [probed, speeds] = [this.probes.get(engine), await this.speedsOf(engine)]
    const seconds = timeBefore(tokens, speeds)
    const time =
      probed !== undefined
        ? readingTime(tokens, probed, speeds)
        : seconds !== undefined && { seconds, least: seconds, most: seconds }
    return time ? this.offers.of(info, engine, { tokens, toRead: tokens, time }) : undefined
  }

  /** The same plan by the room that there is now; the very plan where nothing of it changed. Rejects as the host does. */
  async byRoomOfNow(id: string, plan: Plan, engine: RemoteEngine | undefined): Promise<Plan> {
    if (plan.verdict.name === 'too-long') return plan
    const ahead = await this.host().roomAhead(plan.diskBytes, id)
    const verdict = byRoom(ahead, plan.most, plan.answerSecondsPerWord !== undefined)
    const leavesTheSame = JSON.stringify(ahead.leaving) === JSON.stringify(plan.leaving)
    if (JSON.stringify(verdict) === JSON.stringify(plan.verdict) && leavesTheSame) return plan
    const seconds = leavesTheSame
      ? plan.leavingSeconds
      : engine && (await this.secondsOf(ahead.leaving, engine))
    const { room: roomBytes, reserve: reserveBytes } = ahead.use
    return { ...plan, roomBytes, reserveBytes, leaving: ahead.leaving, leavingSeconds: seconds, verdict }
  }

  /**
   * Evicts what the plan told of and no more; says what was evicted. Evicts nothing where that is not enough: what is there
   * may have changed since the plan, and after a restart nobody was told of anything.
   */
  async makeRoom(
    id: string,
    { toWrite, tokens, agreed }: { toWrite: number; tokens: number; agreed: readonly Agreed[] },
    { model }: RemoteEngine
  ): Promise<DoesNotFit | undefined> {
    const needed = diskBytesOf(model, toWrite)
    const told = agreed.map(({ documentId, modelKey, tokens }) => ({ documentId, modelKey, tokens }))
    const made = await this.host().makeRoom(needed, id, told)
    if (!made.fits) return { tokens, disk: { needed, use: made.use, leaving: [] } }
    if (made.unasked.length > 0) {
      const { leaving, use } = await this.host().roomAhead(needed, id)
      return { tokens, disk: { needed, use, leaving } }
    }
    for (const { name } of documentsOf(made.evicted)) addNotice('done', i18next.t('flows:evicted', { name }))
    return undefined
  }

  /** The plan that a person decides on; undefined where the document would fit after all. */
  async planRefused(
    info: DocumentInfo,
    engine: RemoteEngine,
    refused: DoesNotFit | undefined
  ): Promise<Plan | undefined> {
    const plan = await this.planFor(info, engine, refused?.tokens).catch(() => undefined)
    if (!plan || !refused?.disk) return plan && !isReadable(plan) ? plan : undefined
    // What was just refused counts, and with the very numbers that it was refused by.
    const { needed, use, leaving } = refused.disk
    return {
      ...plan,
      diskBytes: needed,
      roomBytes: use.room,
      reserveBytes: use.reserve,
      leaving,
      leavingSeconds: await this.secondsOf(leaving, engine).catch(() => undefined),
      verdict: leaving.length > 0 ? { name: 'evicts' } : { name: 'no-disk', limit: use.limit }
    }
  }

  /** What reading them again would take here, by what reading took before; of this engine's model by its probe too. */
  async secondsOf(leaving: readonly Leaving[], engine: RemoteEngine): Promise<number | undefined> {
    let seconds = 0
    for (const { modelKey, tokens } of leaving) {
      const speeds = await this.speedsOf(engine, modelKey)
      const probed = modelKey === engine.modelKey ? this.probes.get(engine) : undefined
      const own =
        probed === undefined ? timeBefore(tokens, speeds) : readingTime(tokens, probed, speeds).seconds
      if (own === undefined) return undefined
      seconds += own
    }
    return leaving.length > 0 ? seconds : undefined
  }

  /** Begins now. Time before the first token counts by the share that was read: it serves all of the text. */
  clock(engine: RemoteEngine): ReadingClock {
    const begun = performance.now()
    let [prepared, toRead] = [0, 0]
    let first: { readonly tokens: number; readonly at: number } | undefined
    let last = first
    return {
      found(tokens) {
        toRead = tokens
        prepared = performance.now() - begun
      },
      reached({ tokens }) {
        last = { tokens, at: performance.now() }
        first ??= last
      },
      end: () => {
        if (!first || !last || last.tokens <= first.tokens) return
        const tokens = last.tokens - first.tokens
        const ms = last.at - first.at + prepared * Math.min(1, tokens / Math.max(1, toRead))
        this.noteSpeed(engine, tokens, ms / 1000)
      }
    }
  }

  private noteSpeed(engine: RemoteEngine, tokens: number, seconds: number): void {
    const { modelKey, adapter } = engine
    const probed = this.probes.get(engine)
    void this.host()
      .noteSpeed({
        modelKey,
        adapter: adapter.name,
        tokens,
        seconds,
        ...(probed !== undefined && { probed })
      })
      .catch(() => undefined)
  }

  /** Tokens a second. */
  private async probe(engine: RemoteEngine): Promise<number> {
    const { tokensPerSecond } = await engine.probe()
    this.probes.set(engine, tokensPerSecond)
    this.offers.probed(engine, tokensPerSecond)
    return tokensPerSecond
  }

  /** Of this model on this adapter. Without the host's memory the probe alone counts. */
  private speedsOf({ modelKey: own, adapter }: RemoteEngine, modelKey = own): Promise<ReadingSpeed[]> {
    return this.host()
      .readingSpeeds(modelKey, adapter.name)
      .catch(() => [])
  }
}

/** `streamed`: answers will be slow, too. */
function byRoom({ fits, leaving, use }: RoomAhead, seconds: number, streamed: boolean): Plan['verdict'] {
  if (!fits) return { name: 'no-disk', limit: use.limit }
  if (leaving.length > 0) return { name: 'evicts' }
  return { name: seconds > longestUnasked || streamed ? 'slow' : 'fits' }
}

type TooLong = Extract<Plan['verdict'], { name: 'too-long' }>

function tooLongFor(tokens: number, fit: MemoryFit): TooLong | undefined {
  if (fit.kept === 'no')
    return { name: 'too-long', limit: Math.floor((tokens * fit.most) / fit.bytes), because: 'memory' }
  const { contextLimit } = useSettings.getState()
  if (contextLimit > 0 && tokens > contextLimit)
    return { name: 'too-long', limit: contextLimit, because: 'settings' }
  return undefined
}
