/**
 * One document's timeline: load what is saved, read on from there, fork for a question. The only place that
 * knows about reuse: the caller says what should be true (`this document is read`), not how.
 */
import { EngineFailure } from './failure'
import type { Carry } from './kv/carry'
import { openPages } from './kv/open-pages'
import type { Pages } from './kv/pages'
import { PagesOnDisk } from './kv/pages-on-disk'
import type { PageIdentity, PageStore, SavedPages, SavedRecord } from './kv/page-store'
import { resumePointsIn, savedTokens } from './kv/resume-points'
import { recordSizes, SavedReading } from './kv/saved-reading'
import { type OpenedBase, openBase, type BaseReading } from './kv/base-reading'
import type { DecodeOptions, Timeline } from './answering'
import { decode, type DecodeEnd } from './decode'
import { type ChooseToken } from './kernels/choose-token'
import { pageRows } from './kernels/page-layout'
import { type Model, newCarry } from './model/model'
import { prefill, type ReadingOptions } from './prefill'
import { RecentSpeed } from './recent-speed'
import type { SerialQueue } from './serial-queue'
import { StreamSpeed } from './stream-speed'

export interface ReadingProgress {
  /** Tokens read so far and in all, those that were on disk already included. */
  readonly tokens: number
  readonly total: number
  /** Tokens that were taken from disk. */
  readonly reused: number
  /** Seconds of reading so far. */
  readonly seconds: number
  /** Of the last quarter of a minute, as the load on the computer lets it; 0 before the first chunk. */
  readonly tokensPerSecond: number
  /** Bytes on disk; 0 without a store. */
  readonly bytes: number
}

/**
 * What was on disk for this document. `fromBase` tokens are copied from the reading of an earlier text: they are not read
 * again, but need room on disk as the others do. `streamingSecondsPerToken` where the document is larger than the graphics
 * memory: what bringing its pages from disk adds to each token of an answer, about.
 */
export type Found = { readonly fromBase?: number; readonly streamingSecondsPerToken?: number } & (
  | { readonly state: 'absent' | 'partial' | 'complete' }
  | { readonly state: 'foreign'; readonly differs: readonly string[] }
)

export interface TimelineOptions extends Omit<ReadingOptions, 'onChunk' | 'border'> {
  readonly onProgress?: (progress: ReadingProgress) => void
  /** Told once what was on disk, before reading begins; awaited, and where it answers false reading does not begin. */
  readonly onFound?: (found: Found, tokensToRead: number, tokens: number) => unknown
  /** Reading ends at this token at the latest; what is saved beyond it stays in view. 0 computes and writes nothing. */
  readonly most?: number
  /** Nothing is computed or written. Where nothing is saved there is no timeline, and no text is cut into tokens to learn that. */
  readonly savedOnly?: boolean
  /** What was read of an earlier text of the same file; used where it leads further than what is saved. */
  readonly base?: BaseReading
  /**
   * Asked where the pages do not all fit into graphics memory: true where something was freed, and it is tried again. With a
   * store they lie partly on disk otherwise.
   */
  readonly onShort?: () => boolean
  /** Learns from answers that bring pages from disk. */
  readonly streamSpeed?: StreamSpeed
  /** Told once when reading begins: the timeline as it grows. It is freed by whoever awaits `open`. */
  readonly onLive?: (timeline: ReadTimeline) => void
}

export class ReadTimeline implements Timeline {
  /** Rows that are whole; grows while reading goes on. */
  rows = 0
  /** Tokens taken from disk; the others were computed now. */
  reused = 0
  private begun = performance.now()
  private readonly speed = new RecentSpeed()
  private took = 0
  private answers = 0
  private freed = false
  /** Resolves once it was freed and its answers have ended: nothing of it uses memory or the store any more. */
  readonly released: Promise<void>
  private tellReleased!: () => void

  private constructor(
    private readonly model: Model,
    private readonly queue: SerialQueue,
    /** Of the whole document, however much of it is read. */
    readonly ids: Uint32Array,
    readonly prefix: number,
    readonly pages: Pages,
    readonly carry: Carry,
    private readonly store: PageStore | undefined,
    readonly apart: boolean,
    readonly streamSpeed: StreamSpeed
  ) {
    this.released = new Promise(resolve => (this.tellReleased = resolve))
  }

  /** Answers read pages from the store, which has to stay open until `released`. */
  get isStreamed(): boolean {
    return this.pages.isStreamed
  }

  get pageFileBytes(): number {
    return this.store?.bytes ?? 0
  }

  /** Seconds that opening and reading took, or have taken so far. */
  get seconds(): number {
    return this.took || (performance.now() - this.begun) / 1000
  }

  /**
   * Makes `text` read: takes from `store` what was saved under the same identity, computes the rest, saves as it goes.
   * A function in place of ids is asked only when none are saved: at 32K tokens two thirds of reopening was tokenizing.
   * On cancellation, and at `most`, everything read so far is saved first. Undefined where `onFound` says that it must not
   * begin, or where only what is saved was wanted and nothing is; then nothing is read or written.
   */
  static async openIfWanted(
    model: Model,
    queue: SerialQueue,
    text: Uint32Array | (() => Uint32Array | Promise<Uint32Array>),
    prefix: number,
    store: PageStore | undefined,
    identity: PageIdentity,
    options: TimelineOptions = {}
  ): Promise<ReadTimeline | undefined> {
    model.device.check()
    const apart = options.freshEvery !== undefined
    if (apart && store)
      throw new Error('timeline: a text read with fresh starts cannot be saved, its carry does not say so')
    const begun = performance.now()
    const found: SavedPages = store ? await store.open(identity) : { state: 'absent' }
    let records = 'records' in found ? found.records : undefined
    if (options.savedOnly && !records) return undefined
    const savedIds = store && records ? await savedTokens(store, records, model.vocabSize) : undefined
    const ids = text instanceof Uint32Array ? text : (savedIds ?? (await text()))
    if (ids.length === 0) throw new EngineFailure('broken-model', 'There is nothing to read: no tokens.')
    const end = options.savedOnly ? 0 : Math.min(options.most ?? ids.length, ids.length)
    const base =
      store && end > 0 ? await baseFor(model, { store, found }, { ids, end }, options.base) : undefined
    const room = Math.min(Math.max(end, base ? 0 : rowsOf(records)), ids.length)
    const onDisk = store && new PagesOnDisk(store, model.layout)
    const pages = await openPages(model, room, onDisk, options.onShort)
    const { streamSpeed = new StreamSpeed() } = options
    const timeline = new ReadTimeline(
      model,
      queue,
      ids,
      prefix,
      pages,
      newCarry(model),
      store,
      apart,
      streamSpeed
    )
    timeline.begun = begun
    const saved = store && onDisk && new SavedReading(model, store, pages, onDisk, timeline.carry, ids.length)
    const mayBegin = async (reused: number): Promise<boolean> =>
      (await options.onFound?.(
        { ...toldOf(found, base), ...timeline.cost() },
        Math.max(0, end - reused),
        ids.length
      )) !== false
    const givenUp = (): undefined => timeline.free() as undefined
    try {
      const anew = base !== undefined || records === undefined
      if (anew && !(await mayBegin(base?.position ?? 0))) return givenUp()
      if (anew && store && saved && end > 0) {
        await store.begin(identity)
        const tokens = await saved.begin(ids)
        records = await base?.copy(store, tokens, options.signal)
      }
      if (saved && records) timeline.reused = timeline.rows = await saved.restore(records, ids)
      if (!anew && !(await mayBegin(timeline.reused))) return givenUp()
      await timeline.read(end, found.state === 'complete', saved, options)
      timeline.took = (performance.now() - begun) / 1000
      return timeline
    } catch (error) {
      timeline.free()
      // Answers under way go on to their end, and those of a streamed document need the store until then.
      if (timeline.isStreamed) await timeline.released
      throw error
    } finally {
      await saved?.settled().catch(() => undefined)
      saved?.free()
    }
  }

  /** The same, where it is a failure that reading must not begin. Throws EngineFailure('cancelled') then. */
  static async open(...how: Parameters<typeof ReadTimeline.openIfWanted>): Promise<ReadTimeline> {
    const timeline = await ReadTimeline.openIfWanted(...how)
    if (timeline) return timeline
    throw new EngineFailure('cancelled', 'Reading was not begun.')
  }

  /** Reads on to `end`, and leaves on disk what a later reading needs. */
  private async read(
    end: number,
    complete: boolean,
    saved: SavedReading | undefined,
    options: TimelineOptions
  ): Promise<void> {
    const { model, queue, ids, carry, pages, reused } = this
    this.tell(options)
    if (reused < end) {
      options.onLive?.(this)
      try {
        await prefill(
          model,
          { ids: ids.subarray(0, end), from: reused, carry, pages },
          {
            ...options,
            queue,
            border: saved && (at => saved.nextCarry(at)),
            onChunk: async position => {
              this.rows = position
              await saved?.chunkRead(position)
              this.tell(options)
            }
          }
        )
      } catch (error) {
        if (error instanceof EngineFailure && error.code === 'cancelled') await saved?.pause(carry.position)
        throw error
      }
    }
    if (this.rows === ids.length) {
      if (!complete || reused < end) await saved?.finish(ids.length)
    } else if (reused < end) await saved?.pause(this.rows)
    this.tell(options)
  }

  /** What answers pay for pages on disk, where there are any. */
  private cost(): Pick<Found, 'streamingSecondsPerToken'> {
    const bytes = this.pages.bytesBeyond * this.model.plan.passesPerToken
    return bytes === 0 ? {} : { streamingSecondsPerToken: this.streamSpeed.secondsFor(bytes) }
  }

  private tell({ onProgress }: TimelineOptions): void {
    const { rows, reused, seconds, speed } = this
    speed.reached(rows, performance.now())
    onProgress?.({
      tokens: rows,
      total: this.ids.length,
      reused,
      seconds,
      tokensPerSecond: speed.perSecond,
      bytes: this.pageFileBytes
    })
  }

  /** Continues by `question`; see `decode`. Any number of answers may run at once, and while reading goes on. */
  async *answer(
    choose: ChooseToken,
    question: Uint32Array,
    options: DecodeOptions
  ): AsyncGenerator<Uint32Array, DecodeEnd> {
    if (this.freed) throw new EngineFailure('closed', 'This document is not open any more.')
    this.answers++
    const { model, queue } = this
    try {
      return yield* decode({ model, choose, queue }, this, question, options)
    } finally {
      this.answers--
      this.release()
    }
  }

  /** Gives the memory back, once the answers under way have ended. */
  free(): void {
    this.freed = true
    this.release()
  }

  private release(): void {
    if (!this.freed || this.answers > 0) return
    this.carry.free()
    this.pages.free()
    void this.pages.settled().then(this.tellReleased)
  }
}

/** Rows that these records may bring, at most: those of whole pages, and a page that a checkpoint holds. */
function rowsOf(records: readonly SavedRecord[] | undefined): number {
  return records ? (records.filter(record => record.kind === 'page').length + 1) * pageRows : 0
}

/** The base, where it leads further than what is saved: a copy of it may have been cut short the last time. */
async function baseFor(
  model: Model,
  { store, found }: { readonly store: PageStore; readonly found: SavedPages },
  { ids, end }: { readonly ids: Uint32Array; readonly end: number },
  base: BaseReading | undefined
): Promise<OpenedBase | undefined> {
  if (!base || found.state === 'complete') return undefined
  const sizes = recordSizes(model)
  const opened = await openBase(base, ids, end, model.vocabSize, sizes)
  const [own] = 'records' in found ? await resumePointsIn(store, found.records, ids.length, sizes) : []
  return opened && opened.position > (own?.position ?? 0) ? opened : undefined
}

function toldOf(found: SavedPages, base: OpenedBase | undefined): Found {
  const fromBase = base ? { fromBase: base.position } : {}
  return found.state === 'foreign'
    ? { state: 'foreign', differs: found.differs, ...fromBase }
    : { state: found.state, ...fromBase }
}
