/**
 * The reading loop: chunk -> lower half -> shared K/V -> page -> save. The upper half is skipped: this early exit is
 * what makes reading linear and cheap (paper section 2.3).
 *
 * The chunk adapts so that one submit takes 50 to 100 ms on the adapter at hand: shorter submits waste it, longer ones
 * make the desktop stutter, and Windows resets a device after 2 s. Where even a short chunk takes longer, the layers
 * are spread over several submits.
 */
import { Batch } from './device/batch'
import { EngineFailure } from './failure'
import type { Carry } from './kv/carry'
import type { Pages } from './kv/pages'
import type { Model } from './model/model'
import type { SerialQueue } from './serial-queue'

/** Lower and upper bound of a submit in milliseconds. */
const submitTime = { low: 45, high: 90 }
/** Weights are read once per chunk: below this many rows the matrix product wastes its time on them. */
const leastRows = 32

export class ChunkSizer {
  rows: number
  submits = 1

  constructor(
    private readonly most: number,
    private readonly layers: number,
    readonly fixed?: number
  ) {
    this.rows = fixed ?? Math.min(leastRows, most)
  }

  /** Learns from a full chunk that took `ms`. */
  learn(rows: number, ms: number): void {
    if (this.fixed !== undefined || rows < this.rows) return
    if (ms > submitTime.high) {
      if (this.rows > leastRows) this.rows = Math.max(leastRows, this.shrink(ms))
      else this.submits = Math.min(this.layers, Math.max(this.submits, Math.ceil(ms / submitTime.high)))
    } else if (ms < submitTime.low) {
      if (this.submits > 1) this.submits--
      else this.rows = Math.min(this.most, this.rows * 2)
    }
  }

  private shrink(ms: number): number {
    return Math.floor((this.rows * submitTime.high) / ms / 8) * 8
  }
}

export interface ReadingOptions {
  readonly signal?: AbortSignal
  /** Fixed chunk length; for tests and `--chunk`. */
  readonly chunk?: number
  /**
   * The lower half starts fresh at every multiple of so many tokens, as if these stretches were read each for itself;
   * positions go on. Of unsaved readings only: it shows what their pages put one after another are good for.
   */
  readonly freshEvery?: number
  /** Who else uses the working memory: answers may be given between chunks. */
  readonly queue?: SerialQueue
  /** The next position that a chunk must end at; asked before every chunk. */
  readonly border?: (at: number) => number
  /** After every chunk, with the position reached; awaited before the next one is sent. */
  readonly onChunk?: (position: number) => Promise<void> | void
}

/** A text, from where it is to be read, and what goes on from there. */
export interface TextReading {
  readonly ids: Uint32Array
  readonly from: number
  readonly carry: Carry
  readonly pages: Pages
}

/**
 * Reads ids[from ...] into `pages`, row = position, moving `carry` from position `from` on. Stops between chunks when
 * the signal says so, throwing EngineFailure('cancelled') with carry and pages whole up to `carry.position`.
 */
export async function prefill(
  model: Model,
  { ids, from, carry, pages }: TextReading,
  options: ReadingOptions = {}
): Promise<void> {
  const { device } = model
  const sizer = new ChunkSizer(
    model.longest,
    model.readingSteps,
    options.chunk === undefined ? undefined : Math.min(options.chunk, model.longest)
  )
  for (let at = from; at < ids.length;) {
    if (options.signal?.aborted)
      throw new EngineFailure('cancelled', `Reading stopped at token ${at} of ${ids.length}.`)
    const room = Math.min(pages.roomAt(at), (options.border?.(at) ?? Infinity) - at, roomToFresh(at, options))
    const rows = Math.min(sizer.rows, ids.length - at, room)
    const work = async (): Promise<void> => {
      const begun = performance.now()
      freshAt(model, at, carry, options)
      await readChunk(model, { ids, at, rows, carry, pages }, sizer.submits)
      await device.idle()
      sizer.learn(rows, performance.now() - begun)
    }
    await (options.queue ? options.queue.run(work) : work())
    at += rows
    await options.onChunk?.(at)
  }
}

/** Tokens from `at` to the next fresh start. */
export const roomToFresh = (at: number, { freshEvery }: ReadingOptions): number =>
  freshEvery === undefined ? Infinity : freshEvery - (at % freshEvery)

/** Lets the carry start fresh where it is to. Throws EngineFailure('unsupported-model') where that would change nothing. */
export function freshAt(model: Model, at: number, carry: Carry, { freshEvery }: ReadingOptions): void {
  if (freshEvery === undefined) return
  if (model.plan.attendsWhileReading)
    throw new EngineFailure(
      'unsupported-model',
      'This model looks at all that it has read while it reads on, so stretches of a text cannot be read apart. Read it whole.'
    )
  if (at === 0 || at % freshEvery !== 0) return
  const batch = new Batch(model.device)
  carry.startFresh(batch)
  batch.submit()
}

/** Rows of a text, `at` the position of the first, and where they go. */
export interface TextChunk {
  readonly ids: Uint32Array
  readonly at: number
  readonly rows: number
  readonly carry: Carry
  readonly pages: Pages
}

/** Encodes and submits one chunk as reading takes it, spread over `submits`; waits only for what tokens bring from disk. */
export async function readChunk(
  model: Model,
  { ids, at, rows, carry, pages }: TextChunk,
  submits = 1
): Promise<void> {
  const tokens = ids.subarray(at, at + rows)
  const tokenRows = await model.tokenRows?.reading.rows(tokens)
  const chunk = { start: at, rows, tokens, tokenRows, pages, row: at }
  const stepsUntil = (part: number): number => Math.floor((model.readingSteps * part) / submits)
  for (let part = 0; part < submits; part++) {
    const batch = new Batch(model.device)
    model.read(batch, chunk, carry, stepsUntil(part), stepsUntil(part + 1))
    batch.submit()
  }
  pages.wrote(at, at + rows)
}
