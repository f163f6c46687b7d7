/**
 * The pages of one document (or of one answer): fixed-size pages inside banks within the adapter's limits. Where a document
 * is larger than the memory, its first pages lie in banks, those that reading writes last in a ring, and the others on disk.
 */
import type { Batch } from '../device/batch'
import type { Device } from '../device/device'
import { EngineFailure } from '../failure'
import type { BankRows } from '../kernels/page-attention'
import { pageRows } from '../kernels/page-layout'
import { PageRing } from './page-ring'
import { type PageSizes, pieceSplits, type StreamedRoom } from './page-room'
import { type PageOnGpu, PageStream, type Piece } from './page-stream'
import type { PagesOnDisk } from './pages-on-disk'

export interface Bank {
  readonly buffer: GPUBuffer
  /** Row of the text that this bank's first row holds. */
  readonly first: number
  /** Rows it has room for; whole pages. */
  readonly capacity: number
}

/** Bytes that are tried out at once: a software adapter clears what it grants, 1 GiB in 3 s, and all that it draws waits. */
const trialBytes = 128 << 20
/** Every bank costs dispatches for each token of an answer; of 128 MiB, the least that adapters grant, these are 64 GiB. */
const mostBanks = 512

/** What a document has whose pages do not all lie in banks. */
interface Streamed {
  readonly ring: PageRing
  readonly stream: PageStream
  readonly onDisk: PagesOnDisk
  readonly sizes: PageSizes
  /** Of a bank, if it lay in memory. */
  readonly bankRows: number
  /** Of the pages that the banks have no room for. */
  readonly bytesBeyond: number
}

export class Pages {
  /** Rows written so far. */
  rows = 0

  private constructor(
    private readonly device: Device,
    readonly banks: readonly Bank[],
    readonly pageBytes: number,
    private readonly streamed?: Streamed
  ) {}

  /** Bytes of the pages that the banks have no room for. */
  get bytesBeyond(): number {
    return this.streamed?.bytesBeyond ?? 0
  }

  /** Room for `rows` rows. Throws EngineFailure('too-long') with both numbers when the adapter refuses. */
  static async allocate(
    device: Device,
    rows: number,
    pageBytes: number,
    mostBankBytes = device.largestBinding
  ): Promise<Pages> {
    const made: Bank[] = []
    const { bytes, bankBytes } = sizesOf(rows, pageBytes, mostBankBytes)
    const needed = `${rows.toLocaleString('en')} tokens need ${mib(bytes)}`
    if (bytes > mostBanks * bankBytes)
      throw new EngineFailure(
        'too-long',
        `${needed} for their keys and values, and ${mib(mostBanks * bankBytes)} are the most that this adapter's buffers can hold for one text.`
      )
    if (bytes > device.memoryLeft)
      throw new EngineFailure(
        'too-long',
        `${needed} for their keys and values, and ${mib(Math.max(0, device.memoryLeft))} are left of the ${mib(device.memoryLimit)} of graphics memory that may be used.`
      )
    let [first, granted] = [0, 0]
    for (const size of bankSizes(bytes, bankBytes)) {
      const what = `${needed} for their keys and values, of which the adapter granted ${mib(granted)}; the rest`
      try {
        const buffer = await device.allocating(what, () =>
          device.buffer('pages', `bank ${made.length}`, size)
        )
        const capacity = (size / pageBytes) * pageRows
        made.push({ buffer, first, capacity })
        first += capacity
        granted += size
      } catch (error) {
        for (const { buffer } of made) device.free(buffer)
        throw error
      }
    }
    return new Pages(device, made, pageBytes)
  }

  /**
   * For a document whose pages lie in the store as well: as much memory as `room` says, in banks as they would be if all of
   * it lay there. Throws as `allocate` does.
   */
  static async allocateStreamed(
    device: Device,
    { pages: all, held, ring, piece }: StreamedRoom,
    sizes: PageSizes,
    onDisk: PagesOnDisk
  ): Promise<Pages> {
    const { pageBytes } = sizes
    const what = `${mib((ring + 2 * piece) * pageBytes)}, the least for a document that is larger than the memory,`
    const banks = held === 0 ? [] : (await Pages.allocate(device, held * pageRows, pageBytes)).banks
    const bankRows = (sizesOf(1, pageBytes, device.largestBinding).bankBytes / pageBytes) * pageRows
    try {
      return await device.allocating(what, () => {
        const pageRing = new PageRing(device.buffer('pages', 'page ring', ring * pageBytes), ring)
        const onGpu: PageOnGpu = page => pages.whereIs(page)
        const stream = new PageStream(device, onGpu, onDisk, piece, pageBytes)
        const pages: Pages = new Pages(device, banks, pageBytes, {
          ring: pageRing,
          stream,
          onDisk,
          sizes,
          bankRows,
          bytesBeyond: (all - held) * pageBytes
        })
        return pages
      })
    } catch (error) {
      for (const { buffer } of banks) device.free(buffer)
      throw error
    }
  }

  /** Bytes that `rows` rows need, and how many of them the adapter grants just now, tried out for a while and given back. */
  static async fit(
    device: Device,
    rows: number,
    pageBytes: number,
    mostBankBytes = device.largestBinding
  ): Promise<{ readonly bytes: number; readonly most: number }> {
    const { bytes, bankBytes } = sizesOf(rows, pageBytes, mostBankBytes)
    const limit = mostBanks * bankBytes
    const left = device.memoryLeft
    if (bytes > Math.min(limit, left)) return { bytes, most: Math.max(0, Math.min(limit, left)) }
    const { maxBufferSize } = device.limits
    const trials = bankSizes(bytes, bankBytes).flatMap(bank =>
      // Of a bank that no buffer may be, nothing would be learnt from its pieces.
      bank > maxBufferSize ? [bank] : bankSizes(bank, trialBytes)
    )
    return { bytes, most: await device.grants(trials) }
  }

  /** Some pages lie on disk only: an answer brings them back, and reading has room for a few that are not saved. */
  get isStreamed(): boolean {
    return this.streamed !== undefined
  }

  /** The buffer in which a row lies or will lie, and its row there. */
  locate(row: number): { bank: { readonly buffer: GPUBuffer }; row: number } {
    const bank = this.bankOf(row)
    if (bank) return { bank, row: row - bank.first }
    if (!this.streamed) throw new Error(`pages: no room for row ${row}`)
    const { ring } = this.streamed
    return { bank: ring, row: ring.placeOf(Math.floor(row / pageRows)) * pageRows + (row % pageRows) }
  }

  /** Rows from `row` on that may be written in one piece. */
  roomAt(row: number): number {
    const bank = this.bankOf(row)
    if (bank) return bank.first + bank.capacity - row
    if (!this.streamed) throw new Error(`pages: no room for row ${row}`)
    const { ring, onDisk } = this.streamed
    const room = ring.roomAt(row, Math.max(this.capacity / pageRows, onDisk.count))
    if (room === 0) throw new Error(`pages: row ${row} would take the place of a page that is not saved`)
    return room
  }

  /** Rows `from` ... `to` - 1 are written. */
  wrote(from: number, to: number): void {
    this.rows = Math.max(this.rows, to)
    for (let page = Math.floor(from / pageRows); page * pageRows < to; page++) this.hold(page)
  }

  /** Puts page `index` back; `pages` are there in all. One that will be brought from the disk when it is wanted is left there. */
  putBack(index: number, page: Uint8Array, pages: number): void {
    const { ring } = this.streamed ?? {}
    if (ring && !this.bankOf(index * pageRows) && index < pages - ring.capacity) return
    const { buffer, offset } = this.pageAt(index)
    this.device.raw.queue.writeBuffer(buffer, offset, page as Uint8Array<ArrayBuffer>)
    this.hold(index)
  }

  /** What attention may read: the first `rows` rows; rows before `spanFrom` carry no text. `signal` ends waiting for the disk. */
  view(rows: number, spanFrom: number, signal?: AbortSignal): BankRows[] {
    if (this.streamed) return this.streamedView(this.streamed, rows, spanFrom, signal)
    return this.banks
      .filter(bank => bank.first < rows)
      .map(bank => ({
        buffer: bank.buffer,
        rows: Math.min(bank.capacity, rows - bank.first),
        spanFrom: Math.max(0, spanFrom - bank.first)
      }))
  }

  /** Rows of every bank of `view`, pieces of one taken together: what scratch and spans are counted by. */
  bankRows(rows: number): number[] {
    if (!this.streamed) return this.view(rows, 0).map(bank => bank.rows)
    const { bankRows } = this.streamed
    return Array.from({ length: Math.ceil(rows / bankRows) }, (_, i) =>
      Math.min(bankRows, rows - i * bankRows)
    )
  }

  /** Bytes that came from the disk for answers so far. */
  get streamedBytes(): number {
    return this.streamed?.stream.bytes ?? 0
  }

  /** Where page `index` lies. */
  pageAt(index: number): { buffer: GPUBuffer; offset: number } {
    const { bank, row } = this.locate(index * pageRows)
    return { buffer: bank.buffer, offset: (row / pageRows) * this.pageBytes }
  }

  /** Rows that the banks have room for. */
  get capacity(): number {
    return this.banks.reduce((sum, bank) => sum + bank.capacity, 0)
  }

  /** Nothing is read from the store any more. */
  async settled(): Promise<void> {
    await this.streamed?.stream.settled()
  }

  free(): void {
    for (const bank of this.banks) this.device.free(bank.buffer)
    if (!this.streamed) return
    this.device.free(this.streamed.ring.buffer)
    this.streamed.stream.free()
  }

  /** Where a page lies that was written; undefined where it is on disk only. */
  private whereIs(page: number): { buffer: GPUBuffer; offset: number } | undefined {
    return this.bankOf(page * pageRows) || this.streamed?.ring.has(page) ? this.pageAt(page) : undefined
  }

  private bankOf(row: number): Bank | undefined {
    const bank = this.banks.findLast(b => b.first <= row)
    return bank && row < bank.first + bank.capacity ? bank : undefined
  }

  private hold(page: number): void {
    if (!this.bankOf(page * pageRows)) this.streamed?.ring.hold(page)
  }

  /** Bank by bank, as if all of it lay in memory: what does is one piece, the rest are pieces from the disk. */
  private streamedView(
    { stream, sizes, bankRows }: Streamed,
    rows: number,
    spanFrom: number,
    signal: AbortSignal | undefined
  ): BankRows[] {
    const pieces: Piece[] = []
    const found: BankRows[] = []
    for (let first = 0; first < rows; first += bankRows) {
      const end = Math.min(rows, first + bankRows)
      const { tilesPerSplit, leastRows } = pieceSplits(end - first, sizes)
      const bank = this.bankOf(first)
      const there = Math.min(bank?.capacity ?? 0, end - first)
      const held = first + there === end ? there : Math.floor(there / leastRows) * leastRows
      if (bank && held > 0)
        found.push({
          buffer: bank.buffer,
          rows: held,
          spanFrom: Math.max(0, spanFrom - first),
          tilesPerSplit
        })
      const step = Math.floor((stream.capacity * pageRows) / leastRows) * leastRows
      for (let at = first + held; at < end; at += step) {
        const index = pieces.push({ firstPage: at / pageRows, rows: Math.min(step, end - at) }) - 1
        found.push({
          buffer: stream.bufferOf(index),
          rows: pieces[index].rows,
          spanFrom: Math.max(0, spanFrom - at),
          tilesPerSplit,
          ready: (batch: Batch) => stream.bring(batch, pieces, index, signal)
        })
      }
    }
    return found
  }
}

/** Whole pages, one at least; as many to a bank as one binding reaches. */
function sizesOf(
  rows: number,
  pageBytes: number,
  mostBankBytes: number
): { bytes: number; bankBytes: number } {
  const perBank = Math.max(1, Math.floor(mostBankBytes / pageBytes))
  return { bytes: Math.max(1, Math.ceil(rows / pageRows)) * pageBytes, bankBytes: perBank * pageBytes }
}

function bankSizes(bytes: number, bankBytes: number): number[] {
  const full = Math.floor(bytes / bankBytes)
  const rest = bytes % bankBytes
  return [...Array<number>(full).fill(bankBytes), ...(rest > 0 ? [rest] : [])]
}

const mib = (bytes: number): string => `${Math.ceil(bytes / (1 << 20)).toLocaleString('en')} MiB`
