/**
 * One document's timeline: load what is saved, read on from there, branch off for a question. The only place that
 * knows about reuse: the caller says what should be true (`this document is read`), not how.
 */
import { EngineFailure } from './failure'
import { Pages } from './kv/pages'
import type { PageIdentity, PageStore } from './kv/page-store'
import { SavedReading, savedTokens } from './kv/saved-reading'
import { decode, type DecodeEnd, type DecodeOptions, type Timeline } from './decode'
import type { ChooseToken } from './kernels/choose-token'
import { prefill, type ReadingOptions } from './prefill'
import type { Turns } from './turns'
import type { Carry } from './yoco/carry'
import type { Model } from './yoco/model'

export interface ReadingProgress {
  /** Tokens read so far and in all, those that were on disk already included. */
  readonly tokens: number
  readonly total: number
  /** Tokens that were taken from disk. */
  readonly reused: number
  /** Seconds of reading so far and tokens per second over them; 0 before the first chunk. */
  readonly seconds: number
  readonly tokensPerSecond: number
  /** Bytes on disk; 0 without a store. */
  readonly bytes: number
}

/** What was on disk for this document. */
export type Found =
  | { readonly state: 'absent' | 'partial' | 'complete' }
  | { readonly state: 'foreign'; readonly differs: readonly string[] }

export interface TimelineOptions extends Omit<ReadingOptions, 'onChunk' | 'border'> {
  readonly onProgress?: (progress: ReadingProgress) => void
  /** Told once what was on disk, before reading begins; throws to prevent it. */
  readonly onFound?: (found: Found, tokensToRead: number, tokens: number) => Promise<void> | void
}

export class ReadTimeline implements Timeline {
  readonly rows: number

  private constructor(
    private readonly model: Model,
    private readonly turns: Turns,
    readonly ids: Uint32Array,
    readonly prefix: number,
    readonly pages: Pages,
    readonly carry: Carry,
    /** Tokens taken from disk; the others were computed now. */
    readonly reused: number,
    readonly seconds: number,
    readonly pageFileBytes: number
  ) {
    this.rows = ids.length
  }

  /**
   * Makes `text` read: takes from `store` what was saved under the same identity, computes the rest, saves as it goes.
   * A function in place of ids is asked only when none are saved: at 32K tokens two thirds of reopening was tokenizing.
   * On cancellation everything read so far is saved first.
   */
  static async open(
    model: Model,
    turns: Turns,
    text: Uint32Array | (() => Uint32Array),
    prefix: number,
    store: PageStore | undefined,
    identity: PageIdentity,
    options: TimelineOptions = {}
  ): Promise<ReadTimeline> {
    model.device.check()
    const begun = performance.now()
    const found = store ? await store.open(identity) : ({ state: 'absent' } as const)
    const known = found.state === 'partial' || found.state === 'complete'
    const savedIds =
      store && known ? await savedTokens(store, found.records, model.config.vocabSize) : undefined
    const ids = text instanceof Uint32Array ? text : (savedIds ?? text())
    if (ids.length === 0) throw new EngineFailure('broken-model', 'There is nothing to read: no tokens.')
    const pages = await Pages.allocate(model.device, ids.length, model.pages.pageBytes)
    const carry = model.newCarry()
    const saved = store ? new SavedReading(model, store, pages, carry) : undefined
    try {
      if (found.state === 'foreign') await options.onFound?.(found, ids.length, ids.length)
      else if (!known) await options.onFound?.({ state: 'absent' }, ids.length, ids.length)
      if (store && saved && !known) {
        await store.begin(identity)
        await saved.begin(ids)
      }
      const reused = known && saved ? await saved.restore(found.records, ids) : 0
      if (known) await options.onFound?.({ state: found.state }, ids.length - reused, ids.length)
      const progress = (tokens: number): void => {
        const seconds = (performance.now() - begun) / 1000
        const tokensPerSecond = seconds > 0 ? (tokens - reused) / seconds : 0
        options.onProgress?.({
          tokens,
          total: ids.length,
          reused,
          seconds,
          tokensPerSecond,
          bytes: store?.bytes ?? 0
        })
      }
      progress(reused)
      if (reused < ids.length) {
        try {
          await prefill(model, ids, reused, carry, pages, {
            ...options,
            turns,
            border: saved && (at => saved.nextCarry(at)),
            onChunk: async position => {
              await saved?.chunkRead(position)
              progress(position)
            }
          })
        } catch (error) {
          if (error instanceof EngineFailure && error.code === 'cancelled') await saved?.pause(carry.position)
          throw error
        }
      }
      if (found.state !== 'complete' || reused < ids.length) await saved?.finish(ids.length)
      progress(ids.length)
      const seconds = (performance.now() - begun) / 1000
      return new ReadTimeline(model, turns, ids, prefix, pages, carry, reused, seconds, store?.bytes ?? 0)
    } catch (error) {
      carry.free()
      pages.free()
      throw error
    } finally {
      await saved?.settled().catch(() => undefined)
      saved?.free()
    }
  }

  /** Continues by `question`; see `decode`. Any number of answers may run at once. */
  answer(
    choose: ChooseToken,
    question: Uint32Array,
    options: DecodeOptions
  ): AsyncGenerator<Uint32Array, DecodeEnd> {
    return decode(this.model, choose, this.turns, this, question, options)
  }

  free(): void {
    this.carry.free()
    this.pages.free()
  }
}
