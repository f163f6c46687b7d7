/**
 * Brings pages back from the store for an answer, a piece of neighbouring pages at a time, into two buffers in turn: while
 * the one is attended to, the next piece comes from the disk.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { EngineFailure } from '../failure'
import { pageRows } from '../kernels/page-layout'
import type { PagesOnDisk } from './pages-on-disk'

/** Pages asked of the disk at once. */
const readAtOnce = 8

/** Where a page lies on the GPU now, in bytes; undefined where it does not. */
export type PageOnGpu = (page: number) => { readonly buffer: GPUBuffer; readonly offset: number } | undefined

/** Rows of a document that are attended to at once: whole pages, the last one perhaps unfinished. */
export interface Piece {
  readonly firstPage: number
  readonly rows: number
}

/** What is on its way from the disk: by page of the piece, undefined where the page lay on the GPU. */
interface Ahead {
  readonly piece: Piece
  readonly pages: Promise<(Uint8Array | undefined)[]>
}

const same = (a: Piece | undefined, b: Piece): boolean => a?.firstPage === b.firstPage && a.rows === b.rows
const pagesIn = ({ rows }: Piece): number => Math.ceil(rows / pageRows)

export class PageStream {
  /** Bytes that came from the disk. */
  bytes = 0
  private readonly buffers: readonly GPUBuffer[]
  private readonly holds: (Piece | undefined)[] = [undefined, undefined]
  /** Main memory of one piece; that of a piece is free again when it was handed to the GPU. */
  private readonly scratch: Uint8Array<ArrayBuffer>[] = []
  private ahead: Ahead | undefined
  /** Resolves when the GPU is done with everything before the piece brought last. */
  private done: Promise<unknown> = Promise.resolve()

  constructor(
    private readonly device: Device,
    private readonly onGpu: PageOnGpu,
    private readonly onDisk: PagesOnDisk,
    /** Pages of the largest piece. */
    readonly capacity: number,
    private readonly pageBytes: number
  ) {
    this.buffers = [0, 1].map(i => device.buffer('pages', `streamed pages ${i}`, capacity * pageBytes))
  }

  /** The buffer in which the piece at this place of an answer's list is attended to. */
  bufferOf(index: number): GPUBuffer {
    return this.buffers[index % 2]
  }

  /**
   * Brings piece `index` of `pieces` into its buffer, and asks the disk for the one behind it. Flushes `batch`. Throws
   * EngineFailure 'unreadable-pages', and 'cancelled' where `signal` says so.
   */
  async bring(batch: Batch, pieces: readonly Piece[], index: number, signal?: AbortSignal): Promise<void> {
    if (signal?.aborted) throw new EngineFailure('cancelled', 'The answer was stopped.')
    const [piece, slot] = [pieces[index], index % 2]
    if (same(this.holds[slot], piece)) return
    this.holds[slot] = undefined
    batch.flush()
    const sent = this.device.raw.queue.onSubmittedWorkDone()
    const pages = await this.take(piece)
    // Not more than two pieces wait for the GPU in memory that is not ours.
    await this.done
    this.done = sent
    this.device.check()
    for (const [i, page] of pages.entries()) await this.put(batch, piece, i, page, this.buffers[slot])
    this.holds[slot] = piece
    const next = pieces[(index + 1) % pieces.length]
    if (!same(this.holds[((index + 1) % pieces.length) % 2], next)) this.ask(next)
  }

  /** Nothing is asked of the disk any more. */
  async settled(): Promise<void> {
    await this.ahead?.pages.catch(() => undefined)
  }

  free(): void {
    for (const buffer of this.buffers) this.device.free(buffer)
  }

  private async take(piece: Piece): Promise<(Uint8Array | undefined)[]> {
    if (!same(this.ahead?.piece, piece)) {
      // Of another answer: its memory is wanted.
      await this.settled()
      this.ask(piece)
    }
    try {
      return await this.ahead!.pages
    } finally {
      this.ahead = undefined
    }
  }

  private ask(piece: Piece): void {
    const pages = this.readAll(piece)
    pages.catch(() => undefined)
    this.ahead = { piece, pages }
  }

  private async readAll(piece: Piece): Promise<(Uint8Array | undefined)[]> {
    const found = Array<Uint8Array | undefined>(pagesIn(piece)).fill(undefined)
    let next = 0
    const some = async (): Promise<void> => {
      while (next < found.length) {
        const i = next++
        if (!this.onGpu(piece.firstPage + i)) found[i] = await this.read(piece.firstPage + i, i)
      }
    }
    await Promise.all(Array.from({ length: readAtOnce }, some))
    return found
  }

  private async read(page: number, place: number): Promise<Uint8Array> {
    const bytes = await this.onDisk.read(
      page,
      (this.scratch[place] ??= new Uint8Array(this.onDisk.scratchBytes))
    )
    this.device.check()
    if (!bytes) throw unreadable(page)
    this.bytes += bytes.length
    return bytes
  }

  private async put(
    batch: Batch,
    { firstPage }: Piece,
    place: number,
    read: Uint8Array | undefined,
    buffer: GPUBuffer
  ): Promise<void> {
    const [page, at] = [firstPage + place, place * this.pageBytes]
    const there = read ? undefined : this.onGpu(page)
    if (there) return batch.copy(there.buffer, there.offset, buffer, at, this.pageBytes)
    // Between asking and bringing, reading went on and another page took its place: it is on the disk now.
    const bytes = read ?? (await this.read(page, place))
    this.device.raw.queue.writeBuffer(buffer, at, bytes as Uint8Array<ArrayBuffer>)
  }
}

const unreadable = (page: number): EngineFailure =>
  new EngineFailure(
    'unreadable-pages',
    `What was read of tokens ${(page * pageRows).toLocaleString('en')} to ${((page + 1) * pageRows - 1).toLocaleString('en')} could not be read back from the disk. ` +
      'Open the document again: what is damaged is found then and read anew, and the rest is kept.'
  )
