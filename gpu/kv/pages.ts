/** The pages of one document (or of one answer) on the GPU: fixed-size pages inside banks within the adapter's limits. */
import type { Device } from '../device/device'
import { type BankRows, pageRows } from '../kernels/page-attention'

export interface Bank {
  readonly buffer: GPUBuffer
  /** Row of the text that this bank's first row holds. */
  readonly first: number
  /** Rows it has room for; whole pages. */
  readonly capacity: number
}

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
    const pages = Math.max(1, Math.ceil(rows / pageRows))
    const perBank = Math.max(1, Math.floor(mostBankBytes / pageBytes))
    const mib = (bytes: number): string => `${Math.ceil(bytes / (1 << 20)).toLocaleString('en')} MiB`
    const banks = await device.allocating(
      `${rows.toLocaleString('en')} tokens need ${mib(pages * pageBytes)} for their keys and values, which`,
      () => {
        const made: Bank[] = []
        for (let first = 0; first < pages; first += perBank) {
          const count = Math.min(perBank, pages - first)
          const buffer = device.buffer('pages', `bank ${made.length}`, count * pageBytes)
          made.push({ buffer, first: first * pageRows, capacity: count * pageRows })
        }
        return made
      }
    )
    return new Pages(device, banks, pageBytes)
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
