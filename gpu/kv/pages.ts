/** The pages of one document (or of one answer) on the GPU: fixed-size pages inside banks within the adapter's limits. */
import type { Device } from '../device/device'
import { EngineFailure } from '../failure'
import type { BankRows } from '../kernels/page-attention'
import { pageRows } from '../kernels/page-layout'

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

export class Pages {
  /** Rows written so far. */
  rows = 0

  private constructor(
    private readonly device: Device,
    readonly banks: readonly Bank[],
    readonly pageBytes: number
  ) {}

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

  /** Bytes that `rows` rows need, and how many of them the adapter grants just now, tried out for a while and given back. */
  static async fit(
    device: Device,
    rows: number,
    pageBytes: number,
    mostBankBytes = device.largestBinding
  ): Promise<{ readonly bytes: number; readonly most: number }> {
    const { bytes, bankBytes } = sizesOf(rows, pageBytes, mostBankBytes)
    const limit = mostBanks * bankBytes
    if (bytes > limit) return { bytes, most: limit }
    const { maxBufferSize } = device.limits
    const trials = bankSizes(bytes, bankBytes).flatMap(bank =>
      // Of a bank that no buffer may be, nothing would be learnt from its pieces.
      bank > maxBufferSize ? [bank] : bankSizes(bank, trialBytes)
    )
    return { bytes, most: await device.grants(trials) }
  }

  /** The bank that holds a row, and the row inside it. */
  locate(row: number): { bank: Bank; row: number } {
    const bank = this.banks.findLast(b => b.first <= row)
    if (!bank || row >= bank.first + bank.capacity) throw new Error(`pages: no room for row ${row}`)
    return { bank, row: row - bank.first }
  }

  /** Rows from `row` on that fit into the same bank. */
  roomAt(row: number): number {
    const { bank } = this.locate(row)
    return bank.first + bank.capacity - row
  }

  /** What attention may read: the first `rows` rows; rows before `spanFrom` carry no text. */
  view(rows: number, spanFrom: number): BankRows[] {
    return this.banks
      .filter(bank => bank.first < rows)
      .map(bank => ({
        buffer: bank.buffer,
        rows: Math.min(bank.capacity, rows - bank.first),
        spanFrom: Math.max(0, spanFrom - bank.first)
      }))
  }

  /** Where page `index` lies. */
  pageAt(index: number): { buffer: GPUBuffer; offset: number } {
    const { bank, row } = this.locate(index * pageRows)
    return { buffer: bank.buffer, offset: (row / pageRows) * this.pageBytes }
  }

  get capacity(): number {
    return this.banks.reduce((sum, bank) => sum + bank.capacity, 0)
  }

  free(): void {
    for (const bank of this.banks) this.device.free(bank.buffer)
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
